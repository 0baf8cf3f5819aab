"""Roles of the site's own: made, changed and removed by whoever holds what they hold; second factors demanded."""

import pytest
from sqlalchemy import select

from inkhorn.accounts.models import Role, User
from inkhorn.accounts.policies import PERMISSIONS, ROLES
from inkhorn.accounts.services import roles
from inkhorn.accounts.settings import AccountSettings
from inkhorn.core import settings
from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from tests.accounts.guests import invite, noted
from tests.factories.accounts import browser_of, make_user

GUEST = {"name": "Guest Writer", "description": "Writes.", "permissions": ["desk.open", "posts.write"], "demands": "yes"}


@pytest.fixture
def desk(desk_of, ada):
    return desk_of(ada)


def role_named(name: str) -> Role | None:
    return session().scalars(select(Role).where(Role.name == name).execution_options(populate_existing=True)).one_or_none()


def make(name: str = "guest writer", *permissions: str) -> Role:
    words = permissions or ("desk.open", "posts.write")
    with transaction():
        return roles.make_role(name=name, description="Writes.", permissions=words, demands_second_factor=None, by=House())


def test_a_role_is_made_shown_and_given(desk, wren):
    assert desk.send("/admin/people/roles/new", **GUEST).status_code == 303
    made = role_named("guest writer")
    assert (made.permissions, made.demands_second_factor, made.description) == (["desk.open", "posts.write"], True, "Writes.")
    page = desk.get("/admin/people/roles").text
    assert "Guest writer" in page
    assert "This site’s own" in page
    desk.send(f"/admin/people/{wren.id}/role", role="guest writer")
    assert session().get(User, wren.id, populate_existing=True).role.name == "guest writer"
    assert noted("role_made") == ["accounts.role_made"]


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({"name": ""}, 422, "Name the role"),
        ({"name": "x" * 41}, 422, "At most 40"),
        ({"name": "Größe"}, 422, "letters from a to z"),
        ({"name": "-x-"}, 422, "letters from a to z"),
        ({"name": "editor"}, 409, "is a role &#34;editor&#34; already"),
        ({"name": "OWNER"}, 409, "already"),
        ({"description": "x" * 301}, 422, "At most 300"),
        ({"permissions": ["site.own"]}, 422, "There is one owner"),
        ({"permissions": ["posts.write", "frobnicate"]}, 422, "no such permission"),
        ({"demands": "maybe"}, 422, "Not a valid choice"),
    ],
)
def test_a_role_that_will_not_do_is_said_in_its_place(desk, fields, status, said):
    page = desk.send("/admin/people/roles/new", **(GUEST | fields))
    assert page.status_code == status
    assert said in page.text
    assert len(session().scalars(select(Role)).all()) == len(ROLES)


def test_nobody_puts_into_a_role_what_they_do_not_hold(desk_of, ada):
    from inkhorn.accounts.identity.actor import Person

    make("maker", "desk.open", "posts.write", "people.see", "roles.manage")
    maker = desk_of(Person(make_user(role="maker")))
    page = maker.get("/admin/people/roles/new").text
    assert page.count(" disabled>") == len(PERMISSIONS) - 1 - 4
    assert maker.send("/admin/people/roles/new", **(GUEST | {"permissions": ["settings.change"]})).status_code == 403
    made = make("strong", "settings.change")
    assert maker.get(f"/admin/people/roles/{made.id}").status_code == 403
    for verb in ("", "/remove", "/second-factor"):
        assert maker.send(f"/admin/people/roles/{made.id}{verb}", **GUEST).status_code == 403


def test_a_change_counts_from_the_next_request(desk, app):
    role, user = make(), None
    user = make_user(role="guest writer")
    theirs = browser_of(app, user)
    assert theirs.get("/desk/").status_code == 200
    page = desk.get(f"/admin/people/roles/{role.id}").text
    assert page.count(" checked") == 2
    desk.send(f"/admin/people/roles/{role.id}", description="Reads.", permissions=["members.read"], demands="")
    session().expire_all()
    assert theirs.get("/desk/").status_code == 403
    assert noted("role_redefined") == ["accounts.role_redefined"]


@pytest.mark.parametrize("name", ROLES)
def test_the_shipped_roles_stay_as_they_are(desk, name, ada):
    role = role_named(name)
    assert desk.get(f"/admin/people/roles/{role.id}").status_code == 403
    assert desk.send(f"/admin/people/roles/{role.id}", **GUEST).status_code == 403
    assert desk.send(f"/admin/people/roles/{role.id}/remove").status_code == 403
    assert set(role_named(name).permissions) == ROLES[name]


@pytest.mark.parametrize(("chosen", "kept"), [("yes", True), ("no", False), ("", None)])
def test_a_shipped_role_may_demand_a_second_factor(desk, chosen, kept):
    role = role_named("editor")
    assert desk.send(f"/admin/people/roles/{role.id}/second-factor", demands=chosen).status_code == 303
    assert role_named("editor").demands_second_factor is kept
    assert len(noted("role_redefined")) == (chosen != "")


def test_an_administrator_does_not_spare_the_owner_the_second_factor(desk):
    role = role_named("owner")
    assert desk.send(f"/admin/people/roles/{role.id}/second-factor", demands="no").status_code == 403
    assert role_named("owner").demands_second_factor is None


def test_a_role_is_removed_once_nobody_holds_it_or_is_invited_into_it(desk, ada):
    role = make()
    user = make_user(role="guest writer")
    refused = desk.send(f"/admin/people/roles/{role.id}/remove")
    assert refused.status_code == 409
    assert "1 person holds the role" in refused.text
    desk.send(f"/admin/people/{user.id}/role", role="author")
    invitation = invite(ada, role="guest writer")
    assert "1 person is invited into" in desk.send(f"/admin/people/roles/{role.id}/remove").text
    desk.send(f"/admin/people/invitations/{invitation.id}/withdraw")
    assert desk.send(f"/admin/people/roles/{role.id}/remove").status_code == 303
    assert role_named("guest writer") is None
    assert noted("role_removed") == ["accounts.role_removed"]


@pytest.fixture
def newcomers(database) -> Role:
    """A role of the site's own that whoever registers gets."""
    role = make("guest", "members.read")
    with transaction():
        settings.tune(AccountSettings, by=House(), registration="open", new_role="guest")
    return role


def test_the_role_that_registering_gives_is_not_removed(desk, client, newcomers):
    refused = desk.send(f"/admin/people/roles/{newcomers.id}/remove")
    assert (refused.status_code, "choose another role for them in the settings" in refused.text) == (409, True)
    assert client.get("/join").status_code == 200
    with transaction():
        settings.tune(AccountSettings, by=House(), new_role="member")
    assert desk.send(f"/admin/people/roles/{newcomers.id}/remove").status_code == 303


def test_the_role_that_registering_gives_comes_to_do_no_more_than_read(desk, newcomers):
    there, told = f"/admin/people/roles/{newcomers.id}", {"description": "Reads.", "demands": ""}
    refused = desk.send(there, permissions=["members.read", "desk.open"], **told)
    assert (refused.status_code, "may do no more than read" in refused.text) == (422, True)
    assert role_named("guest").permissions == ["members.read"]
    assert desk.send(there, permissions=["members.read"], **told).status_code == 303


@pytest.mark.parametrize("number", [0, 999, 2**31, 2**63])
def test_a_role_that_is_not_there_is_not_found(desk, number):
    assert desk.get(f"/admin/people/roles/{number}").status_code == 404
    for verb in ("", "/remove", "/second-factor"):
        assert desk.send(f"/admin/people/roles/{number}{verb}", **GUEST).status_code == 404


def test_the_page_shows_every_word_with_who_holds_it(desk):
    page = desk.get("/admin/people/roles").text
    matrix = page.split('<table class="table matrix">')[1].split("</table>")[0]
    for meaning in PERMISSIONS.values():
        row = matrix.split(f'<th scope="row">{meaning}</th>')[1].split("</tr>")[0]
        word = next(word for word, told in PERMISSIONS.items() if told == meaning)
        assert ["Yes" in cell for cell in row.split("<td")[1:]] == [word in held for held in ROLES.values()]
