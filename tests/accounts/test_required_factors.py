"""Who must have a second factor reaches nothing until they have one, is let in to enrol, and goes on from there (ASVS 6.3.3)."""

import dataclasses
import re

import pytest

from inkhorn.accounts.codes import code_at
from inkhorn.accounts.identity.sessions import WHILE_HELD
from inkhorn.accounts.queries import factors_of, passkeys_of, user_by_email
from inkhorn.accounts.services import roles
from inkhorn.accounts.services.setup import make_setup_link
from inkhorn.core import guard
from inkhorn.core.access import House, everyone
from inkhorn.core.clock import now
from inkhorn.core.database import session, transaction
from tests.accounts.browsing import noted, post, token_in
from tests.accounts.test_factors import begin, codes_in, confirm
from tests.accounts.test_passkeys import add, few_codes  # noqa: F401 - the fixture
from tests.accounts.test_sign_in import sign_in
from tests.authenticators import Authenticator
from tests.factories.accounts import PASSWORD, browser_of, give_app, make_user

TWO_FACTOR = "/account/two-factor"


@pytest.fixture
def production(app, monkeypatch, clock):
    """The running application, as careful as in production."""
    careful = dataclasses.replace(app.extensions["inkhorn.config"], profile="production")
    monkeypatch.setitem(app.extensions, "inkhorn.config", careful)


@pytest.fixture
def ada(database):
    return make_user(email="ada@example.org", name="Ada", role="administrator", password=PASSWORD)


@pytest.fixture
def held(app, ada, production):
    return browser_of(app, ada)


def test_somebody_held_reaches_only_enrolment_and_the_way_out(app, held):
    for rule in app.url_map.iter_rules():
        if rule.endpoint in WHILE_HELD or rule.endpoint == "static" or guard.rule_of(app, rule.endpoint) is everyone:
            continue
        path = re.sub(r"<any\((\w+)[^>]*>", r"\1", rule.rule.replace("<string(length=32):uuid>", "0" * 32))
        path = re.sub(r"<[^>]+>", "1", path)
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            answer = held.open(path, method=method)
            if path.startswith("/api/"):
                assert answer.status_code in (401, 403), (method, path)
                continue
            assert answer.status_code in (303, 404), (method, path)
            assert answer.status_code == 404 or answer.location.startswith(TWO_FACTOR), (method, path)
            told = held.open(path, method=method, headers={"Accept": "application/json"})
            assert told.status_code in (403, 404), (method, path)


def test_the_exceptions_are_endpoints_that_there_are(app):
    assert set(app.view_functions) >= WHILE_HELD


def test_readers_pages_stay_open_to_somebody_held(held):
    assert [held.get(path).status_code for path in ("/", "/archive/", "/feed.xml", "/sign-in")] == [200, 200, 200, 303]


def test_where_somebody_held_was_going_is_remembered_through_enrolment(held):
    answer = held.get("/desk/posts/write?kind=page")
    assert answer.location == f"{TWO_FACTOR}?next=/desk/posts/write?kind%3Dpage"
    page = held.get(answer.location).text
    assert "One thing before you begin." in page
    assert 'aria-label="Desk"' not in page
    begun = post(held, f"{TWO_FACTOR}/app/begin", next="/desk/posts/write?kind=page")
    assert begun.location == f"{TWO_FACTOR}/app?next=/desk/posts/write?kind%3Dpage"
    shown = held.get(begun.location).text
    seed = re.search(r"<code>([A-Z2-7 ]+)</code>", shown)[1].replace(" ", "")
    done = confirm(held, code_at(seed, now()), next="/desk/posts/write?kind=page")
    assert len(codes_in(done.text)) == 10
    assert 'href="/desk/posts/write?kind=page"' in done.text
    assert held.get("/desk/posts/write?kind=page").status_code == 200


def test_an_act_that_was_held_leads_to_no_page_that_cannot_be_opened(held):
    assert held.post("/desk/posts/write", data={"title": "x"}).location == TWO_FACTOR


def test_a_passkey_lets_somebody_held_go_on_as_well(held, few_codes):  # noqa: F811
    assert add(held, Authenticator()).status_code == 200
    assert held.get("/desk/").status_code == 200


def test_the_owner_is_led_from_set_up_to_the_first_draft(app, database, production):
    with transaction():
        link = make_setup_link()
    browser = app.test_client()
    fields = {"site_title": "The Slow Ferry", "name": "Ada Marsh", "email": "ada@example.org", "password": PASSWORD}
    assert browser.post(f"/setup/{link}", data=fields).location == "/desk/posts/write"
    assert browser.get("/desk/posts/write").location == f"{TWO_FACTOR}?next=/desk/posts/write"
    confirm(browser, code_at(begin(browser), now()), next="/desk/posts/write")
    assert browser.get("/desk/posts/write").status_code == 200


def test_somebody_promoted_enrols_at_the_next_sign_in(app, client, database, production):
    user = make_user(password=PASSWORD)
    browser = browser_of(app, user)
    assert browser.get("/desk/").status_code == 200
    with transaction():
        roles.change_role(user_by_email("ida@example.org"), "administrator", by=House())
    assert browser.get("/desk/").location.startswith("/sign-in")
    sign_in(client)
    assert client.get("/desk/").location.startswith(TWO_FACTOR)


@pytest.mark.parametrize(
    ("role", "is_held"), [("owner", True), ("administrator", True), ("editor", False), ("author", False), ("reader", False)]
)
def test_production_demands_it_of_those_with_power(app, database, production, role, is_held):
    browser = browser_of(app, make_user(role=role))
    assert (browser.get("/account/").status_code == 303) is is_held


@pytest.mark.parametrize(("role", "demands"), [("author", True), ("administrator", False)])
def test_what_the_role_says_stands_before_the_profile(app, database, production, role, demands):
    with transaction():
        roles.demand_second_factor(roles.role_named(role), demands=demands, by=House())
    browser = browser_of(app, make_user(role=role))
    assert (browser.get("/account/").status_code == 303) is demands


def test_the_only_factor_of_whoever_must_have_one_stays(app, ada, production, few_codes):  # noqa: F811
    give_app(ada)
    browser = browser_of(app, ada)
    # An enrolled person's session has been proved by both.
    confirm(browser, code_at(begin(browser), now()))
    post(browser, f"{TWO_FACTOR}/app/remove")
    assert factors_of(ada.id).has_authenticator
    assert "your only one" in browser.get(TWO_FACTOR).text
    add(browser, Authenticator())
    post(browser, f"{TWO_FACTOR}/app/remove")
    assert not factors_of(ada.id).has_authenticator
    only = session().scalars(passkeys_of(ada.id)).one()
    assert post(browser, f"/account/passkeys/{only.id}/remove").status_code == 303
    assert "your only one" in browser.get("/account/signing-in").text
    assert factors_of(ada.id).passkeys == 1


def test_whoever_must_have_one_cannot_say_no(held, few_codes):  # noqa: F811
    def say_no():
        return held.post(f"{TWO_FACTOR}/decline", data={"csrf_token": token_in(held)}).location

    assert say_no() == TWO_FACTOR
    add(held, Authenticator())
    assert say_no() == TWO_FACTOR
    assert "cannot be declined" in held.get(TWO_FACTOR).text
    assert noted("accounts.second_factor%") == []


def test_elsewhere_an_administrator_is_asked_until_they_say_no(app, ada):
    browser = browser_of(app, ada)
    assert "Protect this account" in browser.get("/desk/").text
    assert post(browser, f"{TWO_FACTOR}/decline", next="/desk/").location == "/desk/"
    assert "Protect this account" not in browser.get("/desk/").text


def test_elsewhere_an_administrator_is_asked_until_it_is_set_up(app, ada, few_codes):  # noqa: F811
    browser = browser_of(app, ada)
    add(browser, Authenticator())
    assert "Protect this account" not in browser.get("/desk/").text


def test_authors_are_not_asked(app, database):
    assert "Protect this account" not in browser_of(app, make_user()).get("/desk/").text


def test_a_session_whose_last_factor_went_is_proved_by_one_only(app, ada):
    """What a role demands later must not be taken as given."""
    give_app(ada)
    browser = browser_of(app, ada)
    post(browser, f"{TWO_FACTOR}/app/remove")
    with transaction():
        roles.demand_second_factor(roles.role_named("administrator"), demands=True, by=House())
    assert browser.get("/desk/").location.startswith(TWO_FACTOR)
