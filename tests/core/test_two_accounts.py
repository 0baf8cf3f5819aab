"""PostgreSQL with two accounts, set up by the very lines of the how-to page."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from inkhorn.admin.checks import look_at_audit_log
from inkhorn.admin.tasks import prune_entries
from inkhorn.app import create_app
from inkhorn.core import audit, audit_pruning, clock, doctor, migrating
from inkhorn.core.access import House
from inkhorn.core.audit import Entry
from inkhorn.core.config import Config
from inkhorn.core.database import db, session, transaction
from tests.conftest import config_for
from tests.frozen import at

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "run-on-a-server.md"


def lines(number: int) -> list[str]:
    """The SQL statements of a block of the page."""
    blocks = re.findall(r"```sql\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return [line.rstrip(";") for line in blocks[number].strip().splitlines()]


def run(address: str, statements: list[str]) -> None:
    engine = sa.create_engine(address.replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))
    engine.dispose()


@pytest.fixture
def configs(postgres_url: str, tmp_path: Path) -> Iterator[tuple[Config, Config]]:
    """The owner's configuration and that of the application."""
    server, _slash, _name = postgres_url.rpartition("/")
    run(postgres_url, lines(0))
    run(f"{server}/inkhorn", lines(1))
    owner, worker = (
        config_for(tmp_path, database_url=f"{server.replace('inkhorn@', f'{name}@')}/inkhorn") for name in ("inkhorn_owner", "inkhorn_app")
    )
    migrating.upgrade(owner)
    run(f"{server}/inkhorn", lines(2))
    yield owner, worker
    run(postgres_url, ["DROP DATABASE inkhorn WITH (FORCE)", "DROP ROLE inkhorn_owner", "DROP ROLE inkhorn_app"])


def test_the_application_works_and_cannot_touch_the_log(configs):
    _owner, worker = configs
    assert migrating.upgrade(worker).after == migrating.current_revision(worker)
    with create_app(worker).app_context():
        with at(clock.now().replace(year=2020, day=1)), transaction():
            audit.record(House(), "posts.published")
        for act in (sa.delete(Entry), sa.update(Entry).values(action="x"), sa.text("DROP TRIGGER audit_entry_refuses ON audit_entry")):
            with pytest.raises(sa.exc.ProgrammingError, match=r"permission denied|must be owner"), transaction():
                session().execute(act)
        prune_entries()
        assert session().scalar(sa.select(sa.func.count()).select_from(Entry)) == 1
        db.engine.dispose()


def test_the_doctor_knows_both(configs):
    owner, worker = configs
    assert look_at_audit_log(worker).news == "the database lets nobody change or remove an entry"
    assert look_at_audit_log(owner).mark == "note "
    assert doctor.look_at_limits(worker).mark == "well "
    run(owner.database_url, ["INSERT INTO audit_entry (at, action, actor_label, details) VALUES ('2020-01-01', 'a.b', 'ada', '{}')"])
    assert "Let a timer run once a day" in look_at_audit_log(worker).remedy
    with create_app(owner).app_context():
        assert audit_pruning.prune(clock.now(), by=House()) == 1
        db.engine.dispose()
