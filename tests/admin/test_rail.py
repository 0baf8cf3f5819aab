"""The list of rooms beside every page of the desk: what it offers, and where it says that one is."""

import re

import pytest

from inkhorn.accounts.services import roles
from inkhorn.core.database import session, transaction
from tests.admin.conftest import press


def rail_of(page: str) -> str:
    found = re.search(r'<nav class="rail".*?</nav>', page, re.DOTALL)
    assert found
    return found[0]


@pytest.mark.parametrize(
    ("path", "place"),
    [("/desk/posts/", "Posts"), ("/admin/people/", "People"), ("/admin/people/roles", "People"), ("/admin/mail", "Settings")],
)
def test_the_rail_says_where_one_is_and_nowhere_else(browser, path, place):
    marked = re.findall(r'aria-current="page">.*?<span[^>]*>([^<]+)</span>', rail_of(browser.get(path).text), re.DOTALL)
    assert marked == [place]


def test_an_author_is_led_to_no_room_that_is_closed_to_them(signed_in, cast):
    rail = rail_of(signed_in(cast.wren).get("/desk/posts/").text)
    assert "/admin/" not in rail


PLACES = ["General", "Posts", "Comments", "Sign-in", "Mail", "Jobs", "Backups", "Keys", "Audit log", "Raw records"]


def places_of(page: str) -> list[tuple[str, str]]:
    """Where the owner's room leads from a page, and where it says that one is."""
    found = re.search(r'<nav (?:class="places" )?aria-label="Settings">.*?</nav>', page, re.DOTALL)
    assert found
    return [(name, here) for here, name in re.findall(r'<a href="[^"]+"(?: aria-current="(\w+)")?>([^<]+)</a>', found[0])]


@pytest.mark.parametrize(
    ("path", "here"),
    [
        ("/admin/settings/posts", "Posts"),
        ("/admin/mail", "Mail"),
        ("/admin/jobs", "Jobs"),
        ("/admin/backups", "Backups"),
        ("/admin/audit?action=posts.", "Audit log"),
        ("/admin/records/users", "Raw records"),
        ("/admin/records/audit", "Raw records"),
    ],
)
def test_every_place_of_the_owners_room_leads_to_all_others(browser, path, here):
    places = places_of(browser.get(path).text)
    assert [name for name, _here in places] == PLACES
    assert [name for name, is_here in places if is_here] == [here]


def test_a_form_that_comes_back_keeps_its_place(browser):
    assert ("Mail", "true") in places_of(press(browser, "/admin/mail/test", address="nonsense").text)


def test_a_place_that_is_closed_is_not_shown(signed_in, ada, wren):
    with transaction():
        roles.make_role(
            name="engineer", description="", permissions=["desk.open", "mail.see", "jobs.see"], demands_second_factor=None, by=ada
        )
        roles.change_role(session().merge(wren.user), "engineer", by=ada)
    page = signed_in(wren).get("/admin/", follow_redirects=True).text
    assert places_of(page) == [("Mail", "page"), ("Jobs", ""), ("Backups", "")]
