"""Who may do what to whom, as tables: actors down, what they would touch across."""

import pytest

from inkhorn.accounts.identity.actor import Person
from inkhorn.accounts.models import AccountStatus, Invitation, Role, User
from inkhorn.accounts.policies import (
    ROLES,
    can_change_role,
    can_demand_second_factor,
    can_give_role,
    can_manage_invitation,
    can_manage_user,
    can_take_over,
    still_stands,
)
from inkhorn.core.access import House, Visitor

# Roles of the site's own: a host manages people and may do little else, a maker makes roles.
OWN = {
    "host": {"desk.open", "posts.write", "comments.write", "people.see", "people.manage"},
    "maker": {"desk.open", "posts.write", "comments.write", "roles.manage"},
}
ALL = {**ROLES, **OWN}
COLUMNS = ("reader", "member", "author", "editor", "administrator", "owner", "host")
ACTORS = ("visitor", *ALL, "operator", "suspended administrator", "held administrator")


def role(name: str) -> Role:
    return Role(id=list(ALL).index(name) + 1, name=name, permissions=sorted(ALL[name]))


def somebody(name: str, *, number: int = 1, status: AccountStatus = AccountStatus.ACTIVE) -> User:
    return User(id=number, name=name, roles=[role(name)], status=status, active=status is AccountStatus.ACTIVE)


def actor(name: str):
    if name in ("visitor", "operator"):
        return Visitor() if name == "visitor" else House()
    how, _, held = name.rpartition(" ")
    status = AccountStatus.SUSPENDED if how == "suspended" else AccountStatus.ACTIVE
    return Person(somebody(held, status=status), is_held=how == "held")


def row(question, things) -> str:
    return "".join("x" if question(thing) else "-" for thing in things)


# reader, member, author, editor, administrator, owner, host
MANAGES = {
    "visitor": "-------",
    "reader": "-------",
    "member": "-------",
    "author": "-------",
    "editor": "-------",
    "administrator": "xxxxx-x",
    "owner": "xxxxxxx",
    "host": "x-----x",
    "maker": "-------",
    "operator": "xxxxxxx",
    "suspended administrator": "-------",
    "held administrator": "-------",
}
GIVES = MANAGES | {"owner": "xxxxx-x", "operator": "xxxxx-x"}


@pytest.mark.parametrize("name", ACTORS)
def test_who_manages_whom(name):
    assert row(lambda user: can_manage_user(actor(name), user), [somebody(each, number=7) for each in COLUMNS]) == MANAGES[name]


@pytest.mark.parametrize("name", ACTORS)
def test_who_gives_and_invites_into_which_role(name):
    given = [role(each) for each in COLUMNS]
    assert row(lambda each: can_give_role(actor(name), each), given) == GIVES[name]
    assert row(lambda each: can_manage_invitation(actor(name), Invitation(role=each)), given) == GIVES[name]


@pytest.mark.parametrize("name", ROLES)
def test_nobody_manages_themselves(name):
    assert not can_manage_user(actor(name), actor(name).user)


@pytest.mark.parametrize("status", AccountStatus)
def test_an_imported_author_has_no_account_to_manage(status):
    managed = can_manage_user(actor("owner"), User(id=7, name="x", roles=[], status=status))
    assert managed is (status is not AccountStatus.UNCLAIMED)


@pytest.mark.parametrize("name", ACTORS)
def test_the_shipped_roles_are_changed_by_nobody_and_others_by_who_holds_them(name):
    assert row(lambda each: can_change_role(actor(name), each), [role(each) for each in COLUMNS]) == {
        "administrator": "------x",
        "owner": "------x",
        "operator": "------x",
    }.get(name, "-------")


@pytest.mark.parametrize("name", ACTORS)
def test_a_second_factor_is_demanded_by_who_holds_all_that_the_role_holds(name):
    assert row(lambda each: can_demand_second_factor(actor(name), each), [role(each) for each in COLUMNS]) == {
        "administrator": "xxxxx-x",
        "owner": "xxxxxxx",
        "operator": "xxxxxxx",
        "maker": "x------",
    }.get(name, "-------")


@pytest.mark.parametrize("name", ACTORS)
def test_the_owner_alone_hands_the_site_over(name):
    assert can_take_over(actor(name), somebody("editor", number=7)) is (name in ("owner", "operator"))


@pytest.mark.parametrize("name", [*ALL, "suspended administrator"])
def test_an_invitation_stands_while_its_sender_could_send_it(name):
    inviter = actor(name).user
    stands = row(lambda each: still_stands(Invitation(role=each), inviter), [role(each) for each in COLUMNS])
    assert stands == GIVES[name]
    assert not still_stands(Invitation(role=role("reader")), None)
    assert still_stands(Invitation(role=role("administrator")), House())
