"""One transaction at the edge, callbacks after its commit, and times that know their zone."""

from datetime import datetime

import pytest
from sqlalchemy import text

from inkhorn.core.database import after_commit, session, transaction
from inkhorn.posts.models import Tag


def test_a_block_commits_once_and_then_calls_back(database):
    heard = []
    with transaction():
        session().add(Tag(name="Tides", slug="tides"))
        after_commit(lambda: heard.append("left"))
        assert heard == []
    assert heard == ["left"]


def test_a_failed_block_leaves_nothing_and_calls_nobody(database):
    heard = []
    with pytest.raises(ZeroDivisionError), transaction():
        session().add(Tag(name="Tides", slug="tides"))
        session().flush()
        after_commit(lambda: heard.append("left"))
        raise ZeroDivisionError
    assert heard == []
    assert session().query(Tag).count() == 0


def test_a_rolled_back_savepoint_keeps_the_rest(database):
    heard = []
    with transaction():
        after_commit(lambda: heard.append("left"))
        with pytest.raises(ZeroDivisionError), session().begin_nested():
            raise ZeroDivisionError
        assert heard == []
    assert heard == ["left"]


def test_a_transaction_inside_another_is_refused(database):
    with transaction(), pytest.raises(RuntimeError, match="already open"), transaction():
        pass


def test_a_nudge_that_fails_does_not_undo_the_commit(database):
    with transaction():
        session().add(Tag(name="Tides", slug="tides"))
        after_commit(lambda: 1 / 0)
    assert session().query(Tag).count() == 1


def test_a_time_without_a_zone_is_refused(wren):
    with pytest.raises(Exception, match="without a zone"), transaction():
        session().get(type(wren.user), wren.id).confirmed_at = datetime(2026, 1, 1)
        session().flush()


@pytest.mark.parametrize(("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("wal_autocheckpoint", 0)])
def test_sqlite_is_tuned_on_every_connection(database, pragma, value):
    assert session().execute(text(f"PRAGMA {pragma}")).scalar() == value
