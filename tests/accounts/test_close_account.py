"""The pages on which an account is closed and kept: asked for, undone by link and by signing in, refused to everybody else."""

import re

import pytest
from sqlalchemy import select

from inkhorn.accounts.models import AccountStatus, OneTimeToken, Purpose, Session
from inkhorn.accounts.queries import user_by_email
from inkhorn.accounts.services.closing import close_account
from inkhorn.accounts.services.tokens import issue_token
from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from inkhorn.posts.models import Status
from tests.factories.accounts import PASSWORD, Browser, audited, make_user
from tests.factories.media import make_asset
from tests.factories.posts import make_post


@pytest.fixture
def wrens(signed_in, wren) -> Browser:
    return Browser(signed_in(wren))


def status_of(name: str) -> AccountStatus:
    session().expire_all()
    return user_by_email(f"{name}@example.org").status


def closed_ida():
    """An account with a password that is being closed."""
    user = make_user(password=PASSWORD)
    with transaction():
        close_account(session().merge(user), heir_id=None, by=House())
    return user


def link_for(client, user) -> None:
    """What following the link of the letter leaves in the browser."""
    with transaction():
        secret = issue_token(Purpose.REOPEN, user=session().merge(user)).secret
    client.set_cookie("inkhorn-pending", secret)


def test_whoever_has_nothing_is_asked_nothing(signed_in, rhea):
    browser = Browser(signed_in(rhea))
    assert "becomes" not in browser.get("/account/close").text
    answer = browser.send("/account/close")
    assert (answer.status_code, answer.location, status_of("rhea")) == (303, "/account/closed", AccountStatus.CLOSING)
    assert browser.get("/account/").status_code == 303
    assert "fourteen days" in browser.get("/account/closed").text
    assert audited("accounts.closing") == 1


def test_whoever_wrote_is_told_of_what_and_asked_for_whom(wrens, wren, emil, rhea):
    make_post(by=wren)
    make_post(by=wren, status=Status.PUBLISHED)
    make_asset(by=wren)
    text = wrens.get("/account/close").text
    assert "You have 2 posts and pages, 1 upload here." in text
    assert re.findall(r'<option value="(\d+)">([^<]+)', text) == [(str(emil.id), "Emil")]


def test_a_chosen_heir_is_kept(wrens, wren, emil):
    make_post(by=wren)
    assert wrens.send("/account/close", becomes="heir", heir_id=emil.id).status_code == 303
    assert user_by_email("wren@example.org").heir_id == emil.id


def test_to_have_it_removed_is_a_choice(wrens, wren, emil):
    make_post(by=wren)
    wrens.send("/account/close", becomes="nothing", heir_id=emil.id)
    assert (status_of("wren"), user_by_email("wren@example.org").heir_id) == (AccountStatus.CLOSING, None)


@pytest.mark.parametrize("heir", ["", "0", "99999999", "9" * 5000, "-1", "x", "<script>", "own", "rhea"])
def test_nothing_is_removed_because_nobody_was_chosen(wrens, wren, rhea, heir):
    make_post(by=wren)
    answer = wrens.send("/account/close", becomes="heir", heir_id={"own": wren.id, "rhea": rhea.id}.get(heir, heir))
    assert (answer.status_code, status_of("wren")) == (422, AccountStatus.ACTIVE)
    assert "Choose somebody from the list" in answer.text.split('id="heir_id-error"')[1]


def test_the_owner_is_told_what_comes_first(signed_in, database):
    make_user(email="own@example.org", name="Own", role="owner")
    from inkhorn.accounts.identity.actor import Person

    browser = Browser(signed_in(Person(user_by_email("own@example.org"))))
    assert "Hand it over to somebody else first" in browser.get("/account/data").text
    assert browser.get("/account/close").location == "/account/data"
    assert (browser.send("/account/close").status_code, status_of("own")) == (409, AccountStatus.ACTIVE)


@pytest.mark.parametrize("path", ["/account/close", "/account/data/download"])
def test_without_the_forms_token_nothing_happens(wrens, path):
    assert (wrens.client.post(path, data={"csrf_token": "forged"}).status_code, status_of("wren")) == (422, AccountStatus.ACTIVE)


def test_to_send_it_twice_closes_once(wrens):
    assert [wrens.send("/account/close").location for _ in range(2)] == ["/account/closed", "/sign-in"]
    assert audited("accounts.closing") == 1


def test_the_link_asks_once_more_and_the_button_keeps_the_account(client, clock):
    ida = closed_ida()
    link_for(client, ida)
    page = client.get("/account/reopen")
    assert (page.status_code, "16 March 2026" in page.text, status_of("ida")) == (200, True, AccountStatus.CLOSING)
    answer = client.post("/account/reopen")
    assert (answer.status_code, "open again" in answer.text, status_of("ida")) == (200, True, AccountStatus.ACTIVE)
    assert client.get_cookie("inkhorn-pending") is None
    assert (audited("accounts.reopened"), session().scalars(select(Session)).all()) == (1, [])
    assert client.post("/sign-in", data={"email": "ida@example.org", "password": PASSWORD}).location == "/desk/"


def test_the_right_password_leads_to_the_undo(client):
    closed_ida()
    answer = client.post("/sign-in", data={"email": "ida@example.org", "password": PASSWORD})
    assert (answer.status_code, answer.location) == (303, "/account/reopen")
    assert "The account of Ida is closed" in client.get("/account/reopen").text
    client.post("/account/reopen")
    assert status_of("ida") is AccountStatus.ACTIVE


def test_a_wrong_password_learns_nothing_of_it(client):
    closed_ida()
    answer = client.post("/sign-in", data={"email": "ida@example.org", "password": "wrong password 7"})
    assert (answer.status_code, "clos" in answer.text.split("<main")[1].split("</main")[0]) == (422, False)
    assert session().scalars(select(OneTimeToken)).all() == []


@pytest.mark.parametrize("secret", ["", "x", "\u00e9", "x" * 500, "' OR 1=1 --"])
def test_a_guessed_link_keeps_nothing(client, secret):
    closed_ida()
    client.set_cookie("inkhorn-pending", secret)
    assert (client.get("/account/reopen").status_code, client.post("/account/reopen").status_code) == (410, 410)
    assert status_of("ida") is AccountStatus.CLOSING


@pytest.mark.parametrize("purpose", [each for each in Purpose if each is not Purpose.REOPEN])
def test_a_link_for_something_else_keeps_nothing(client, purpose):
    ida = closed_ida()
    with transaction():
        client.set_cookie("inkhorn-pending", issue_token(purpose, user=session().merge(ida)).secret)
    assert (client.post("/account/reopen").status_code, status_of("ida")) == (410, AccountStatus.CLOSING)


def test_a_link_works_once(client):
    ida = closed_ida()
    link_for(client, ida)
    secret = client.get_cookie("inkhorn-pending").value
    client.post("/account/reopen")
    client.set_cookie("inkhorn-pending", secret)
    assert (client.get("/account/reopen").status_code, client.post("/account/reopen").status_code) == (410, 410)
    assert audited("accounts.reopened") == 1


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}])
def test_a_foreign_page_keeps_no_account(client, headers):
    link_for(client, closed_ida())
    assert (client.post("/account/reopen", headers=headers).status_code, status_of("ida")) == (403, AccountStatus.CLOSING)


def test_a_name_full_of_scripts_is_shown_and_not_run(client):
    user = make_user(name="\"'><img src=x onerror=fired('c')>")
    with transaction():
        close_account(session().merge(user), heir_id=None, by=House())
    link_for(client, user)
    assert "<img src=x" not in client.get("/account/reopen").text
