"""What many do to people in the same moment, on both kinds of database: one invitation opens one account."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from inkhorn.accounts.models import Invitation, User
from inkhorn.accounts.services.invitations import inviting
from inkhorn.accounts.services.invitations.accepting import InvitationSpent
from inkhorn.accounts.services.people import AuthorClaimed, take_in_author
from inkhorn.core import audit
from inkhorn.core.access import House
from inkhorn.core.database import db, session, transaction
from inkhorn.core.errors import Conflict
from tests.accounts.guests import accept, invite, secret_for
from tests.accounts.test_at_once import all_at_once
from tests.factories.accounts import PASSWORD

pytestmark = pytest.mark.slow


def count(table: type) -> int:
    return session().scalar(select(func.count()).select_from(table)) or 0


def invited(app: Flask, **more) -> str:
    """The secret of an invitation that was just sent."""
    with app.app_context():
        invite(House(), **more)
        secret = secret_for(more.get("email", "jo@example.org"))
        db.session.close()
    return secret


def test_of_fifty_who_accept_one_invitation_exactly_one_gets_in(crowded: Flask):
    secret = invited(crowded)

    def take(number: int) -> str:
        try:
            accept(secret, f"Jo {number}")
        except InvitationSpent:
            return "spent"
        return "in"

    assert all_at_once(crowded, 50, take) == {"in": 1, "spent": 49}
    with crowded.app_context():
        assert count(User) == 1
        accepted = select(func.count()).where(audit.Entry.action == "accounts.invitation_accepted")
        assert session().scalar(accepted) == 1


def test_of_fifty_browsers_one_is_signed_in_and_the_others_are_told(crowded: Flask):
    secret = invited(crowded)

    def post(_number: int) -> int:
        browser = crowded.test_client()
        browser.set_cookie("inkhorn-pending", secret)
        return browser.post("/invitation", data={"name": "Jo", "password": PASSWORD}).status_code

    assert all_at_once(crowded, 50, post) == {303: 1, 410: 49}


def test_one_address_has_one_open_invitation(crowded: Flask):
    def ask(_number: int) -> str:
        try:
            invite(House())
        except Conflict:
            return "refused"
        return "sent"

    assert all_at_once(crowded, 20, ask) == {"sent": 1, "refused": 19}
    with crowded.app_context():
        assert count(Invitation) == 1


def test_of_two_invited_as_one_author_one_becomes_them(crowded: Flask):
    with crowded.app_context(), transaction():
        number = take_in_author(name="Old Hand", origin="o", origin_key="k").id
    secrets = [invited(crowded, email=f"{name}@example.org") for name in "ab"]
    with crowded.app_context(), transaction():
        for each in session().scalars(select(Invitation)):
            each.author_id = number

    def take(number: int) -> str:
        try:
            accept(secrets[number])
        except AuthorClaimed:
            return "late"
        return "in"

    assert all_at_once(crowded, 2, take) == {"in": 1, "late": 1}
    with crowded.app_context():
        assert count(User) == 1


def test_taken_back_and_accepted_at_once_one_of_both_happens(crowded: Flask):
    secret = invited(crowded)

    def act(number: int) -> str:
        try:
            if number % 2:
                accept(secret)
                return "in"
            with transaction():
                inviting.withdraw_invitation(session().scalars(select(Invitation)).one(), by=House())
        except (InvitationSpent, Conflict):
            return "late"
        return "taken back"

    seen = all_at_once(crowded, 12, act)
    assert seen["late"] == 11
    with crowded.app_context():
        assert count(User) == seen["in"]
