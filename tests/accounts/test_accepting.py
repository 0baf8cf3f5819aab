"""Accepting an invitation: what opens an account, for whom, and what opens nothing."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from inkhorn.accounts.identity.actor import Person
from inkhorn.accounts.models import AccountStatus, Invitation, User
from inkhorn.accounts.queries import user_by_email
from inkhorn.accounts.services import people, roles
from inkhorn.accounts.services.invitations import inviting
from inkhorn.accounts.services.invitations.accepting import InvitationSpent
from inkhorn.accounts.services.invitations.inviting import AlreadyInvited
from inkhorn.accounts.services.people import EmailTaken, take_in_author
from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from inkhorn.core.errors import Conflict
from tests.accounts.guests import accept, invite, secret_for
from tests.accounts.letters import carry_out_jobs, letters_to, text_of
from tests.factories.accounts import make_user


@pytest.mark.parametrize("what", ["unknown", "accepted", "withdrawn", "ended", "replaced", "empty"])
def test_a_link_that_opens_nothing_says_why(ada, clock, what):
    invitation, secret = invite(ada), secret_for()
    with transaction():
        if what == "withdrawn":
            inviting.withdraw_invitation(session().merge(invitation), by=ada)
        elif what == "replaced":
            inviting.renew_invitation(session().merge(invitation), by=ada)
    if what == "accepted":
        accept(secret)
    if what == "ended":
        clock.forward(days=7)
    tried = {"unknown": "x" * 43, "empty": ""}.get(what, secret)
    words = {"accepted": "accepted already", "withdrawn": "taken back", "ended": "has ended"}.get(what, "opens no invitation")
    with pytest.raises(InvitationSpent, match=words):
        accept(tried)
    assert session().scalar(select(func.count()).select_from(User)) == (2 if what == "accepted" else 1)


@pytest.mark.parametrize("fate", ["suspended", "demoted", "gone"])
def test_an_invitation_is_worth_what_its_sender_may_still_do(ada, fate):
    boss = Person(make_user(email="boss@example.org", name="Boss", role="administrator"))
    invite(boss, role="administrator")
    secret = secret_for()
    with transaction():
        user = session().get(User, boss.id)
        if fate == "suspended":
            people.suspend_user(user, by=ada)
        elif fate == "demoted":
            roles.change_role(user, "editor", by=ada)
        else:
            session().delete(user)
    with pytest.raises(InvitationSpent, match="no longer invite"):
        accept(secret)


def test_what_the_operator_sent_stands(database):
    invite(House(), role="administrator")
    assert accept(secret_for()).role.name == "administrator"


def test_an_address_that_got_an_account_meanwhile_is_not_taken_over(ada):
    invite(ada)
    secret = secret_for()
    made = make_user(email="jo@example.org", name="First Jo")
    with pytest.raises(EmailTaken):
        accept(secret)
    assert user_by_email("jo@example.org").id == made.id


def test_an_imported_author_is_taken_over_with_name_and_address_of_the_page(ada):
    with transaction():
        author = take_in_author(name="Old Hand", origin="o", origin_key="k")
    invite(ada, author=session().get(User, author.id))
    assert "under the name of Old Hand" in " ".join(text_of((carry_out_jobs(), letters_to("jo@example.org"))[1][0]).split())
    user = accept(secret_for())
    assert (user.id, user.username, user.name, user.status) == (author.id, "old-hand", "Jo Reed", AccountStatus.ACTIVE)
    assert (user.email, user.active, user.origin_key) == ("jo@example.org", True, "k")
    with pytest.raises(Conflict, match="has an account already"):
        invite(ada, email="other@example.org", author=user)


def test_one_author_is_offered_to_one_at_a_time_and_taken_by_one(ada, clock):
    with transaction():
        author = take_in_author(name="Old Hand", origin="o", origin_key="k")
    invite(ada, author=author)
    with pytest.raises(AlreadyInvited, match=r"jo@example\.org was invited already"):
        invite(ada, email="other@example.org", author=author)
    first = secret_for()
    with transaction():
        session().execute(update(Invitation).values(expires_at=clock.now - timedelta(days=1)))
    invite(ada, email="other@example.org", author=author)
    second = secret_for("other@example.org")
    with transaction():
        session().execute(update(Invitation).values(expires_at=clock.now + timedelta(days=1)))
    accept(first)
    with pytest.raises(Conflict, match="has an account already"):
        accept(second)


def test_the_inviter_is_told_once_unless_they_would_rather_not(ada, emil):
    for email, wanted in (("jo@example.org", True), ("mo@example.org", False)):
        with transaction():
            session().get(User, ada.id).notices = {"invitation_accepted": wanted}
        invite(ada, email=email)
        accept(secret_for(email))
        carry_out_jobs()
    told = [letter["Subject"] for letter in letters_to("ada@example.org")]
    assert told == ["Jo Reed has joined A new publication"]
