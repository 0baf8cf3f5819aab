"""Closing an account and what becomes of it: the verbs, the letter, the end."""

from functools import partial

import pytest
from sqlalchemy import select

from inkhorn.accounts.events import account_closed, account_closing
from inkhorn.accounts.models import AccountStatus, Invitation, OneTimeToken, Purpose, Session, User
from inkhorn.accounts.queries import user_by_email
from inkhorn.accounts.services import roles, sessions
from inkhorn.accounts.services.closing import NoHeir, close_account, end_account, reopen_account
from inkhorn.accounts.services.people import IllegalStatus, suspend_user
from inkhorn.accounts.services.roles import LastOwner, role_named
from inkhorn.accounts.services.tokens import LinkSpent, issue_token, withdraw_tokens
from inkhorn.accounts.tasks.closing import AccountsLeftBehind, end_closed_accounts, tell_of_closing
from inkhorn.core.access import House
from inkhorn.core.audit import Entry
from inkhorn.core.database import session, transaction
from inkhorn.core.errors import Conflict
from inkhorn.core.jobs import JobRow
from inkhorn.core.mail.letters import Letter
from tests.factories.accounts import audited, make_user


def close(user, heir=None):
    with transaction():
        close_account(session().merge(user), heir_id=heir.id if heir else None, by=House())


def now(user) -> User | None:
    return session().get(User, user.id, populate_existing=True)


def reopen(user):
    with transaction():
        token = issue_token(Purpose.REOPEN, user=session().merge(user)).row
        reopen_account(token, sessions.Visit(address="192.0.2.1", device="a test"))


@pytest.fixture
def ida(database):
    return make_user()


def test_a_closed_account_lets_nobody_in_and_ends_in_fourteen_days(ida, clock):
    with transaction():
        sessions.open_session(session().merge(ida), sessions.Visit())
        issue_token(Purpose.RESET, user=session().merge(ida))
    close(ida)
    closed = now(ida)
    assert (closed.status, closed.can_sign_in, (closed.closes_at - clock.now).days) == (AccountStatus.CLOSING, False, 14)
    assert session().scalars(select(Session)).all() == session().scalars(select(OneTimeToken)).all() == []
    assert audited("accounts.closing") == 1


def test_it_is_announced_once(ida):
    heard = []
    with account_closing.connected_to(heard.append):
        close(ida)
    assert len(heard) == 1


def test_the_owner_hands_the_site_over_first(database):
    owner, heir = make_user(role="owner"), make_user(email="emil@example.org", role="editor")
    with pytest.raises(LastOwner):
        close(owner)
    with transaction():
        roles.hand_over(session().merge(heir), by=House(), owner=session().merge(owner))
    close(owner)
    assert now(owner).status is AccountStatus.CLOSING


def test_an_owner_never_ends(ida, clock):
    close(ida)
    with transaction():
        session().merge(ida).roles = [role_named("owner")]
    clock.forward(days=15)
    with pytest.raises(AccountsLeftBehind):
        end_closed_accounts()
    assert now(ida) is not None


@pytest.mark.parametrize("status", [AccountStatus.CLOSING, AccountStatus.SUSPENDED, AccountStatus.UNCLAIMED])
def test_only_an_open_account_is_closed(ida, status):
    with transaction():
        session().merge(ida).status = status
    with pytest.raises(Conflict):
        close(ida)


@pytest.mark.parametrize("who", ["nobody", "oneself", "a reader", "somebody suspended", "somebody who leaves as well"])
def test_whoever_could_not_look_after_it_is_no_heir(ida, who):
    other = make_user(email="emil@example.org", name="Emil", role="reader" if who == "a reader" else "editor")
    if who == "somebody suspended":
        with transaction():
            suspend_user(session().merge(other), by=House())
    if who == "somebody who leaves as well":
        close(other)
    heir = {"nobody": type("Nobody", (), {"id": 0}), "oneself": ida}.get(who, other)
    with pytest.raises(NoHeir):
        close(ida, heir)
    assert now(ida).status is AccountStatus.ACTIVE


def test_an_account_is_opened_again(ida):
    close(ida, make_user(email="emil@example.org", role="editor"))
    reopen(ida)
    kept = now(ida)
    assert (kept.status, kept.can_sign_in, kept.closes_at, kept.heir_id) == (AccountStatus.ACTIVE, True, None, None)
    entry = session().scalars(select(Entry).where(Entry.action == "accounts.reopened")).one()
    assert (entry.actor_id, entry.address, entry.device) == (ida.id, "192.0.2.1", "a test")


def test_what_opens_it_works_once_and_ends_every_other_way(ida):
    close(ida)
    with transaction():
        one, other = (issue_token(Purpose.REOPEN, user=session().merge(ida)).row for _ in range(2))
        reopen_account(one, sessions.Visit())
    for token in (one, other):
        with pytest.raises(LinkSpent), transaction():
            reopen_account(token, sessions.Visit())


def test_the_way_back_ends_by_being_gone_and_with_no_other_link(ida):
    close(ida)
    with transaction():
        for purpose in Purpose:
            issue_token(purpose, user=session().merge(ida))
        withdraw_tokens(ida)
    assert session().scalars(select(OneTimeToken.purpose)).all() == [Purpose.REOPEN]
    reopen(ida)
    assert session().scalars(select(OneTimeToken)).all() == []


def test_whoever_leaves_is_not_suspended_and_can_still_change_their_mind(ida, clock):
    emil = make_user(email="emil@example.org", name="Emil", role="editor")
    close(ida, emil)
    with pytest.raises(IllegalStatus, match=r"ends for good on 16 March 2026\. Until then Ida can keep it"), transaction():
        suspend_user(session().merge(ida), by=House())
    left = now(ida)
    assert (left.status, left.heir_id, (left.closes_at - clock.now).days) == (AccountStatus.CLOSING, emil.id, 14)
    reopen(ida)
    assert now(ida).can_sign_in


def test_the_letter_leads_back_until_the_last_day(ida, clock):
    close(ida)
    job = session().scalars(select(JobRow).where(JobRow.name == "accounts.tell_of_closing")).one()
    tell_of_closing(**job.args)
    letter, token = session().scalars(select(Letter)).one(), session().scalars(select(OneTimeToken)).one()
    assert (letter.to_address, letter.kind, token.purpose, token.expires_at) == (
        "ida@example.org",
        "accounts/closing",
        Purpose.REOPEN,
        now(ida).closes_at,
    )
    assert "16 March 2026" in letter.subject
    tell_of_closing(**job.args)
    assert len(session().scalars(select(Letter)).all()) == len(session().scalars(select(OneTimeToken)).all()) == 1


def test_a_letter_that_comes_too_late_is_not_written(ida, clock):
    close(ida)
    closes_at = now(ida).closes_at.isoformat()
    reopen(ida)
    tell_of_closing(user_id=ida.id, closes_at=closes_at)
    assert session().scalars(select(Letter)).all() == []


def test_the_hour_ends_it_and_not_before(ida, clock):
    close(ida)
    clock.forward(days=13, hours=23)
    end_closed_accounts()
    assert now(ida) is not None
    clock.forward(hours=1)
    end_closed_accounts()
    assert (now(ida), audited("accounts.closed")) == (None, 1)


def test_an_account_kept_meanwhile_stays(ida, clock):
    close(ida)
    reopen(ida)
    clock.forward(days=15)
    end_closed_accounts()
    assert now(ida) is not None


def test_the_end_is_announced_with_the_heir(ida, clock):
    heir, heard = make_user(email="emil@example.org", role="editor"), []
    close(ida, heir)
    clock.forward(days=15)
    with account_closed.connected_to(lambda user, heir: heard.append((user.id, heir.id))):
        end_closed_accounts()
    assert heard == [(ida.id, heir.id)]


def demote(heir):
    roles.change_role(heir, "reader", by=House())


@pytest.mark.parametrize("change", [demote, partial(suspend_user, by=House()), partial(close_account, heir_id=None, by=House())])
@pytest.mark.parametrize("has_owner", [True, False])
def test_an_heir_who_cannot_look_after_it_any_more_gives_way_to_the_owner(ida, clock, change, has_owner):
    heir, heard = make_user(email="emil@example.org", role="editor"), []
    orla = make_user(email="own@example.org", role="owner") if has_owner else heir
    close(ida, heir)
    clock.forward(days=1)
    with transaction():
        change(session().merge(heir))
    clock.forward(days=13)
    with account_closed.connected_to(lambda user, heir: heard.append((user.id, heir.id))):
        end_closed_accounts()
    assert heard == [(ida.id, orla.id)]


def test_what_was_left_to_somebody_who_leaves_goes_to_their_heir(ida, clock):
    emil, ada = make_user(email="emil@example.org", role="editor"), make_user(email="ada@example.org", role="administrator")
    close(ida, emil)
    clock.forward(minutes=1)
    close(emil, ada)
    with transaction():
        session().merge(emil).closes_at = clock.now
        assert end_account(emil.id)
    assert now(ida).heir_id == ada.id


def test_what_was_left_to_somebody_without_an_heir_goes_to_the_owner(ida, clock):
    owner, emil = make_user(email="own@example.org", role="owner"), make_user(email="emil@example.org", role="editor")
    close(ida, emil)
    close(emil)
    with transaction():
        session().merge(emil).closes_at = clock.now
        assert end_account(emil.id)
    assert now(ida).heir_id == owner.id


def test_names_go_and_the_log_stays(ida, clock):
    with transaction():
        session().add(
            Invitation(
                email="x@example.org",
                role_id=role_named("reader").id,
                invited_by_id=ida.id,
                invited_by_label="ida@example.org",
                expires_at=clock.now,
            )
        )
    close(ida)
    clock.forward(days=15)
    end_closed_accounts()
    assert session().scalars(select(Invitation.invited_by_label)).one() == ""
    assert session().scalars(select(Entry.subject_label).where(Entry.action == "accounts.closed")).one() == "Ida"


def test_one_account_that_cannot_end_does_not_hold_up_the_next(ida, clock):
    other = make_user(email="emil@example.org", name="Emil")
    for each in (ida, other):
        close(each)
    clock.forward(days=15)

    def break_down(user, heir):
        if user.id == ida.id:
            raise RuntimeError("planted")

    with account_closed.connected_to(break_down), pytest.raises(AccountsLeftBehind):
        end_closed_accounts()
    assert (now(ida) is not None, now(other)) == (True, None)
    assert user_by_email("ida@example.org").status is AccountStatus.CLOSING
