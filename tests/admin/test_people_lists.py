"""The lists of people: who stands where, filters in the address, bounded questions that follow an index."""

import re

import pytest

from inkhorn.accounts.identity.actor import Person
from inkhorn.accounts.models import Authenticator, Passkey, User
from inkhorn.accounts.services import people, roles
from inkhorn.accounts.services.people import take_in_author
from inkhorn.accounts.services.sessions import Visit, open_session
from inkhorn.core import clock
from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from tests.accounts.guests import accept, invite, secret_for
from tests.accounts.letters import carry_out_jobs
from tests.factories.accounts import make_user
from tests.plans import plans

TABS = ["/admin/people/", "/admin/people/members", "/admin/people/invitations", "/admin/people/roles"]


def names_in(page: str) -> list[str]:
    return re.findall(r'href="/admin/people/\d+" title="([^"]+)"', page)


@pytest.fixture
def crowd(cast):
    """Ada, Emil and Wren of the team, Mona and Rhea who read, an imported author."""
    for name in ("ada", "emil", "wren", "mona", "rhea"):
        getattr(cast, name)
    with transaction():
        return take_in_author(name="Old Hand", origin="o", origin_key="k")


def test_the_team_works_here_and_the_members_read(crowd, desk_of, ada):
    desk = desk_of(ada)
    assert names_in(desk.get("/admin/people/").text) == ["Ada", "Emil", "Old Hand", "Wren"]
    assert names_in(desk.get("/admin/people/members").text) == ["Mona", "Rhea"]


@pytest.mark.parametrize("tab", TABS)
def test_whoever_only_sees_people_is_offered_nothing_to_press(crowd, desk_of, ada, tab):
    with transaction():
        roles.make_role(
            name="watcher", description="", permissions=["desk.open", "posts.write", "people.see"], demands_second_factor=None, by=ada
        )
    page = desk_of(Person(make_user(role="watcher"))).get(tab)
    assert page.status_code == 200
    main = page.text.split("<main")[1].split("</main>")[0]
    assert 'method="post"' not in re.sub(r'<form method="post" action="/admin/people/move" data-list>', "", main)
    assert 'name="chosen"' not in main
    assert "formaction" not in main


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("search=wren", ["Wren"]),
        ("search=EMIL@EXAMPLE", ["Emil"]),
        ("search=old+hand", ["Old Hand"]),
        ("search=%25", []),
        ("search=zzz", []),
        ("status=unclaimed", ["Old Hand"]),
        ("status=suspended", []),
        ("status=nonsense", ["Ada", "Emil", "Old Hand", "Wren"]),
        ("sort=-name", ["Wren", "Old Hand", "Emil", "Ada"]),
        ("role_id=9223372036854775808", ["Ada", "Emil", "Old Hand", "Wren"]),
        ("role_id=2147483647", []),
        ("role_id=x&page=1&sort=%3Bdrop", ["Ada", "Emil", "Old Hand", "Wren"]),
    ],
)
def test_filters_stand_in_the_address(crowd, desk_of, ada, query, found):
    assert names_in(desk_of(ada).get(f"/admin/people/?{query}").text) == found


def test_a_role_is_filtered_by_its_number(crowd, desk_of, ada, emil):
    page = desk_of(ada).get(f"/admin/people/?role_id={emil.user.role.id}").text
    assert names_in(page) == ["Emil"]


@pytest.mark.parametrize("query", ["page=0", "page=-1", "page=2", "page=99999999999", "page=100001"])
def test_a_page_that_is_not_there_is_not_found(crowd, desk_of, ada, query):
    assert desk_of(ada).get(f"/admin/people/?{query}").status_code == 404


@pytest.mark.parametrize("query", ["search=%00", "search=" + "x" * 5000, "search=" + "a+" * 300, "status=%ff", "page=x"])
@pytest.mark.parametrize("tab", TABS)
def test_a_strange_filter_is_answered_calmly(crowd, desk_of, ada, tab, query):
    assert desk_of(ada).get(f"{tab}?{query}").status_code in (200, 400)


def test_a_long_list_is_paged_and_keeps_its_filters(desk_of, ada):
    for number in range(27):
        make_user(email=f"m{number}@example.org", name=f"Member {number:02}", role="member")
    desk = desk_of(ada)
    first = desk.get("/admin/people/members?search=member").text
    assert "1–25 of 27" in first
    further = re.search(r'rel="next" href="([^"]+)"', first)[1].replace("&amp;", "&")
    assert "search=member" in further
    assert names_in(desk.get(further).text) == ["Member 25", "Member 26"]


def test_what_somebody_proves_themselves_with_and_when_they_were_seen(crowd, desk_of, ada, emil, wren):
    with transaction():
        session().add(Passkey(user_id=emil.id, credential_id="x", public_key=b"", name="k"))
        session().add(Authenticator(user_id=wren.id, sealed_secret="x", confirmed_at=clock.now()))
        open_session(session().merge(emil.user), Visit(browser="e" * 64))
    page = desk_of(ada).get("/admin/people/").text
    rows = {names_in(row)[0]: row for row in page.split("<tr>") if names_in(row)}
    assert "Passkey" in rows["Emil"]
    assert "App" in rows["Wren"]
    assert "Never" in rows["Wren"]
    assert re.search(r"\d seconds? ago", rows["Emil"])
    assert "Now" in rows["Ada"]
    assert "No account yet" in rows["Old Hand"]


def test_nobody_may_choose_the_owner_or_themselves_or_who_has_no_account(crowd, desk_of, ada, orla):
    page = desk_of(ada).get("/admin/people/").text
    rows = {names_in(row)[0]: row for row in page.split("<tr>") if names_in(row)}
    assert {name for name, row in rows.items() if 'name="chosen"' in row} == {"Emil", "Wren"}


@pytest.mark.parametrize("tab", TABS[:3])
@pytest.mark.parametrize("text", ['<b>bold</b> & "brackish"', "الملح والريح", "🦀" * 60, "x" * 150, "{{ 7*7 }}"])
def test_absurd_names_stand_as_they_were_written(desk_of, ada, text, tab):
    make_user(name=text)
    make_user(email="m@example.org", name=text, role="member")
    invite(ada, name=text)
    page = desk_of(ada).get(tab)
    assert page.status_code == 200
    assert "<b>bold" not in page.text
    assert "{{" not in text or text in page.text


@pytest.mark.parametrize("tab", TABS)
def test_a_list_takes_a_bounded_number_of_queries(desk_of, ada, queries, tab):
    for number in range(20):
        make_user(email=f"a{number}@example.org", name=f"Author {number}")
        make_user(email=f"m{number}@example.org", name=f"Member {number}", role="member")
        invite(ada, email=f"i{number}@example.org")
    carry_out_jobs()
    desk = desk_of(ada)
    queries.clear()
    assert desk.get(tab).status_code == 200
    assert len(queries) <= 13, "\n".join(queries)


@pytest.mark.parametrize(
    "address",
    [
        "/admin/people/",
        "/admin/people/?sort=-name",
        "/admin/people/members",
        "/admin/people/members?sort=joined",
        "/admin/people/members?status=active",
        "/admin/people/invitations",
        "/admin/people/roles",
    ],
)
def test_a_list_follows_an_index(crowd, desk_of, ada, address):
    for number in range(30):
        make_user(email=f"m{number}@example.org", name=f"Member {number}", role="member")
    desk = desk_of(ada)
    with plans() as steps:
        desk.get(address)
    walked = [
        step
        for step in steps
        if re.match(r"SCAN (user|session|known_device|passkey|authenticator|invitation|letter|audit_entry)\b(?!.* USING )", step)
    ]
    assert walked == []


def test_invitations_say_how_far_their_letters_came(desk_of, ada, clock):
    invite(ada, email="a@example.org")
    carry_out_jobs()
    invite(ada, email="b@example.org")
    page = desk_of(ada).get("/admin/people/invitations").text
    assert ("On its way" in page, "To be written" in page) == (True, True)
    clock.forward(days=7)
    assert "Ended" in desk_of(ada).get("/admin/people/invitations").text


def test_an_accepted_invitation_leaves_the_list(desk_of, ada):
    invite(ada)
    accept(secret_for())
    page = desk_of(ada).get("/admin/people/invitations").text
    assert "Nobody is invited" in page


def test_the_suspended_are_shown_and_found(crowd, desk_of, ada, wren):
    with transaction():
        people.suspend_user(session().get(User, wren.id), by=House())
    desk = desk_of(ada)
    assert names_in(desk.get("/admin/people/?status=suspended").text) == ["Wren"]
    assert "Let back in" in desk.get(f"/admin/people/{wren.id}").text


@pytest.mark.parametrize("query", ["endpoint=x", "_method=POST", "_scheme=x"])
@pytest.mark.parametrize("path", ["/admin/people/", "/admin/people/members", "/admin/audit", "/admin/mail"])
def test_words_of_whoever_builds_addresses_break_no_list(signed_in, ada, path, query):
    assert signed_in(ada).get(f"{path}?{query}").status_code == 200
