"""A program at the API with nothing but a key or token, and ways to come by one."""

from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from inkhorn.accounts.identity.actor import Person
from inkhorn.accounts.models import User
from inkhorn.accounts.services.programs import keys
from inkhorn.accounts.services.programs.keys import MadeKey
from inkhorn.core.access import Actor, House
from inkhorn.core.database import session, transaction
from tests.factories.accounts import PASSWORD

WHO = "/api/v1/tokens/current"


def make_key(person: Person, *words: str, **more: Any) -> MadeKey:
    """A key of somebody's own, for these words."""
    with transaction():
        user = session().merge(person.user)
        return keys.make_personal_key(user, name=more.pop("name", "Script"), permissions=words or ["posts.write"], by=person, **more)


def make_integration(*words: str, by: Actor | None = None, **more: Any) -> MadeKey:
    with transaction():
        named = more.pop("name", "Shop")
        return keys.make_integration_key(name=named, permissions=words or ["posts.write"], by=by or House(), **more)


def bearer(text: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {text}"}


def asks(app: Flask, text: str, address: str = WHO, **more: Any) -> TestResponse:
    """What a client without cookies is answered that shows the text."""
    return app.test_client().open(address, headers=bearer(text), **more)


def sign_in(client: FlaskClient, user: User, **more: str) -> TestResponse:
    return client.post("/api/v1/tokens", json={"login": user.email, "password": PASSWORD, **more})


def pair(client: FlaskClient, user: User, **more: str) -> dict[str, str]:
    answer = sign_in(client, user, **more)
    assert answer.status_code == 200, answer.text
    return answer.json["data"]


def refresh(client: FlaskClient, text: str) -> TestResponse:
    return client.post("/api/v1/tokens/refresh", json={"refresh_token": text})
