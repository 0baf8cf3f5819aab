"""One secret of every kind that the house hands out, all of one person's."""

from dataclasses import dataclass, field

from flask import Flask
from flask.testing import FlaskClient

from inkhorn.accounts.models import Purpose
from inkhorn.accounts.queries import digest
from inkhorn.accounts.services.following import renew_following_key
from inkhorn.accounts.services.invitations.inviting import invite_person
from inkhorn.accounts.services.sessions import Visit, open_session
from inkhorn.accounts.services.setup import make_setup_link
from inkhorn.accounts.services.tokens import issue_token
from inkhorn.core import tokens
from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from inkhorn.media.services.signing import sign_for
from inkhorn.posts.models import Status
from tests.accounts.browsing import token_in
from tests.accounts.programs.asking import make_integration, make_key, pair
from tests.cast import Person
from tests.factories.accounts import PASSWORD, make_user
from tests.factories.posts import make_post

BROWSER = "a browser's own number"


@dataclass
class Secrets:
    """One of each kind, by name, all of one person's."""

    app: Flask
    of: dict[str, str] = field(default_factory=dict)

    def client(self, **cookies: str) -> FlaskClient:
        client = self.app.test_client()
        for name, value in cookies.items():
            client.set_cookie(name.replace("_", "-"), value)
        return client


def one_of_each(app: Flask) -> Secrets:
    """Ida's, in the open database of a test."""
    made = Secrets(app)
    with transaction():
        made.of["setup"] = make_setup_link() or ""
    ida = make_user(password=PASSWORD)
    for number in range(2):
        make_post(by=Person(ida), title=f"Tide {number}", status=Status.PUBLISHED)
    told = pair(app.test_client(), ida)
    made.of |= {"access": told["access_token"], "refresh": told["refresh_token"]}
    made.of |= {"personal": make_key(Person(ida)).text, "integration": make_integration().text}
    with transaction():
        user = session().merge(ida)
        made.of["session"] = open_session(user, Visit(address="127.0.0.1"))
        made.of["following"] = renew_following_key(user, by=House())
        invitation = invite_person(email="jo@example.org", role="author", by=House())
        invitation.digest = digest("a secret of the invitation's letter")
        made.of["invitation"] = "a secret of the invitation's letter"
        for purpose in Purpose:
            more = {"way": "password", "is_remembered": False, "wanted": None, "change": "x", "act": "sign_in"}
            issued = issue_token(purpose, user=user, email="new@example.org", browser=digest(BROWSER), **more)
            made.of[purpose.value] = issued.secret
    made.of["form"] = token_in(made.client(inkhorn=made.of["session"]), "/account/")
    made.of["cursor"] = made.client().get("/api/v1/posts?page[size]=1").json["links"]["next"].split("cursor]=")[1]
    made.of["media"] = sign_for("0a")
    made.of["sheet"] = tokens.sign("sheet", {"form": "join", "at": 0.0, "once": "x"})
    made.of["browser"] = BROWSER
    return made
