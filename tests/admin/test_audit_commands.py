"""inkhorn audit: the log read, taken away and shortened from a shell."""

import csv
import io
import json
from datetime import timedelta

import pytest
from click.testing import CliRunner

from inkhorn.accounts.settings import AccountSettings
from inkhorn.admin.commands import audit_log
from inkhorn.admin.tasks import prune_entries
from inkhorn.core import audit, audit_pruning, settings
from inkhorn.core.access import House
from inkhorn.core.database import transaction
from inkhorn.core.errors import Conflict, NotFound
from inkhorn.core.jobs import registered_jobs
from tests.admin.conftest import noted


def run(*words):
    done = CliRunner().invoke(audit_log, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture
def log(clock, ada, wren):
    """Three entries of different people, days and kinds."""
    with transaction():
        audit.record(wren, "posts.published", wren.user)
    clock.forward(days=3)
    with transaction():
        audit.record(ada, "accounts.suspended", wren.user)
        audit.record(House(), "posts.trashed", None)
    return clock


def test_the_log_is_read_the_latest_first(log):
    lines = [line for line in run("list").splitlines() if "opened an account" not in line]
    assert [line.split("  ")[-1] for line in lines] == [
        "inkhorn moved to the trash", "ada@example.org suspended Wren", "wren@example.org published Wren",
    ]  # fmt: skip


def test_what_people_call_themselves_cannot_move_the_cursor(log, wren):
    with transaction():
        wren.user.name = "\x1b]0;owned\x07\x1b[2JWren\u202e\r\n2026-01-01  forged"
        audit.record(House(), "accounts.suspended", wren.user)
    told = run("list", "--limit", "1")
    assert not set("\x1b\x07\u202e\r") & set(told)
    assert told.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "actions"),
    [
        (["--action", "posts."], ["posts.trashed", "posts.published"]),
        (["--action", "posts.trashed"], ["posts.trashed"]),
        (["--who", "ada@example.org"], ["accounts.suspended"]),
        (["--since", "2026-03-04", "--action", "posts."], ["posts.trashed"]),
        (["--until", "2026-03-03", "--action", "posts."], ["posts.published"]),
        (["--search", "wren", "--action", "accounts.suspended"], ["accounts.suspended"]),
        (["--limit", "1"], ["posts.trashed"]),
    ],
)
def test_entries_are_chosen(log, words, actions):
    assert [entry["action"] for entry in json.loads(run("list", "--json", *words))] == actions


def test_an_export_is_whole_and_noted(log):
    rows = list(csv.DictReader(io.StringIO(run("export", "--action", "posts."))))
    assert [row["action"] for row in rows] == ["posts.trashed", "posts.published"]
    (line, *_rest) = run("export", "--format", "jsonl").splitlines()
    assert json.loads(line)["action"] == "audit.exported"
    assert [entry.details for entry in noted("audit.exported")] == [
        {"kind": "jsonl", "filters": {}},
        {"kind": "csv", "filters": {"action": "posts."}},
    ]


def test_what_is_older_than_it_is_kept_is_pruned(log):
    log.forward(days=363)
    assert run("prune", "--dry-run") == "3 entries are older than 365 days.\n"
    assert run("prune") == "Removed 3 entries older than 365 days.\n"
    assert [entry.action for entry in noted("posts.")] == ["posts.trashed"]
    assert len(noted("audit.pruned")) == 1


def test_every_day_it_happens_by_itself(log):
    log.forward(days=363)
    assert registered_jobs()["audit.prune_entries"].every == timedelta(days=1)
    prune_entries()
    prune_entries()
    assert [entry.action for entry in noted("posts.")] == ["posts.trashed"]
    assert len(noted("audit.pruned")) == 1


def test_where_only_the_owner_of_the_table_may_the_job_leaves_it_alone(log, monkeypatch):
    log.forward(days=363)
    monkeypatch.setattr(audit_pruning, "may_prune", lambda: False)
    prune_entries()
    assert len(noted("posts.")) == 2


def test_without_a_retention_nothing_is_pruned(log):
    with transaction():
        settings.tune(AccountSettings, by=House(), audit_days=0)
    log.forward(days=9_999)
    prune_entries()
    assert noted("audit.pruned") == []
    with pytest.raises(Conflict, match="for ever"):
        run("prune")


@pytest.mark.parametrize(
    ("words", "told"),
    [(["--who", "x@example.org"], "no account"), (["--action", "posts.frobnicated"], "no action"), (["--action", "x."], "no action")],
)
def test_what_is_not_there_is_named(log, words, told):
    with pytest.raises(NotFound, match=told):
        run("list", *words)


def test_a_day_is_a_day(log):
    assert CliRunner().invoke(audit_log, ["list", "--since", "yesterday"]).exit_code == 2
