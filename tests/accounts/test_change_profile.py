"""The page on which one tells of oneself: saved, refused with every word kept, hostile in every field."""

import pytest
from sqlalchemy import event

from inkhorn.accounts.queries import user_by_email
from inkhorn.core import limits
from inkhorn.core.database import db, session
from inkhorn.posts.models import Status
from tests.factories.accounts import Browser, audited, make_user
from tests.factories.posts import make_post

SAID = {
    "name": "Rhea Fenn",
    "username": "rhea",
    "bio": "Reads.",
    "website": "",
    "links": "",
    "language": "",
    "timezone": "",
    "notices": "new_device",
}
EVIL = (
    "\"'><img src=x onerror=fired('c')>",
    "</title></textarea><script>fired('d')</script>",
    "{{ ''.__class__ }}{% raw %}]]>--><svg onload=fired('e')>",
    "' autofocus onfocus=fired('f') x='",
)


@pytest.fixture
def rheas(signed_in, rhea) -> Browser:
    return Browser(signed_in(rhea))


def rhea_now():
    return user_by_email("rhea@example.org")


def test_the_page_shows_what_is_known(rheas):
    text = rheas.get("/account/").text
    assert 'value="Rhea"' in text
    assert 'value="rhea"' in text
    assert "0 of 250" in text
    assert text.count('role="switch"') == 2


def test_what_is_typed_is_saved_and_said(rheas):
    answer = rheas.send("/account/profile", **(SAID | {"username": "rhea-fenn", "links": "https://a.example\r\nhttps://b.example"}))
    assert (answer.status_code, answer.location) == (303, "/account/")
    assert "Your profile is saved." in rheas.get("/account/").text
    told = rhea_now()
    assert (told.name, told.username, told.bio, told.links) == (
        "Rhea Fenn",
        "rhea-fenn",
        "Reads.",
        ["https://a.example", "https://b.example"],
    )
    assert (audited("accounts.profile_changed"), audited("accounts.username_changed")) == (1, 1)


def test_a_letter_that_is_not_ticked_is_not_wanted(rheas):
    rheas.send("/account/profile", **(SAID | {"notices": ""}))
    assert rhea_now().notices == {"new_device": False, "comment_reply": False}


@pytest.mark.parametrize("field", ["registered", "letter_refused", "made_up"])
def test_nobody_asks_for_letters_that_are_not_theirs(rheas, field):
    rheas.send("/account/profile", **(SAID | {"notices": field}))
    assert field not in rhea_now().notices


def test_whoever_looks_after_people_is_offered_more(signed_in, ada):
    assert signed_in(ada).get("/account/").text.count('role="switch"') == 8


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("name", " ", "Write a name"),
        ("name", "x" * 151, "longer than 150"),
        ("username", "", "Write a username"),
        ("username", "admin", "taken for the site itself"),
        ("username", "emil", "“emil” already"),
        ("bio", "x" * 251, "these are 251"),
        ("website", "javascript:alert(1)", "Enter an address like"),
        ("links", "https://a.example\nnonsense", "“nonsense” is no web address"),
        ("timezone", "Mars/Olympus", "Choose a time zone"),
        ("language", "tlh", "Choose a language"),
    ],
)
def test_a_refused_profile_keeps_every_word(rheas, emil, field, value, says):
    answer = rheas.send("/account/profile", **(SAID | {"bio": "Words that took an hour."} | {field: value}))
    assert answer.status_code == 422 or (answer.status_code, value) == (409, "emil")
    assert says in answer.text
    assert "Words that took an hour." in answer.text or field == "bio"
    assert f'id="{field}-error"' in answer.text
    assert rhea_now().bio == ""


def test_all_that_is_wrong_is_said_at_once(rheas):
    text = rheas.send("/account/profile", **(SAID | {"name": "", "website": "x", "timezone": "x"})).text
    assert "3 fields need another look." in text
    assert text.count('aria-invalid="true"') == 3


@pytest.mark.parametrize("evil", EVIL)
@pytest.mark.parametrize("field", ["name", "username", "bio", "website", "links", "timezone", "language"])
def test_what_was_typed_is_shown_and_never_run(rheas, field, evil):
    rheas.send("/account/profile", **(SAID | {field: evil}))
    for text in (rheas.send("/account/profile", **(SAID | {field: evil, "name": ""})).text, rheas.get("/account/").text):
        assert not any(part in text for part in ("<img src=x", "<script>fired", "<svg onload", " onfocus=fired('f') x='"))


def test_a_username_is_changed_five_times_a_day(rheas):
    seen = [rheas.send("/account/profile", **(SAID | {"username": f"rhea-{word}"})) for word in "abcdef"]
    assert [answer.status_code for answer in seen] == [303] * 5 + [429]
    assert "Wait 1 day" in seen[-1].text
    assert seen[-1].headers["Retry-After"]
    assert rheas.send("/account/profile", **(SAID | {"username": "rhea-e", "bio": "Saved all the same."})).status_code == 303


def test_to_keep_the_username_costs_no_try(rheas):
    for _ in range(7):
        rheas.send("/account/profile", **SAID)
    assert limits.left(limits.USERNAME, str(rhea_now().id)) == 5


def test_a_name_that_somebody_else_has_costs_a_try_and_saves_nothing(rheas, emil):
    answer = rheas.send("/account/profile", **(SAID | {"username": "emil", "bio": "x"}))
    assert (answer.status_code, rhea_now().bio) == (409, "")
    assert limits.left(limits.USERNAME, str(rhea_now().id)) == 4


def test_a_stale_form_is_shown_again_with_all_that_was_typed(rheas):
    answer = rheas.client.post("/account/profile", data=SAID | {"csrf_token": "forged", "bio": "Words that took an hour."})
    assert answer.status_code == 422
    assert "open for too long" in answer.text
    assert "Words that took an hour." in answer.text
    assert rhea_now().bio == ""


def test_a_foreign_page_changes_nothing(rheas):
    answer = rheas.client.post("/account/profile", data=SAID | {"csrf_token": rheas.token}, headers={"Sec-Fetch-Site": "cross-site"})
    assert (answer.status_code, rhea_now().bio) == (403, "")


def test_only_oneself_is_changed(rheas):
    ida = make_user()
    rheas.send(
        "/account/profile", **(SAID | {"id": ida.id, "user_id": ida.id, "email": "evil@example.org", "role": "owner", "status": "active"})
    )
    assert (session().merge(ida).bio, rhea_now().role.name) == ("", "reader")


def test_ones_own_page_is_offered_to_authors(signed_in, wren, rhea):
    make_post(by=wren, status=Status.PUBLISHED)
    assert "/author/wren/" in signed_in(wren).get("/account/").text
    assert "/author/rhea/" not in signed_in(rhea).get("/account/").text


@pytest.mark.parametrize("path", ["/account/", "/account/sessions", "/account/data", "/account/close"])
def test_an_account_page_asks_little(signed_in, wren, path):
    browser, asked = signed_in(wren), []
    browser.get(path)
    session().info.pop("settings", None)
    event.listen(db.engine, "before_cursor_execute", note := lambda *told: asked.append(told[2]))
    browser.get(path)
    event.remove(db.engine, "before_cursor_execute", note)
    assert len([each for each in asked if each.startswith(("SELECT", "WITH"))]) <= 8, asked
