"""The audit log on screen: found by who, what and when, told in words, page by page, and taken away as it is filtered."""

import csv
import io
import json

import pytest

from inkhorn.accounts.settings import AccountSettings
from inkhorn.core import audit, audit_pruning, settings
from inkhorn.core.access import House, Visitor
from inkhorn.core.audit import Entry
from inkhorn.core.database import session, transaction
from tests.admin.conftest import noted, press, told
from tests.factories.accounts import make_user


def note(action="posts.published", by=None, subject=None, **details):
    with transaction():
        return audit.record(by or House(), action, subject, **details)


def notes(many, **values):
    """So many entries at once, the oldest first."""
    kept = {"action": "media.stored", "actor_label": "inkhorn", "details": {}} | values
    with transaction():
        session().execute(Entry.__table__.insert(), [kept | {"subject_label": f"picture {number}"} for number in range(many)])


def pictures(answer):
    return [word.split()[0] for word in told(answer).partition("the latest first")[2].split("picture ")[1:]]


def test_an_entry_is_told_in_words(browser, ada, wren):
    note("accounts.suspended", by=ada, subject=wren.user)
    page = told(browser.get("/admin/audit"))
    assert "Ada suspended Wren" in page
    assert "127.0.0.1" in page


def test_what_was_changed_is_folded_below(browser, ada, wren):
    note("accounts.role_changed", by=ada, subject=wren.user, before=["author"], after="editor")
    note(
        "settings.changed", by=ada, section="site", before={"title": "Ebbe", "menu": []}, after={"title": "Flut", "menu": [{"label": "A"}]}
    )
    page = browser.get("/admin/audit")
    assert "<del>author</del> <ins>editor</ins>" in page.text
    assert "<del>Ebbe</del> <ins>Flut</ins>" in page.text
    assert 'changed the settings General Before and after menu — [{"label": "A"}] title Ebbe Flut' in told(page)


def test_the_house_and_strangers_are_no_people(browser):
    note()
    note("accounts.sign_in_refused", by=Visitor(address="203.0.113.7", device="curl/8"), login="ines@example.org")
    page = told(browser.get("/admin/audit"))
    assert "The system published" in page
    assert "Somebody Refused was refused at the door More login ines@example.org From 203.0.113.7" in page


def test_somebody_who_is_gone_keeps_the_name_they_had(browser):
    note(by=_Gone())
    assert "ida@example.org published" in told(browser.get("/admin/audit"))


class _Gone:
    id, label, address, device, is_signed_in = 999, "ida@example.org", None, None, True

    def may(self, _permission):
        return True


@pytest.fixture
def told_apart(browser, ada, wren, clock):
    """Three entries that differ in who, what, when and where."""
    note("posts.published", by=wren, subject=wren.user)
    clock.forward(days=2)
    note("accounts.suspended", by=ada, subject=wren.user)
    clock.forward(days=20)
    note("posts.trashed", by=Visitor(address="203.0.113.7"))
    clock.forward(hours=1)
    return browser


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ("", {"published", "suspended", "moved to the trash"}),
        ("action=posts.", {"published", "moved to the trash"}),
        ("action=posts.trashed", {"moved to the trash"}),
        ("span=day", {"moved to the trash"}),
        ("span=month", {"published", "suspended", "moved to the trash"}),
        ("since=2026-03-04", {"suspended", "moved to the trash"}),
        ("until=2026-03-02", {"published"}),
        ("since=2026-03-04&until=2026-03-05", {"suspended"}),
        ("search=203.0.113", {"moved to the trash"}),
        ("search=WREN", {"published", "suspended"}),
        ("search=%25", set()),
        ("search=nobody&action=posts.", set()),
    ],
)
def test_entries_are_found(told_apart, filters, found):
    page = told(told_apart.get(f"/admin/audit?{filters}")).partition("the latest first")[2]
    assert {words for words in ("published", "suspended", "moved to the trash") if f" {words} " in page} == found


def test_entries_are_found_by_who_and_about_whom(told_apart, ada, wren):
    by_wren = told(told_apart.get(f"/admin/audit?actor={wren.id}")).partition("the latest first")[2]
    about_wren = told(told_apart.get(f"/admin/audit?about=user-{wren.id}")).partition("the latest first")[2]
    assert ("published" in by_wren, "suspended" in by_wren) == (True, False)
    assert ("published" in about_wren, "suspended" in about_wren, "trash" in about_wren) == (True, True, False)


@pytest.mark.parametrize(
    "wrong", ["span=century", "action=posts.nonsense", "action=x.", "actor=x", "actor=-1", "actor=99999999999", "since=yesterday", "until=2026-02-30",
              "before=x", "after=1e9", "about=user-x", "actor=1%27",
              "before=000000000001" + "9" * 30, "after=" + "9" * 5000, "actor=" + "0" * 11 + "1", "before=2147483648", "before=%C2%B2"],
)  # fmt: skip
def test_a_filter_that_makes_no_sense_is_refused_in_words(browser, wrong):
    answer = browser.get(f"/admin/audit?{wrong}")
    assert answer.status_code == 422


def test_nothing_found_is_said(browser):
    assert "Nothing matches" in told(browser.get("/admin/audit?search=nobody-at-all"))


def test_pages_follow_each_other_and_lead_back(browser):
    notes(120)
    first = browser.get("/admin/audit")
    older = first.text.split('rel="next" href="')[1].split('"')[0]
    second = browser.get(older)
    third = browser.get(second.text.split('rel="next" href="')[1].split('"')[0])
    seen = [picture for page in (first, second, third) for picture in pictures(page)]
    assert seen == [str(number) for number in range(119, -1, -1)]
    assert 'rel="next"' not in third.text
    back = browser.get(second.text.split('rel="prev" href="')[1].split('"')[0])
    assert pictures(back) == pictures(first)
    assert 'rel="prev"' not in back.text


def test_a_search_looks_so_far_says_so_and_goes_on(browser, monkeypatch):
    note("posts.published", subject=make_user(name="Halcyon"))
    notes(60)
    monkeypatch.setattr(audit, "FARTHEST", 40)
    first = browser.get("/admin/audit?search=halcyon")
    assert "40 entries were looked at one by one, and there are more beyond them" in told(first)
    assert "Nothing in these" in told(first)
    further = first.text.partition("more beyond them")[2].split('href="')[1].split('"')[0].replace("&amp;", "&")
    second = browser.get(further)
    assert ("published Halcyon" in told(second), "looked at one by one" in told(second)) == (True, False)
    back = second.text.split('rel="prev" href="')[1].split('"')[0].replace("&amp;", "&")
    assert "looked at one by one" in told(browser.get(back))


def test_a_page_keeps_its_filters(browser):
    notes(120)
    page = browser.get("/admin/audit?action=media.&search=picture").text
    assert "action=media.&amp;search=picture&amp;before=" in page


def test_new_entries_do_not_move_the_page_one_reads(browser):
    notes(80)
    older = browser.get("/admin/audit").text.split('rel="next" href="')[1].split('"')[0]
    before = pictures(browser.get(older))
    notes(30)
    assert pictures(browser.get(older)) == before


def export(browser, kind="csv", **filters):
    return press(browser, "/admin/audit/export", kind=kind, **filters)


def test_an_export_has_exactly_what_is_filtered_and_is_noted(browser, ada):
    notes(60)
    note("posts.published")
    answer = export(browser, action="media.", search="picture 1")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["subject_label"] for row in rows] == [f"picture {number}" for number in (*range(19, 9, -1), 1)]
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="audit-')
    (entry,) = noted("audit.exported")
    assert (entry.actor_id, entry.details) == (ada.id, {"kind": "csv", "filters": {"action": "media.", "search": "picture 1"}})


def test_json_lines_say_the_same(browser, ada, wren):
    note("accounts.role_changed", by=ada, subject=wren.user, before=["author"], after="editor")
    (line,) = export(browser, "jsonl", action="accounts.role_changed").text.splitlines()
    told_line = json.loads(line)
    assert (told_line["actor_label"], told_line["details"]) == ("ada@example.org", {"before": ["author"], "after": "editor"})
    assert told_line["at"].endswith("+00:00")


def test_an_export_is_written_in_parts(browser, queries):
    notes(2500)
    queries.clear()
    assert len(export(browser).text.splitlines()) > 2500
    assert sum("audit_entry" in query and query.startswith("SELECT") for query in queries) == 3


def test_a_formula_in_an_export_is_text(browser):
    note("accounts.sign_in_refused", by=Visitor(address="203.0.113.7", device="=HYPERLINK(1)"), login="x")
    assert "'=HYPERLINK(1)" in export(browser, action="accounts.sign_in_refused").text


def test_exports_are_few(browser):
    answers = [export(browser, search="x") for _ in range(11)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert len(noted("audit.exported")) == 10


@pytest.mark.parametrize("words", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "\u202emoc.elpmaxe"])
def test_hostile_words_are_text(browser, words):
    note("posts.published", by=Visitor(address=words[:60], device=words), title=words, before=words, after={"x": words})
    user = make_user(name=words or "x", email="eve@example.org")
    note("accounts.suspended", subject=user)
    page = browser.get("/admin/audit").text
    assert "<script>alert" not in page
    assert "<img" not in page


@pytest.mark.parametrize("who", ["emil", "wren", "rhea"])
def test_nobody_else_sees_the_log(signed_in, cast, who, database):
    other = signed_in(getattr(cast, who))
    assert (other.get("/admin/audit").status_code, other.post("/admin/audit/export").status_code) == (403, 403)


def test_many_entries_ask_no_more_than_few(browser, queries, cast):
    for actor in (cast.ada, cast.emil, cast.wren):
        for _ in range(20):
            note(by=actor)
    browser.get("/admin/audit")
    queries.clear()
    browser.get("/admin/audit")
    # Two of them whatever is shown: how many comments wait, and on PostgreSQL whether the log can be pruned from here.
    assert len(queries) <= 7


def test_its_retention_is_told(browser):
    assert "Kept for 365 days; nobody can edit it." in told(browser.get("/admin/audit"))
    with transaction():
        settings.tune(AccountSettings, by=House(), audit_days=0)
    assert "Kept for ever; nobody can edit it." in told(browser.get("/admin/audit"))


def test_it_says_so_where_nothing_is_removed_by_itself(browser, monkeypatch):
    monkeypatch.setattr(audit_pruning, "may_prune", lambda: False)
    assert "Kept for at least 365 days, until its operator removes what is older" in told(browser.get("/admin/audit"))


def test_moments_are_those_of_the_sites_clock(browser, clock):
    note()
    assert "2 March 2026, 12:00" in browser.get("/admin/audit").text
    clock.forward(hours=1)
    assert "1 hour ago" in told(browser.get("/admin/audit"))
