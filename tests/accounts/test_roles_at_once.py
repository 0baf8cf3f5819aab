"""Roles given, removed and handed over in the same moment, on both kinds of database: an owner remains, and nobody is left without a role."""

from collections.abc import Callable
from functools import partial
from threading import Event

import pytest
from flask import Flask
from sqlalchemy import func, select

from inkhorn.accounts.models import OneTimeToken, Purpose, Role, Session, User
from inkhorn.accounts.queries import owner
from inkhorn.accounts.services import closing, people, roles, sessions
from inkhorn.accounts.services.invitations import inviting
from inkhorn.accounts.services.roles import LastOwner, RoleInUse, UnknownRole
from inkhorn.accounts.services.tokens import claim_token, issue_token
from inkhorn.core.access import Forbidden, House
from inkhorn.core.database import session, transaction
from inkhorn.core.errors import Conflict
from tests.accounts.guests import HERE
from tests.accounts.test_at_once import all_at_once, while_the_first_is_unfinished
from tests.factories.accounts import make_user

pytestmark = pytest.mark.slow


def make_someone(*, email: str = "ida@example.org", role: str = "author") -> User:
    """An account made in the open transaction."""
    return people.create_user(email=email, name="Ida", role=role, by=House())


def test_one_owner_remains_however_many_heirs_there_are(crowded: Flask):
    with crowded.app_context():
        first = make_user(email="o@example.org", name="Orla", role="owner").id
        heirs = [make_user(email=f"{number}@example.org", name=f"Heir {number}").id for number in range(8)]

    def hand(number: int) -> str:
        try:
            with transaction():
                roles.hand_over(session().get(User, heirs[number]), by=House(), owner=session().get(User, first))
        except Forbidden:
            return "late"
        return "handed"

    assert all_at_once(crowded, 8, hand) == {"handed": 1, "late": 7}
    with crowded.app_context():
        assert roles.owners() == 1
        assert owner().id in heirs


def test_two_owners_demoted_at_once_leave_one(crowded: Flask):
    with crowded.app_context():
        pair = [make_user(email=f"{name}@example.org", name=name, role="owner").id for name in "ab"]

    def demote(number: int) -> str:
        try:
            with transaction():
                roles.change_role(session().get(User, pair[number]), "editor", by=House())
        except Conflict:
            return "refused"
        return "demoted"

    assert all_at_once(crowded, 2, demote) == {"demoted": 1, "refused": 1}
    with crowded.app_context():
        assert roles.owners() == 1


def test_one_role_given_many_times_at_once_is_given(crowded: Flask):
    with crowded.app_context():
        number = make_user().id

    def give(each: int) -> str:
        with transaction():
            roles.change_role(session().get(User, number), ("editor", "member")[each % 2], by=House())
        return "given"

    assert all_at_once(crowded, 12, give) == {"given": 12}
    with crowded.app_context():
        assert len(session().get(User, number).roles) == 1


@pytest.mark.parametrize("leave", [people.suspend_user, partial(closing.close_account, heir_id=None)])
def test_whoever_becomes_the_owner_is_not_shut_out_in_the_same_moment(crowded: Flask, leave):
    with crowded.app_context():
        first, heir = make_user(email="o@example.org", name="Orla", role="owner").id, make_user().id

    def shut_out() -> str:
        with pytest.raises(LastOwner):
            leave(session().get(User, heir), by=House())
        return "refused"

    def hand() -> None:
        roles.hand_over(session().get(User, heir), by=House(), owner=session().get(User, first))

    assert while_the_first_is_unfinished(crowded, hand, shut_out) == [None, "refused"]
    with crowded.app_context():
        assert (owner().id, owner().can_sign_in) == (heir, True)


def guest_writers(app: Flask) -> tuple[int, Callable[[], None]]:
    """The number of somebody who may be made a guest writer, and what removes that role of the site's own."""
    with app.app_context(), transaction():
        made = roles.make_role(name="guest writer", description="", permissions=(), demands_second_factor=None, by=House()).id
        ida = make_someone().id
    return ida, lambda: roles.remove_role(session().get(Role, made), by=House())


GIVE = {
    "by changing it": lambda number: roles.change_role(session().get(User, number), "guest writer", by=House()),
    "with an account": lambda _number: make_someone(email="g@example.org", role="guest writer"),
    "by an invitation": lambda _number: inviting.invite_person(email="g@example.org", role="guest writer", by=House()),
}


@pytest.mark.parametrize("give", GIVE.values(), ids=GIVE)
def test_a_role_that_is_being_given_is_not_removed(crowded: Flask, give):
    ida, remove = guest_writers(crowded)

    def remove_late() -> None:
        with pytest.raises(RoleInUse):
            remove()

    while_the_first_is_unfinished(crowded, lambda: give(ida) and None, remove_late)
    with crowded.app_context():
        assert roles.role_named("guest writer")


@pytest.mark.parametrize("give", GIVE.values(), ids=GIVE)
def test_a_role_that_is_being_removed_is_not_given(crowded: Flask, give):
    ida, remove = guest_writers(crowded)

    def give_late() -> None:
        with pytest.raises(UnknownRole):
            give(ida)

    while_the_first_is_unfinished(crowded, remove, give_late)
    with crowded.app_context():
        assert session().get(User, ida).role.name == "author"


def test_whoever_comes_in_while_their_role_changes_is_signed_out_with_the_others(crowded: Flask):
    with crowded.app_context(), transaction():
        mona = make_someone(role="member")
        number, token, claimed = mona.id, issue_token(Purpose.LINK, user=mona).row.id, Event()

    def act(turn: int) -> None:
        assert not turn or claimed.wait(120)
        with transaction():
            if turn:
                roles.change_role(session().get(User, number), "editor", by=House())
                return
            claim_token(session().get(OneTimeToken, token))
            claimed.set()
            # The change waits for our link by now, and we must not wait for it.
            Event().wait(0.4)
            sessions.open_session(session().get(User, number), HERE, way="link")

    all_at_once(crowded, 2, act)
    with crowded.app_context():
        assert (session().scalar(select(func.count()).select_from(Session)), session().get(User, number).role.name) == (0, "editor")
