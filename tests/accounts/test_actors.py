"""Whoever acts is known anew in the transaction that acts, by one statement."""

import pytest
from sqlalchemy import select, update

from inkhorn.accounts.identity.actor import Person, Program
from inkhorn.accounts.models import AccountStatus, User
from inkhorn.core.database import session, transaction


def persons(user: User) -> list[Person | Program]:
    return [Person(user), Program(kind="access", name="a program", user=user)]


def read_something() -> None:
    """As every request does that recognises somebody, before it opens its transaction."""
    session().scalar(select(User.id).limit(1))


@pytest.mark.parametrize("number", [0, 1])
def test_a_transaction_asks_once_who_acts_and_what_they_may(wren, queries, number: int):
    actor = persons(wren.user)[number]
    read_something()
    with transaction():
        queries.clear()
        assert actor.id
        assert "wren@example.org" in actor.label
        assert actor.may("posts.write")
        assert len(queries) == 1, queries


@pytest.mark.parametrize("number", [0, 1])
def test_who_was_suspended_a_moment_ago_may_nothing_in_the_next_transaction(wren, number: int):
    actor = persons(wren.user)[number]
    assert actor.may("posts.write")
    with transaction():
        gone = update(User).where(User.id == actor.id).values(status=AccountStatus.SUSPENDED)
        session().execute(gone.execution_options(synchronize_session=False))
    read_something()
    with transaction():
        assert not actor.may("posts.write")


def test_what_is_changed_of_a_person_stands_when_they_are_asked_for(wren):
    with transaction():
        wren.user.bio = "Writes by the sea."
        assert (wren.may("posts.write"), wren.user.bio) == (True, "Writes by the sea.")
    assert session().get(User, wren.id).bio == "Writes by the sea."


def test_what_is_changed_of_a_role_stands_when_one_of_its_people_acts(wren):
    with transaction():
        role = wren.user.roles[0]
        session().expire(wren.user)
        role.permissions = ["members.read"]
        assert (wren.may("posts.write"), wren.may("members.read")) == (False, True)
