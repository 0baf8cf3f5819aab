"""Migrations: up, down and without drift on both databases; a copy first; nothing lost in a rebuild."""

import os
import sqlite3
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from inkhorn.core import migrating, revisions
from inkhorn.core.config import Config
from inkhorn.core.config_loading import load_config
from inkhorn.core.database import Base
from inkhorn.core.errors import Unavailable

REBUILD = '''"""Widen a column of the parent, which SQLite does by building the table anew."""
import sqlalchemy as sa
from alembic import op

revision = "9001"
down_revision = "{head}"

def upgrade() -> None:
    with op.batch_alter_table("tag") as batch:
        batch.alter_column("name", existing_type=sa.String(150), type_=sa.String(300), existing_nullable=False)
    {then}
'''


@pytest.fixture
def engine(engine_config: Config):
    built = sa.create_engine(engine_config.database_url.replace("postgresql:", "postgresql+psycopg:"), poolclass=sa.NullPool)
    yield built
    built.dispose()


def execute(engine: sa.Engine, statement: str) -> list[tuple[object, ...]]:
    with engine.begin() as connection:
        result = connection.execute(sa.text(statement))
        return [tuple(row) for row in result] if result.returns_rows else []


def plant(monkeypatch: pytest.MonkeyPatch, folder: Path, then: str = "") -> None:
    """Let the migrations folder hold one more, which rebuilds a table."""
    for path in revisions.FOLDER.rglob("*.*"):
        if path.suffix in (".py", ".mako"):
            copy = folder / path.relative_to(revisions.FOLDER)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(path.read_text())
    (folder / "versions" / "9001_rebuild.py").write_text(REBUILD.format(head=revisions.head(), then=then or "pass"))
    for module in (revisions, migrating):
        monkeypatch.setattr(module, "FOLDER", folder)
    revisions._chain.cache_clear()


@pytest.fixture(autouse=True)
def forget_chain():
    yield
    revisions._chain.cache_clear()


def post_with_a_tag(engine: sa.Engine) -> None:
    execute(engine, "INSERT INTO tag (id, name, slug, description) VALUES (1, 'Ink', 'ink', '')")
    post = sa.Table("post", sa.MetaData(), autoload_with=engine)
    values = {
        column.name: {"INTEGER": 0, "BOOLEAN": False, "JSON": []}.get(str(column.type).split("(")[0], "x")
        for column in post.columns
        if not column.nullable
    }
    with engine.begin() as connection:
        connection.execute(post.insert().values({**values, "id": 1, "created_at": sa.func.now(), "updated_at": sa.func.now()}))
    execute(engine, "INSERT INTO post_tag (post_id, tag_id, position) VALUES (1, 1, 0)")


def test_an_empty_database_becomes_the_newest_and_needs_nothing_more(engine_config: Config):
    assert migrating.upgrade(engine_config) == migrating.Migrated(None, revisions.head())
    assert migrating.upgrade(engine_config) == migrating.Migrated(revisions.head(), revisions.head())


def test_the_models_and_the_migrations_agree(engine_config: Config):
    migrating.upgrade(engine_config)
    assert migrating.differences(engine_config) == []


def test_every_step_goes_down_again_and_up(engine_config: Config, engine: sa.Engine):
    migrating.upgrade(engine_config)
    migrating.downgrade(engine_config, "base")
    assert sa.inspect(engine).get_table_names() == ["alembic_version"]
    assert migrating.upgrade(engine_config).after == revisions.head()


def test_children_survive_when_their_parent_is_rebuilt(engine_config, engine, monkeypatch, tmp_path):
    migrating.upgrade(engine_config)
    post_with_a_tag(engine)
    plant(monkeypatch, tmp_path / "migrations")
    assert migrating.upgrade(engine_config).after == "9001"
    assert execute(engine, "SELECT post_id, tag_id FROM post_tag") == [(1, 1)]


def test_a_migration_that_fails_half_way_changes_nothing(engine_config, engine, monkeypatch, tmp_path):
    migrating.upgrade(engine_config)
    before, tables = revisions.head(), sa.inspect(engine).get_table_names()
    plant(monkeypatch, tmp_path / "migrations", then='op.create_table("half", sa.Column("id", sa.Integer())); raise RuntimeError("stop")')
    with pytest.raises(migrating.MigrationFailed, match="is as it was: stop"):
        migrating.upgrade(engine_config)
    assert migrating.current_revision(engine_config) == before
    assert sa.inspect(engine).get_table_names() == tables


def test_a_database_newer_than_the_code_is_refused_in_words(engine_config, engine):
    migrating.upgrade(engine_config)
    execute(engine, "UPDATE alembic_version SET version_num = '7777'")
    with pytest.raises(migrating.DatabaseNewer, match=r"7777.*newer Inkhorn"):
        migrating.upgrade(engine_config)


@pytest.mark.parametrize("act", ["UPDATE audit_entry SET action = 'x'", "DELETE FROM audit_entry"])
def test_the_audit_log_only_grows(engine_config, engine, act):
    migrating.upgrade(engine_config)
    execute(engine, "INSERT INTO audit_entry (id, at, action, actor_label, details) VALUES (1, '2026-03-02', 'a.b', 'ada', '{}')")
    with pytest.raises(sa.exc.DatabaseError, match="only grows"):
        execute(engine, act)
    assert execute(engine, "SELECT action FROM audit_entry") == [("a.b",)]


def test_numbers_are_still_given_once_after_tables_were_rebuilt(tmp_path: Path):
    config = load_config(data=tmp_path, environ={}, overrides={"profile": "testing"})
    migrating.upgrade(config)
    with sqlite3.connect(tmp_path / "inkhorn.sqlite3") as database:
        made = dict(database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall())
    once = {table.name for table in Base.metadata.tables.values() if table.dialect_options["sqlite"]["autoincrement"]}
    assert {name for name in once if "AUTOINCREMENT" not in made[name]} == set()


def test_a_copy_is_made_before_an_sqlite_file_is_migrated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    config = _sqlite_config(tmp_path)
    before = migrating.upgrade(config).after
    plant(monkeypatch, tmp_path / "migrations")
    backup = migrating.upgrade(config).backup
    assert backup is not None
    assert backup.parent == tmp_path / "backups"
    assert backup.stat().st_mode & 0o777 == 0o600
    assert revisions.revision_of_file(backup) == before


def test_a_copy_that_was_killed_is_cleared_away_by_the_next(tmp_path: Path):
    config = _sqlite_config(tmp_path)
    revision = migrating.upgrade(config).after
    killed, beside, alive, other = (
        tmp_path / "backups" / name for name in ("before-1.part", "before-1.part-journal", "before-2.part", "x.part")
    )
    killed.parent.mkdir()
    for path in (killed, beside, alive, other):
        path.write_text("half a copy")
    for path in (killed, beside, other):
        os.utime(path, (time.time() - 86_400,) * 2)
    kept = migrating.back_up(config, revision or "")
    assert set(killed.parent.iterdir()) == {kept, alive, other}


def test_a_copy_that_cannot_be_made_stops_the_migration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    config = _sqlite_config(tmp_path)
    before = migrating.upgrade(config).after
    (tmp_path / "backups").write_text("in the way")
    plant(monkeypatch, tmp_path / "migrations")
    with pytest.raises(migrating.MigrationFailed, match="could not be copied"):
        migrating.upgrade(config)
    assert migrating.current_revision(config) == before


def test_a_file_that_is_no_database_is_refused_in_words(tmp_path: Path):
    (tmp_path / "inkhorn.sqlite3").write_text("This is a poem, not a database. " * 99)
    with pytest.raises(Unavailable, match="not a database"):
        migrating.upgrade(_sqlite_config(tmp_path))


def test_the_revision_of_a_file_is_told_without_the_migration_library(tmp_path: Path):
    config = _sqlite_config(tmp_path)
    assert revisions.revision_of_file(tmp_path / "inkhorn.sqlite3") is None
    migrating.upgrade(config)
    assert revisions.revision_of_file(tmp_path / "inkhorn.sqlite3") == revisions.head()


def test_a_migrated_file_is_in_wal_mode(tmp_path: Path):
    migrating.upgrade(_sqlite_config(tmp_path))
    with sqlite3.connect(tmp_path / "inkhorn.sqlite3") as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def _sqlite_config(folder: Path) -> Config:
    return load_config(data=folder, environ={}, overrides={"profile": "testing"})
