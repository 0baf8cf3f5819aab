"""Makes people and signs them in."""

from flask import Flask
from flask.testing import FlaskClient

from inkhorn.accounts.models import User
from inkhorn.accounts.services import sessions
from inkhorn.accounts.services.people import create_user
from inkhorn.core.access import House
from inkhorn.core.database import session, transaction

PASSWORD = "correct horse battery staple 7"


def make_user(*, email: str = "ida@example.org", name: str = "Ida", role: str = "author", password: str | None = None) -> User:
    """An account that can sign in; without a password it can only be signed in by browser_of."""
    with transaction():
        return create_user(email=email, name=name, role=role, password=password, by=House())


def browser_of(app: Flask, user: User) -> FlaskClient:
    """A browser in which the user has signed in."""
    with transaction():
        token = sessions.open_session(session().merge(user), address="127.0.0.1", device="a test")
    client = app.test_client()
    client.set_cookie("inkhorn", token)
    return client
