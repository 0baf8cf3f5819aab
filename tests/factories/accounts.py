"""Makes people, signs them in and hands them second factors."""

from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from inkhorn.accounts import codes
from inkhorn.accounts.models import Authenticator, RecoveryCode, User
from inkhorn.accounts.services import factors, sessions
from inkhorn.accounts.services.people import create_user
from inkhorn.core.access import House
from inkhorn.core.audit import Entry
from inkhorn.core.clock import now
from inkhorn.core.database import session, transaction
from inkhorn.core.sealing import seal

PASSWORD = "correct horse battery staple 7"


def make_user(*, email: str = "ida@example.org", name: str = "Ida", role: str = "author", password: str | None = None) -> User:
    """An account that can sign in; without a password it can only be signed in by browser_of."""
    with transaction():
        return create_user(email=email, name=name, role=role, password=password, by=House())


def browser_of(app: Flask, user: User) -> FlaskClient:
    """A browser in which the user has signed in."""
    with transaction():
        token = sessions.open_session(session().merge(user), sessions.Visit(address="127.0.0.1", device="a test"))
    client = app.test_client()
    client.set_cookie("inkhorn", token)
    return client


@dataclass(frozen=True)
class Phone:
    """An authenticator app as its owner holds it."""

    seed: str

    def code(self) -> str:
        """What it shows now, by the clock of the test."""
        return codes.code_at(self.seed, now())


def give_app(user: User) -> Phone:
    """Set an app up for the user that has shown no code so far."""
    phone = Phone(codes.make_seed())
    with transaction():
        sealed = seal(factors.SEALED_AS, phone.seed)
        session().add(Authenticator(user_id=user.id, sealed_secret=sealed, last_counter=0, confirmed_at=now()))
    return phone


def give_codes(user: User, many: int = 2) -> list[str]:
    """Recovery codes, fewer than are usual: each costs the time of a password."""
    drawn, salt = codes.make_paper_codes()[:many], codes.make_salt()
    with transaction():
        session().add_all(RecoveryCode(user_id=user.id, digest=codes.paper_code_digest(each, salt), salt=salt) for each in drawn)
    return drawn


class Browser:
    """One person's browser, which sends the token of its forms along."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.token = client.get("/account/").text.split('name="csrf_token" value="')[1].split('"')[0]

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, **options)

    def send(self, path: str, **fields: Any) -> TestResponse:
        return self.client.post(path, data={"csrf_token": self.token} | fields)


def audited(action: str) -> int:
    """How many entries of the log note that."""
    return session().scalar(select(func.count()).select_from(Entry).where(Entry.action == action)) or 0
