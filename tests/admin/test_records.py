"""Raw records: what may be seen of every table and nothing more, filtered, sorted, page by page, and as a file."""

import csv
import io

import pytest
from sqlalchemy import inspect, select, update

from inkhorn.accounts.models import Session, User
from inkhorn.admin import records
from inkhorn.admin.records import TABLES
from inkhorn.core import clock, settings
from inkhorn.core.access import House
from inkhorn.core.audit import Entry
from inkhorn.core.database import session, transaction
from inkhorn.core.jobs import JobRow
from inkhorn.core.mail.letters import Letter
from inkhorn.core.settings import Setting, SiteSettings
from inkhorn.posts.models import Address
from inkhorn.posts.services.redirects import add_redirect
from tests.admin.conftest import noted, press, told
from tests.factories.accounts import make_user
from tests.mail.conftest import write
from tests.plans import plans

MODELS = {"users": User, "sessions": Session, "audit": Entry, "jobs": JobRow, "redirects": Address, "settings": Setting, "letters": Letter}
MODELS |= {name: TABLES[name].columns["id"].class_ for name in ("bans", "comments")}
# What nobody is shown, and why the column is not merely forgotten.
HIDDEN = {
    "users": {"password", "fs_uniquifier", "passkey_handle", "following_key", "active", "bio", "website", "links", "notices", "heir_id", "origin_key",
              "updated_at", "declines_second_factor"},
    "sessions": {"token_digest", "device_id", "details"},
    "audit": set(),
    "jobs": {"owner", "fence", "unique_key", "waiting_key"},
    "redirects": {"post_id"},
    "settings": set(),
    "letters": {"content", "purpose"},
    "bans": {"value"},
    "comments": {"state_before", "root_id", "depth", "place", "is_shown", "place_digest", "wants_replies", "html", "text_digest", "once",
                 "confirmed_at", "trashed_at", "withdrawn_at", "learnt_as", "origin_key"},
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(TABLES))
def test_every_column_is_shown_or_hidden_on_purpose(name):
    columns = {column.key for column in inspect(MODELS[name]).mapper.column_attrs}
    assert columns - set(TABLES[name].columns) == HIDDEN[name]


@pytest.fixture
def filled(browser):
    """Something in every table."""
    make_user(email="ida@example.org", name="Ida", password="correct horse battery staple 7")
    write("rhea@example.org")
    with transaction():
        add_redirect("/old/", "https://example.org/new", by=House())
        settings.tune(SiteSettings, by=House(), title="The Slow Ferry")
    return browser


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("users", "ida@example.org author active"),
        ("sessions", "127.0.0.1 a test"),
        ("audit", "accounts.created"),
        ("jobs", "mail.deliver_letters"),
        ("redirects", "/old/ https://example.org/new"),
        ("settings", "site title The Slow Ferry"),
        ("letters", "core/test rhea@example.org"),
    ],
)
def test_every_table_has_its_page(filled, name, shown):
    assert shown in told(filled.get(f"/admin/records/{name}"))


def test_no_secret_is_on_any_page_or_in_any_file(filled):
    with transaction():
        ida = session().query(User).filter_by(email="ida@example.org").one()
        ida.passkey_handle, ida.following_key = "secret-handle", "secret-following"
        secrets = [
            ida.password,
            ida.fs_uniquifier,
            "secret-handle",
            "secret-following",
            *session().scalars(Session.__table__.select().with_only_columns(Session.token_digest)),
        ]
    for name in TABLES:
        page, file = filled.get(f"/admin/records/{name}").text, press(filled, f"/admin/records/{name}/export").text
        assert [secret for secret in secrets if secret in page + file] == [], name
        assert "letters of this site arrive" not in page + file


@pytest.mark.parametrize(
    "asked",
    [
        "password=x",
        "fs_uniquifier=x",
        "sort=password",
        "sort=-fs_uniquifier",
        "sort=id;DROP",
        "content=x",
        "status=nonsense",
        "email=ida@example.org",
        "role=owner",
        "search=x&password=y",
    ],
)
def test_a_column_that_is_hidden_cannot_be_asked_about(filled, asked):
    assert filled.get(f"/admin/records/users?{asked}").status_code == 400
    fields = dict(each.split("=") for each in asked.split("&"))
    assert press(filled, "/admin/records/users/export", **fields).status_code == 400


def test_rows_are_searched_filtered_and_sorted(filled):
    for name in ("Zoe", "Abel"):
        make_user(email=f"{name.lower()}@example.org", name=name, role="reader")
    assert "Zoe" in told(filled.get("/admin/records/users?search=ZOE"))
    assert "Ida" not in told(filled.get("/admin/records/users?search=zoe"))
    assert "Ida" not in told(filled.get("/admin/records/users?status=suspended"))
    names = told(filled.get("/admin/records/users?sort=-name"))
    assert names.index("Zoe") < names.index("Ida") < names.index("Abel")


@pytest.mark.parametrize("search", ["%", "_", "'", "\\", "\x00", '"; DROP TABLE user; --', "x" * 5000])
def test_a_search_is_words_and_nothing_else(filled, search):
    answer = filled.get("/admin/records/users", query_string={"search": search})
    assert answer.status_code == 200
    assert "ida@example.org" not in answer.text or search in ("", "\x00")


def test_what_is_yes_or_no_can_be_chosen(filled):
    assert "mail.deliver_letters" in told(filled.get("/admin/records/jobs?is_dead=no"))
    assert "mail.deliver_letters" not in told(filled.get("/admin/records/jobs?is_dead=yes"))


def test_pages_follow_each_other(browser):
    for number in range(60):
        write(f"{number}@example.org", purpose=str(number))
    first, second = (browser.get(f"/admin/records/letters?page={page}").text for page in (1, 2))
    assert ("?page=2" in first, "?page=3" in second) == (True, False)
    assert first.count("core/test") + second.count("core/test") == 60


@pytest.mark.parametrize("address", ["nothing", "users?page=99", "users?page=0", "users?page=x", "user", "setup_link", "authenticator"])
def test_what_is_not_there(browser, address):
    assert browser.get(f"/admin/records/{address}").status_code == 404


def test_an_export_has_exactly_what_is_filtered_and_is_noted(filled, ada):
    answer = press(filled, "/admin/records/users/export", search="ida", sort="-name", status="active")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["email"] for row in rows] == ["ida@example.org"]
    assert list(rows[0]) == list(TABLES["users"].columns)
    (entry,) = noted("records.exported")
    assert (entry.actor_id, entry.details) == (ada.id, {"table": "users", "search": "ida", "filters": {"status": "active"}})


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "  =1+1", "＝1"])
def test_a_formula_in_an_export_is_text(browser, name):
    make_user(email="eve@example.org", name=name)
    file = press(browser, "/admin/records/users/export", search="eve").text
    cell = list(csv.reader(io.StringIO(file)))[1][1]
    assert cell == f"'{' '.join(name.split())}"


def test_a_file_of_many_rows_is_whole(browser):
    with transaction():
        session().execute(Entry.__table__.insert(), [{"action": "media.stored", "actor_label": "x", "details": {}} for _ in range(2500)])
    assert len(press(browser, "/admin/records/audit/export", search="media.stored").text.splitlines()) == 2501


@pytest.mark.parametrize("name", sorted(TABLES))
@pytest.mark.parametrize("part", [1, 2, 1000])
def test_a_file_is_read_in_parts_and_holds_no_snapshot_between_them(filled, monkeypatch, name, part):
    monkeypatch.setattr(records, "PART", part)
    table = TABLES[name]
    for sort in table.sorts:
        whole = [tuple(row) for row in session().execute(records.records(table, by=House(), search="", sort=sort, filters={}))]
        session().rollback()
        rows = []
        for row in records.all_records(table, by=House(), search="", sort=sort, filters={}):
            assert not session().in_transaction()
            rows.append(row)
        assert sorted(map(str, rows)) == sorted(map(str, whole))


def test_whoever_is_seen_meanwhile_is_in_the_file_once(filled, signed_in, wren, emil, monkeypatch):
    signed_in(wren)
    signed_in(emil)
    monkeypatch.setattr(records, "PART", 1)
    numbers = []
    for row in records.all_records(TABLES["sessions"], by=House(), search="", sort="-seen_at", filters={}):
        numbers.append(row[0])
        with transaction():
            session().execute(
                update(Session).where(Session.id == max(numbers) + 1).values(seen_at=clock.now().replace(year=2099, month=1, day=1))
            )
    assert numbers == list(session().scalars(select(Session.id).order_by(Session.id)))
    assert len(numbers) > 2


def test_exports_are_few(browser):
    answers = [press(browser, "/admin/records/settings/export") for _ in range(11)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]


@pytest.mark.parametrize("words", ["<script>alert(1)</script>", '"><img src=x>'])
def test_hostile_rows_are_text(browser, words):
    make_user(email="eve@example.org", name=words)
    write("rhea@example.org", purpose=words, name=words)
    for name in TABLES:
        assert words not in browser.get(f"/admin/records/{name}").text, name


@pytest.mark.parametrize("who", ["emil", "wren", "rhea"])
@pytest.mark.parametrize("name", sorted(TABLES))
def test_nobody_else_sees_them(signed_in, cast, who, name, database):
    other = signed_in(getattr(cast, who))
    assert (other.get(f"/admin/records/{name}").status_code, other.post(f"/admin/records/{name}/export").status_code) == (403, 403)


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_page_of_rows_is_one_question(filled, queries, name):
    filled.get(f"/admin/records/{name}")
    queries.clear()
    filled.get(f"/admin/records/{name}")
    assert len(queries) <= 4


@pytest.mark.parametrize(("name", "sort"), [(name, sort) for name, table in TABLES.items() for sort in table.sorts])
def test_every_order_follows_an_index(filled, name, sort):
    filled.get(f"/admin/records/{name}")
    with plans() as steps:
        filled.get(f"/admin/records/{name}?sort={sort}")
    assert [step for step in steps if "TEMP B-TREE FOR ORDER BY" in step] == []
