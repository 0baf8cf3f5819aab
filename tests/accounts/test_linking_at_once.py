"""One account elsewhere is taken once, one offer and one proof are used once, and nobody is locked out, however many come at once."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from inkhorn.accounts.models import LinkedIdentity, User
from inkhorn.accounts.services import linking
from inkhorn.accounts.services.linking import Identity
from inkhorn.accounts.services.sessions import Visit
from inkhorn.accounts.settings import AccountSettings
from inkhorn.core import captcha, settings
from inkhorn.core.access import House
from inkhorn.core.captcha import NotHuman
from inkhorn.core.database import session, transaction
from inkhorn.core.errors import InkhornError
from tests.accounts.test_at_once import all_at_once
from tests.factories.accounts import make_user
from tests.puzzles import drawn

pytestmark = pytest.mark.slow

MANY = 50
IDENTITY = Identity(provider="oidc", issuer="https://sso.example", subject="1001", label="ida", name="Ida", email="ida@example.org")
VISIT = Visit(address="192.0.2.7", browser="b" * 64)


@pytest.fixture
def open_site(crowded: Flask) -> Flask:
    with crowded.app_context(), transaction():
        settings.tune(AccountSettings, by=House(), registration="open")
    return crowded


def count(kind: type) -> int:
    return session().scalar(select(func.count()).select_from(kind))


def outcome(act) -> str:
    try:
        with transaction():
            act()
    except InkhornError as error:
        return type(error).__name__
    return "done"


def test_one_offer_opens_one_account(open_site: Flask):
    with open_site.app_context(), transaction():
        offer = linking.offer_account(IDENTITY, VISIT)

    def take(_number: int) -> str:
        return outcome(lambda: linking.join_by_identity(offer, "oidc", VISIT, name="Ida", accepts_terms=False))

    assert all_at_once(open_site, MANY, take) == {"done": 1, "CeremonyOver": MANY - 1}
    with open_site.app_context():
        assert (count(User), count(LinkedIdentity)) == (1, 1)


def test_many_offers_of_one_person_open_one_account(open_site: Flask):
    with open_site.app_context(), transaction():
        offers = [linking.offer_account(IDENTITY, VISIT) for _ in range(MANY)]

    def take(number: int) -> str:
        return outcome(lambda: linking.join_by_identity(offers[number], "oidc", VISIT, name="Ida", accepts_terms=False))

    # Whoever comes second signs in to it, or is told that the address is taken in the same moment.
    seen = all_at_once(open_site, MANY, take)
    assert set(seen) <= {"done", "Conflict", "EmailTaken", "KnownAddress", "LinkedElsewhere"}
    assert seen["done"] >= 1
    with open_site.app_context():
        assert (count(User), count(LinkedIdentity)) == (1, 1)


def test_one_answer_of_a_provider_is_taken_once(crowded: Flask):
    with crowded.app_context(), transaction():
        begun = linking.begin_ceremony("oidc", VISIT, back="http://localhost/back")
    seen = all_at_once(crowded, MANY, lambda _number: outcome(lambda: linking.claim_ceremony(begun.state, "oidc", VISIT)))
    assert seen == {"done": 1, "CeremonyOver": MANY - 1}


def test_one_account_elsewhere_is_linked_to_one_person(crowded: Flask):
    with crowded.app_context():
        users = [make_user(email=f"ida{number}@example.org", name=f"Ida {number}").id for number in range(MANY)]

    def take(number: int) -> str:
        return outcome(lambda: linking.link_identity(session().get(User, users[number]), IDENTITY, by=House()))

    assert all_at_once(crowded, MANY, take) == {"done": 1, "LinkedElsewhere": MANY - 1}
    with crowded.app_context():
        assert count(LinkedIdentity) == 1


def test_two_ways_taken_away_at_once_leave_one(crowded: Flask):
    with crowded.app_context(), transaction():
        user = make_user_within()
        rows = [LinkedIdentity(user_id=user, provider="oidc", issuer="https://sso.example", subject=str(number)) for number in range(12)]
        session().add_all(rows)
        session().flush()
        numbers = [row.id for row in rows]

    def drop(number: int) -> str:
        found = session().get(User, user)
        wishes = {"issuers": ["https://sso.example"], "by": House(), "session_id": None}
        return outcome(lambda: linking.unlink_identity(found, numbers[number], **wishes))

    assert all_at_once(crowded, 12, drop) == {"done": 11, "LastWayIn": 1}
    with crowded.app_context():
        assert count(LinkedIdentity) == 1


@pytest.mark.parametrize("fields", ["work", "patience"])
def test_one_proof_sends_one_form(crowded: Flask, fields: str):
    with crowded.app_context():
        from tests.puzzles import worked

        sent = worked("join") if fields == "work" else {"waiting": drawn("join")}
        proofs = [captcha.check("join", sent, address=f"192.0.2.{number}") for number in range(2)]
        assert len(set(proofs)) == 1

    def send(_number: int) -> str:
        return outcome(lambda: captcha.spend(proofs[0]))

    assert all_at_once(crowded, MANY, send) == {"done": 1, NotHuman.__name__: MANY - 1}


def make_user_within() -> int:
    """The number of a user without a password, made in a transaction that is open already."""
    from inkhorn.accounts.services.people import create_user

    return create_user(email="ida@example.org", name="Ida", role="reader", by=House()).id
