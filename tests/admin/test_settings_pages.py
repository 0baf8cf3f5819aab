"""The settings pages: every value has its field, what is wrong is said beside it, nothing that was typed is lost, everything is noted."""

import re
from dataclasses import asdict, fields

import pytest

from inkhorn.accounts.settings import AccountSettings
from inkhorn.admin.forms import FORMS, entries_of
from inkhorn.comments.settings import CommentSettings
from inkhorn.core import settings
from inkhorn.core.access import House
from inkhorn.core.database import transaction
from inkhorn.core.events import settings_changed
from inkhorn.core.settings import MenuItem, Section, SiteSettings
from inkhorn.posts.settings import PostSettings
from tests.accounts.browsing import grow_stale
from tests.accounts.test_freshness import fields_in
from tests.admin.conftest import last_entry, noted, press, token, told
from tests.factories.accounts import give_app

SECTIONS = sorted(FORMS)


def fields_of(browser, section):
    """What the form holds as it is drawn, as a browser would send it."""
    text = browser.get(f"/admin/settings/{section}").text
    sent = dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*?value="([^"]*)"(?![^>]*type=)', text))
    sent |= dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', text))
    sent |= dict(re.findall(r'<select[^>]*name="(\w+)".*?<option value="([^"]*)" selected', text, re.DOTALL))
    sent |= dict(re.findall(r'<input type="radio" name="(\w+)" value="([^"]*)" checked', text))
    sent |= {name: body.lstrip("\n") for name, body in re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>(.*?)</textarea>', text, re.DOTALL)}
    switches = re.findall(r'<input type="checkbox"[^>]*name="(\w+)" value="y"( checked)?', text)
    for name, is_on in switches:
        sent.pop(name, None)
        if is_on:
            sent[name] = "y"
    return sent


def save(browser, section, **changes):
    return browser.post(
        f"/admin/settings/{section}", data={k: v for k, v in (fields_of(browser, section) | changes).items() if v is not None}
    )


@pytest.mark.parametrize("section", SECTIONS)
def test_every_value_has_a_field_and_every_field_its_place(section):
    form = FORMS[section]
    names = {each.name for each in fields(form.section)}
    assert {name for _heading, group in form.groups for name in group} == names


def test_every_section_has_its_page():
    assert {each.section for each in Section.__subclasses__()} == set(SECTIONS)


@pytest.mark.parametrize("section", SECTIONS)
def test_saving_what_is_drawn_changes_nothing(browser, section):
    before = settings.read(FORMS[section].section)
    assert save(browser, section).status_code == 303
    assert settings.read(FORMS[section].section) == before
    assert noted("settings.changed") == []


def test_a_change_is_kept_and_noted_with_before_and_after(browser, ada):
    assert save(browser, "site", title="The Slow Ferry", posts_per_page="20").status_code == 303
    tuned = settings.read(SiteSettings)
    assert (tuned.title, tuned.posts_per_page) == ("The Slow Ferry", 20)
    entry = last_entry()
    assert (entry.action, entry.actor_id, len(noted("settings.changed"))) == ("settings.changed", ada.id, 1)
    assert entry.details == {
        "section": "site",
        "before": {"title": "A new publication", "posts_per_page": 12},
        "after": {"title": "The Slow Ferry", "posts_per_page": 20},
    }


def test_a_browser_that_was_left_open_changes_nothing_until_it_is_proved_who_sits_there(browser, ada):
    phone, typed = give_app(ada.user), fields_of(browser, "site") | {"title": "The Slow Ferry", "menu": "A = /a/\nB = /b/"}
    grow_stale()
    asked = browser.post("/admin/settings/site", data=typed)
    assert (asked.status_code, "Is it still you?" in asked.text, settings.read(SiteSettings).title) == (403, True, "A new publication")
    held = {**fields_in(asked.text), "proof_code": phone.code()}
    assert browser.post("/admin/settings/site", data=held).status_code == 303
    assert (settings.read(SiteSettings).title, len(settings.read(SiteSettings).menu)) == ("The Slow Ferry", 2)


def test_a_change_is_told_to_whoever_listens(browser):
    heard = []
    with settings_changed.connected_to(lambda now, before: heard.append((before.title, now.title))):
        save(browser, "site", title="The Slow Ferry")
        save(browser, "site")
    assert heard == [("A new publication", "The Slow Ferry")]


def test_all_values_of_a_page_can_be_changed(browser):
    save(
        browser, "site", title="Ebbe", description="Und Flut", language="de", timezone="Europe/Berlin", accent="own", own_accent="#123ABC",
        menu="Über = /ueber/\nElsewhere=https://example.org/", posts_per_page="7", feed_items="9", hidden_from_search="y",
    )  # fmt: skip
    assert settings.read(SiteSettings) == SiteSettings(
        title="Ebbe", description="Und Flut", language="de", timezone="Europe/Berlin", accent="#123abc",
        menu=(MenuItem("Über", "/ueber/"), MenuItem("Elsewhere", "https://example.org/")), posts_per_page=7, feed_items=9, hidden_from_search=True,
    )  # fmt: skip
    save(browser, "accounts", registration="open", new_role="reader", terms_address="/terms/", links_by_mail=None, audit_days="0")
    assert settings.read(AccountSettings) == AccountSettings(
        registration="open", new_role="reader", terms_address="/terms/", links_by_mail=False, audit_days=0
    )
    save(browser, "posts", permalink="/{year}/{slug}/", excerpt_words="30")
    assert settings.read(PostSettings) == PostSettings(permalink="/{year}/{slug}/", excerpt_words=30)
    save(
        browser, "comments", writers="members", holds_first=None, links_held="5", held_words="anchor\r\n\r\n chain \r\nanchor",
        refused_words="bad.test", close_after_days="30", edit_minutes="0",
        are_searched=None,
    )  # fmt: skip
    assert settings.read(CommentSettings) == CommentSettings(
        writers="members", holds_first=False, links_held=5, held_words="anchor\nchain", refused_words="bad.test",
        close_after_days=30, edit_minutes=0, are_searched=False,
    )  # fmt: skip


WRONG = [
    ("site", "title", ["", "   ", "x" * 151]),
    ("site", "description", ["x" * 201]),
    ("site", "language", ["xx-nowhere", "<b>"]),
    ("site", "timezone", ["Mars/Olympus", "../../etc/passwd"]),
    ("site", "theme", ["../../etc", "nowhere"]),
    ("site", "accent", ["red", "#12345"]),
    ("site", "own_accent", ["red", "#12345", "#12345g", "url(x)"]),
    ("site", "menu", ["About", "= /x/", "About = x", "About = //evil.example", "About = javascript:alert(1)", "About = /a b/", "About =", "\n".join(["A = /a/"] * 21), "x" * 61 + " = /a/"]),
    ("site", "posts_per_page", ["0", "101", "-1", "x", "", "1e3", "9" * 30]),
    ("site", "feed_items", ["0", "101", "x"]),
    ("accounts", "registration", ["everyone", ""]),
    ("accounts", "new_role", ["administrator", "owner", "author", "nobody", ""]),
    ("accounts", "terms_address", ["javascript:alert(1)", "//evil.example/", "terms", "https://", "/" + "x" * 500]),
    ("accounts", "audit_days", ["-1", "36501", "x", ""]),
    ("comments", "writers", ["everybody", ""]),
    ("comments", "close_after_days", ["-1", "36501", "x", ""]),
    ("comments", "edit_minutes", ["-1", "1441", "nan"]),
    ("comments", "links_held", ["-1", "101", "1.5"]),
    ("comments", "held_words", ["x" * 10_001]),
    ("comments", "refused_words", ["x" * 10_001]),
    ("posts", "permalink", ["", "{slug}", "/x/", "/{slug}/{hour}/", "/{slug", "/desk/{slug}/", "/{slug}//x", "/{slug}/?x", "/{0}{slug}/", "/{slug.__class__}/", "/../{slug}/", "/x" * 120 + "{slug}"]),
    ("posts", "excerpt_words", ["4", "501", "x"]),
]  # fmt: skip


@pytest.mark.parametrize(("section", "name", "value"), [(s, n, v) for s, n, values in WRONG for v in values])
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_saved(browser, section, name, value):
    before = settings.read(FORMS[section].section)
    answer = save(browser, section, **({"accent": "own"} if name == "own_accent" else {}), **{name: value})
    assert answer.status_code == 422
    assert f'id="{name}-error"' in answer.text or (name == "own_accent" and "another look" in answer.text)
    assert f'href="#{name}"' in answer.text
    assert "Nothing was saved yet" in told(answer)
    assert settings.read(FORMS[section].section) == before


def test_what_was_typed_is_kept_beside_what_was_wrong(browser):
    answer = save(browser, "site", title="", description="A line worth keeping", menu="Odd = /odd/", posts_per_page="33")
    for kept in ("A line worth keeping", "Odd = /odd/", 'value="33"'):
        assert kept in answer.text


def test_two_wrong_fields_are_both_named(browser):
    answer = save(browser, "site", title="", posts_per_page="0")
    assert "2 fields need another look. Site title , Posts on a page . Nothing was saved" in told(answer).replace("  ", " ")


def test_what_nobody_can_type_is_left_out(browser):
    save(browser, "site", title="Ebbe\x00\x07 und\tFlut", menu="A\x00 = /a/\x00")
    assert settings.read(SiteSettings).title == "Ebbe undFlut"
    assert settings.read(SiteSettings).menu == (MenuItem("A", "/a/"),)


@pytest.mark.parametrize("value", ["<script>alert(1)</script>", '"><b>', "{{ 7*7 }}", "\u202egnp"])
def test_a_title_is_words_and_nothing_else(browser, value):
    save(browser, "site", title=value)
    page = browser.get("/admin/settings/site").text
    assert "<script>alert" not in page
    assert settings.read(SiteSettings).title == value


def test_what_somebody_else_saved_meanwhile_is_not_overwritten_unseen(browser):
    mine = fields_of(browser, "site") | {"title": "Mine"}
    with transaction():
        settings.tune(SiteSettings, by=House(), description="Theirs", title="Theirs too")
    answer = browser.post("/admin/settings/site", data=mine)
    assert answer.status_code == 409
    assert "Somebody else saved these settings meanwhile." in told(answer)
    assert "One line about it: Theirs" in told(answer)
    assert settings.read(SiteSettings).title == "Theirs too"
    again = mine | {"drawn": re.search(r'name="drawn" value="(\w+)"', answer.text)[1]}
    assert browser.post("/admin/settings/site", data=again).status_code == 303
    assert settings.read(SiteSettings).title == "Mine"


def test_the_same_form_sent_twice_is_saved_once(browser):
    mine = fields_of(browser, "site") | {"title": "Mine"}
    assert [browser.post("/admin/settings/site", data=mine).status_code for _ in range(2)] == [303, 303]
    assert len(noted("settings.changed")) == 1


def test_a_form_open_for_too_long_loses_no_word(browser):
    answer = save(browser, "site", title="A long evening", csrf_token="stale")
    assert (answer.status_code, "A long evening" in answer.text, "open for too long" in answer.text) == (422, True, True)


def test_what_the_configuration_decides_is_shown_and_locked(browser, configured):
    configured(github_client_id="x")
    page = browser.get("/admin/settings/accounts").text
    assert re.search(r"Sign in with GitHub.*?disabled checked", page, re.DOTALL)
    assert re.search(r"Sign in with Google(?:(?!checked).)*?disabled>", page, re.DOTALL)


def test_where_a_locked_value_comes_from_is_said(browser, configured):
    configured(captcha="none", origins={"captcha": "environment"})
    assert "Decided by captcha (environment), so it cannot be changed here." in told(browser.get("/admin/settings/accounts"))


def test_a_locked_value_cannot_be_sent(browser, app):
    before = app.extensions["inkhorn.config"]
    save(browser, "accounts", captcha="none", site_url="https://evil.example", github_client_id="x")
    assert app.extensions["inkhorn.config"] is before


def test_hidden_columns_cannot_be_sent(browser):
    save(browser, "site", id="7", updated_at="1970-01-01", key="x", registration="open")
    assert asdict(settings.read(SiteSettings)) == asdict(SiteSettings())
    assert settings.read(AccountSettings) == AccountSettings()


def test_a_section_there_is_not(browser):
    assert browser.get("/admin/settings/nothing").status_code == 404
    assert press(browser, "/admin/settings/nothing").status_code == 404


@pytest.mark.parametrize("who", ["emil", "wren", "rhea", "vic"])
def test_nobody_else_sees_or_changes_settings(signed_in, cast, who):
    other = signed_in(getattr(cast, who))
    assert other.get("/admin/settings/site").status_code in (303, 403)
    assert other.post("/admin/settings/site", data={"title": "Mine"}).status_code in (303, 403)


def test_the_rail_leads_there_only_for_those_who_may(browser, signed_in, wren):
    assert 'href="/admin/"' in browser.get("/desk/").text
    assert 'href="/admin/"' not in signed_in(wren).get("/desk/").text


def test_the_room_opens_on_the_first_place_that_is_open(browser, signed_in, wren):
    assert browser.get("/admin/").location == "/admin/settings/site"
    assert signed_in(wren).get("/admin/").status_code == 404


def test_a_menu_is_read_as_it_is_typed():
    assert entries_of("  A = /a/ \n\n B=mailto:ida@example.org\n") == (MenuItem("A", "/a/"), MenuItem("B", "mailto:ida@example.org"))


def test_a_page_of_settings_asks_little(browser, queries):
    browser.get("/admin/settings/accounts")
    queries.clear()
    browser.get("/admin/settings/accounts")
    assert len(queries) <= 5


def test_the_token_of_a_page_is_worth_nothing_elsewhere(browser, signed_in, emil):
    stolen = token(browser)
    assert signed_in(emil).post("/admin/settings/site", data={"csrf_token": stolen, "title": "x"}).status_code == 403
