"""What people may say of themselves, and the usernames they may go by."""

import pytest
from sqlalchemy import select

from inkhorn.accounts.events import profile_changed, username_changed
from inkhorn.accounts.services.people import free_username
from inkhorn.accounts.services.profiles import ProfileChanges, UsernameTaken, change_profile, choose_username, tidy_username
from inkhorn.core.access import House
from inkhorn.core.audit import Entry
from inkhorn.core.database import session, transaction
from inkhorn.core.errors import Invalid
from tests.factories.accounts import audited, make_user


def change(user, **changes):
    with transaction():
        change_profile(session().merge(user), ProfileChanges(**changes), by=House())
        return session().merge(user)


def rename(user, username):
    with transaction():
        choose_username(session().merge(user), username, by=House())


def test_what_was_said_is_kept_and_noted_once(database):
    told = change(
        make_user(), name=" Ida  Reed ", bio="Mends clocks.\r\nNever late.", website="https://ida.example", timezone="Europe/Lisbon"
    )
    assert (told.name, told.bio, told.website, told.timezone) == (
        "Ida Reed",
        "Mends clocks.\nNever late.",
        "https://ida.example",
        "Europe/Lisbon",
    )
    entry = session().scalars(select(Entry).where(Entry.action == "accounts.profile_changed")).one()
    assert entry.details == {"keys": ["name", "bio", "website", "timezone"]}


def test_what_is_the_same_is_not_noted(database):
    heard = []
    with profile_changed.connected_to(heard.append):
        change(make_user(), name="Ida", bio="", website="", links=[], language="", timezone="", notices={"new_device": True})
    assert (heard, audited("accounts.profile_changed")) == ([], 0)


def test_only_what_differs_from_what_is_usual_is_kept(database):
    user = change(make_user(), notices={"new_device": False, "registered": True, "letter_refused": True, "made_up": True})
    assert user.notices == {"new_device": False, "registered": True}
    assert change(user, notices={"new_device": True}).notices == {"registered": True}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "\u202e\x00"),
        ("bio", "x" * 251),
        ("website", "javascript:alert(1)"),
        ("website", "data:text/html,x"),
        ("website", "https://"),
        ("website", "https://localhost"),
        ("website", "https://ida@evil.example"),
        ("website", "https://ida.example/\nx"),
        ("website", "https://ida.example/" + "x" * 500),
        ("website", 'https://ida.example/"onclick="x'),
        ("website", "//ida.example"),
        ("links", ["https://a.example", "vbscript:x"]),
        ("links", [f"https://{number}.example" for number in range(9)]),
        ("language", "tlh"),
        ("timezone", "Mars/Olympus"),
        ("timezone", "../../etc/passwd"),
    ],
)
def test_what_cannot_be_kept_names_its_field(database, field, value):
    with pytest.raises(Invalid) as refusal:
        change(make_user(), **{field: value})
    assert refusal.value.field == field


def test_two_hundred_and_fifty_letters_fit_whatever_they_weigh(database):
    assert len(change(make_user(), bio="🦀" * 250).bio) == 250


def test_an_address_twice_is_kept_once(database):
    assert change(make_user(), links=["https://a.example ", "", "https://a.example"]).links == ["https://a.example"]


def test_a_language_that_came_along_may_stay(database):
    user = make_user()
    with transaction():
        session().merge(user).language = "pt-PT"
    assert change(user, language="pt-PT", bio="x").language == "pt-PT"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("Wren", "wren"), ("  wren-reed ", "wren-reed"), ("ＷＲＥＮ", "wren"), ("мария", "мария"), ("ねこ猫ネコ", "ねこ猫ネコ"), ("r2d2", "r2d2"), ("straße", "strasse")],
)  # fmt: skip
def test_a_username_is_kept_in_one_form(typed, kept):
    assert tidy_username(typed) == kept


@pytest.mark.parametrize(
    "typed",
    ["", "a", "x" * 41, "wren reed", "wren_reed", "-wren", "wren-", "wr--en", "12345", "admin", "Ａｄｍｉｎ", "wrеn", "wren/..", "wren\x00", "wren\u202e", "🦀🦀", "@wren", "wren.reed", "w\u0301\u0301", "%2e%2e"],
)  # fmt: skip
def test_what_would_mislead_is_no_username(typed):
    with pytest.raises(Invalid) as refusal:
        tidy_username(typed)
    assert refusal.value.field == "username"


def test_a_username_has_one_owner(database):
    make_user(email="emil@example.org", name="Emil")
    with pytest.raises(UsernameTaken, match="“emil” already"):
        rename(make_user(), "EMIL")
    assert audited("accounts.username_changed") == 0


def test_another_username_is_noted_and_told_once(database):
    user, heard = make_user(), []
    with username_changed.connected_to(lambda user, **change: heard.append(change)):
        rename(user, "ida-reed")
        rename(user, "IDA-Reed")
    assert heard == [{"before": "ida", "after": "ida-reed"}]
    assert audited("accounts.username_changed") == 1


def test_a_username_from_before_the_rules_may_stay(database):
    user = make_user()
    with transaction():
        session().merge(user).username = "12345"
    rename(user, "12345")
    assert session().merge(user).username == "12345"


def test_nobody_takes_a_name_that_once_was_somebody_elses(database):
    user = make_user()
    rename(user, "ida-reed")
    with pytest.raises(UsernameTaken):
        rename(make_user(email="eve@example.org", name="Eve"), "ida")
    assert free_username("Ida") == "ida-2"


def test_ones_own_old_name_can_be_had_back(database):
    user = make_user()
    for username in ("ida-reed", "ida", "ida-reed", "reed", "ida"):
        rename(user, username)
    assert session().merge(user).username == "ida"
