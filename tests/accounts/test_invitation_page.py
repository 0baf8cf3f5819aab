"""The page of an invitation: from the link of the letter to an account that is signed in."""

import re

import pytest
from sqlalchemy import select

from inkhorn.accounts.models import Invitation
from inkhorn.accounts.queries import user_by_email
from inkhorn.accounts.services.invitations import inviting
from inkhorn.accounts.settings import AccountSettings
from inkhorn.core import settings
from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from tests.accounts.guests import accept, invite, noted, secret_for
from tests.factories.accounts import PASSWORD, browser_of, make_user

FIELDS = {"name": "Jo Reed", "password": PASSWORD}


@pytest.fixture
def follow(ada, app):
    """A browser that has followed the link of a new invitation."""

    def followed(**more):
        invite(ada, **more)
        browser = app.test_client()
        answer = browser.get(f"/invitation/{secret_for()}")
        assert (answer.status_code, answer.location) == (303, "/invitation")
        return browser

    return followed


def test_following_the_link_leads_to_a_clean_address_and_uses_nothing_up(follow):
    browser = follow(name="Jo", message="Come and write.")
    for _ in range(2):
        page = browser.get("/invitation")
        assert page.status_code == 200
    assert "Ada asks you to join as author." in page.text
    assert "Come and write." in page.text
    assert 'value="Jo"' in page.text
    assert "At least 12 characters" in page.text
    assert page.headers["Cache-Control"] == "no-store"


def test_the_secret_goes_into_a_cookie_that_scripts_do_not_see(ada, client):
    invite(ada)
    answer = client.get(f"/invitation/{secret_for()}")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_accepting_opens_the_account_and_signs_in(follow):
    browser = follow()
    answer = browser.post("/invitation", data=FIELDS)
    assert (answer.status_code, answer.location) == (303, "/desk/")
    assert browser.get("/desk/").status_code == 200
    user = user_by_email("jo@example.org")
    assert (user.name, user.role.name, user.terms_accepted_at) == ("Jo Reed", "author", None)
    assert noted("accounts.") == [
        "accounts.created",
        "accounts.invited",
        "accounts.created",
        "accounts.invitation_accepted",
        "accounts.signed_in",
    ]
    assert browser.get_cookie("inkhorn-pending") is None


def test_a_reader_needs_eight_characters_and_lands_on_the_site(follow):
    browser = follow(role="reader")
    assert "At least 8 characters" in browser.get("/invitation").text
    answer = browser.post("/invitation", data=FIELDS | {"password": "kelptide9"})
    assert (answer.status_code, answer.location) == (303, "/")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": ""}, "Write your name"),
        ({"name": "\u200b\u202e"}, "Write a name"),
        ({"name": "x" * 151}, "At most 150"),
        ({"password": ""}, "Choose a password"),
        ({"password": "short"}, "at least 12 characters"),
        ({"password": "jo@example.org"}, "too close to a name of yours"),
        ({"password": "password123456"}, "first that anybody would try"),
        ({"password": "x" * 129}, "At most 128"),
    ],
)
def test_what_will_not_do_is_said_in_its_place_and_nothing_is_used_up(follow, fields, said):
    browser = follow()
    page = browser.post("/invitation", data=FIELDS | fields)
    assert page.status_code == 422
    assert said in page.text
    assert 'aria-invalid="true"' in page.text
    assert user_by_email("jo@example.org") is None
    assert browser.post("/invitation", data=FIELDS).status_code == 303


def test_the_address_of_the_letter_counts_whatever_the_form_says(follow):
    follow().post("/invitation", data=FIELDS | {"email": "eve@example.org", "role": "owner"})
    assert user_by_email("eve@example.org") is None
    assert user_by_email("jo@example.org").role.name == "author"


@pytest.mark.parametrize("address", ["https://example.org/terms", "/terms/"])
def test_terms_must_be_accepted_where_there_are_any(follow, address):
    with transaction():
        settings.tune(AccountSettings, by=House(), terms_address=address)
    browser = follow()
    assert f'href="{address}"' in browser.get("/invitation").text
    assert "tick the box" in browser.post("/invitation", data=FIELDS).text
    assert browser.post("/invitation", data=FIELDS | {"terms": "y"}).status_code == 303
    assert user_by_email("jo@example.org").terms_accepted_at is not None


@pytest.mark.parametrize("way", ["link", "page", "post"])
@pytest.mark.parametrize("fate", ["used", "withdrawn", "ended"])
def test_a_link_that_is_over_answers_410_in_words(follow, clock, way, fate):
    browser = follow()
    secret = browser.get_cookie("inkhorn-pending").value
    if fate == "used":
        accept(secret)
    elif fate == "withdrawn":
        with transaction():
            inviting.withdraw_invitation(session().scalars(select(Invitation)).one(), by=House())
    else:
        clock.forward(days=7)
    page = browser.post("/invitation", data=FIELDS) if way == "post" else browser.get("/invitation" + f"/{secret}" * (way == "link"))
    assert page.status_code == 410
    assert {"used": "accepted already", "withdrawn": "taken back", "ended": "has ended"}[fate] in page.text
    assert 'href="/sign-in"' in page.text


@pytest.mark.parametrize("secret", ["x", "%00", "\u00e9", "a" * 3000, "..", "None"])
def test_a_guessed_link_opens_nothing(client, secret):
    assert client.get(f"/invitation/{secret}").status_code in (404, 410)


def test_without_a_link_there_is_no_invitation(client):
    assert client.get("/invitation").status_code == 410
    assert client.post("/invitation", data=FIELDS).status_code == 410


def test_a_page_of_another_site_accepts_for_nobody(follow):
    browser = follow()
    assert browser.post("/invitation", data=FIELDS, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert user_by_email("jo@example.org") is None


def test_somebody_signed_in_here_leaves_that_session_by_accepting(follow, app):
    browser = follow()
    ida = browser_of(app, make_user())
    browser.set_cookie("inkhorn", ida.get_cookie("inkhorn").value)
    browser.post("/invitation", data=FIELDS)
    assert "Jo Reed" in browser.get("/desk/").text
    assert ida.get("/desk/").status_code == 303


def test_an_account_opened_meanwhile_is_said_above_the_form(follow):
    browser = follow()
    make_user(email="jo@example.org")
    page = browser.post("/invitation", data=FIELDS)
    assert page.status_code == 409
    assert "already an account for jo@example.org" in page.text
    assert re.search(r'<p class="notice" role="alert">', page.text)


def test_whatever_the_inviter_wrote_stands_as_words(follow):
    page = follow(name="<b>Jo</b>", message="<img src=x onerror=fired()>\n{{ 7*7 }}").get("/invitation").text
    assert "<img src=x" not in page
    assert "<b>Jo" not in page
    assert "{{ 7*7 }}" in page
