"""The audit log: what is noted, found again, read in parts and shortened; on SQLite and PostgreSQL with their real guards."""

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from flask import Flask

from inkhorn.app import create_app
from inkhorn.core import audit, audit_pruning, clock, migrating
from inkhorn.core.access import House, Visitor
from inkhorn.core.audit import Entry, UndeclaredAction, Wanted
from inkhorn.core.config import Config
from inkhorn.core.database import db, session, transaction
from tests.conftest import config_for
from tests.frozen import at


@pytest.fixture
def guarded(engine_config: Config) -> Iterator[Flask]:
    """An application on a migrated database, whose log the database itself keeps from changing."""
    migrating.upgrade(engine_config)
    app = create_app(engine_config)
    with app.app_context():
        yield app
        db.session.close()
        db.engine.dispose()


def note(action: str = "posts.published", *, days_ago: float = 0, by: object = None, **details: object) -> Entry:
    with at(clock.now() - timedelta(days=days_ago)), transaction():
        return audit.record(by or House(), action, None, **details)


def actions(wanted: Wanted | None = None) -> list[str]:
    session().rollback()
    return [entry.action for entry in session().scalars(audit.entries(wanted or Wanted()))]


def test_an_action_that_no_room_declared_is_refused(guarded):
    with pytest.raises(UndeclaredAction), transaction():
        audit.record(House(), "posts.frobnicated", None)


def test_long_names_are_cut_and_not_refused(guarded):
    entry = note(by=Visitor(address="203.0.113.7", device="x" * 5000))
    assert len(entry.device) == 300


def test_parts_together_are_the_whole(guarded):
    for number in range(7):
        note(number=number)
    told = [details["number"] for (details,) in audit.entries_in_parts(Wanted(), ["details"], part=3)]
    assert told == [6, 5, 4, 3, 2, 1, 0]


@pytest.mark.parametrize("part", [1, 3, 100])
def test_parts_by_day_follow_each_other_by_their_moments(guarded, part):
    days = [3, 1, 2, 5, 4]
    for days_ago in days:
        note(days_ago=days_ago, days=days_ago)
    wanted = Wanted(since=clock.now() - timedelta(days=4.5), action="posts.")
    assert [details["days"] for (details,) in audit.entries_in_parts(wanted, ["details"], part=part)] == [1, 2, 3, 4]


@pytest.mark.parametrize("part", [1, 6, 7, 8])
def test_no_entry_falls_between_two_parts(guarded, part):
    for _ in range(7):
        note()
    assert len(list(audit.entries_in_parts(Wanted(action="posts."), [], part=part))) == 7


def test_an_entry_made_while_it_is_read_is_not_read_twice(guarded):
    for _ in range(4):
        note()
    seen = []
    for (number,) in audit.entries_in_parts(Wanted(), ["id"], part=2):
        seen.append(number)
        if len(seen) == 2:
            note()
    assert len(seen) == len(set(seen)) == 4


def test_the_application_cannot_change_the_log(guarded):
    note()
    refuse_to_forget()
    assert actions() == ["posts.published"]


def test_pruning_removes_the_old_and_notes_itself(guarded):
    for days in (400, 366, 364, 0):
        note(days_ago=days)
    before = clock.now() - timedelta(days=365)
    assert audit_pruning.prunable(before) == 2
    assert audit_pruning.prune(before, by=House()) == 2
    assert actions() == ["audit.pruned", "posts.published", "posts.published"]
    (entry,) = session().scalars(audit.entries(Wanted(action="audit.pruned")))
    assert entry.details == {"entries": 2, "older_than": before.isoformat()}


def test_many_go_in_rounds_with_a_turn_for_others_between_them_and_one_note(guarded, monkeypatch):
    monkeypatch.setattr(audit_pruning, "ROUND", 3)
    for _ in range(7):
        note(days_ago=400)
    turns = []
    monkeypatch.setattr(audit_pruning, "time", SimpleNamespace(sleep=lambda _seconds: turns.append(write_from_elsewhere())))
    assert audit_pruning.prune(clock.now() - timedelta(days=365), by=House()) == 7
    assert (len(turns), actions()) == (2, ["posts.trashed", "posts.trashed", "audit.pruned"])
    assert session().scalars(audit.entries(Wanted(action="audit.pruned"))).one().details["entries"] == 7


def write_from_elsewhere() -> None:
    """An entry over another connection, which neither waits nor finds the log unguarded."""
    with db.engine.connect().execution_options(inkhorn_writes=True) as other, other.begin():
        other.execute(sa.text("SET LOCAL lock_timeout = 1" if other.dialect.name == "postgresql" else "PRAGMA busy_timeout = 1"))
        other.execute(sa.insert(Entry).values(action="posts.trashed", actor_label="inkhorn", details={}))
        with pytest.raises(sa.exc.DBAPIError, match="only grows"), other.begin_nested():
            other.execute(sa.delete(Entry))


def test_what_was_removed_is_noted_even_where_a_later_round_fails(guarded, monkeypatch):
    monkeypatch.setattr(audit_pruning, "ROUND", 2)
    for _ in range(3):
        note(days_ago=400)
    monkeypatch.setattr(audit_pruning, "time", SimpleNamespace(sleep=lambda _seconds: 1 / 0))
    with pytest.raises(ZeroDivisionError):
        audit_pruning.prune(clock.now() - timedelta(days=365), by=House())
    assert actions() == ["audit.pruned", "posts.published"]
    refuse_to_forget()


def test_where_nothing_is_old_nothing_is_noted(guarded):
    note()
    assert audit_pruning.prune(clock.now() - timedelta(days=365), by=House()) == 0
    assert actions() == ["posts.published"]


def test_the_guards_stand_again_after_pruning(guarded):
    note(days_ago=400)
    audit_pruning.prune(clock.now() - timedelta(days=365), by=House())
    refuse_to_forget()


def refuse_to_forget() -> None:
    for act in (sa.update(Entry).values(action="x"), sa.delete(Entry)):
        with pytest.raises(sa.exc.DBAPIError, match="only grows"), transaction():
            session().execute(act)


def test_the_guards_stand_after_a_pruning_that_failed(guarded, monkeypatch):
    note(days_ago=400)
    monkeypatch.setattr(audit_pruning, "delete", lambda _table: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        audit_pruning.prune(clock.now() - timedelta(days=365), by=House())
    refuse_to_forget()
    assert actions() == ["posts.published"]


def test_a_number_is_never_given_twice(guarded):
    last = note(days_ago=400)
    assert audit_pruning.prune(clock.now(), by=House()) == 1
    assert session().scalars(audit.entries(Wanted())).one().id == last.id + 1


def test_whoever_does_not_own_the_table_prunes_nothing(guarded, engine_config, tmp_path):
    if engine_config.uses_sqlite:
        pytest.skip("SQLite has no owners of tables.")
    note(days_ago=400)
    note()
    with db.engine.begin() as connection:
        for statement in (
            "DROP ROLE IF EXISTS writer",
            "CREATE ROLE writer LOGIN",
            "GRANT ALL ON ALL TABLES IN SCHEMA public TO writer",
            "GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO writer",
        ):
            connection.execute(sa.text(statement))
    app = create_app(config_for(tmp_path, database_url=engine_config.database_url.replace("inkhorn@", "writer@")))
    with app.app_context():
        assert not audit_pruning.may_prune()
        with pytest.raises(audit_pruning.NotTheOwner, match="only the owner"):
            audit_pruning.prune(clock.now() - timedelta(days=365), by=House())
        assert actions() == ["posts.published"] * 2
        db.session.close()
        db.engine.dispose()
    with db.engine.begin() as connection:
        connection.execute(sa.text("DROP OWNED BY writer"))
        connection.execute(sa.text("DROP ROLE writer"))
