"""Whose a store is: another site's files, and those that an older database knows nothing of, are never swept away."""

import os
from dataclasses import replace
from io import BytesIO

import pytest
from click.testing import CliRunner
from sqlalchemy import delete, select

from inkhorn.admin import checks
from inkhorn.admin.checks import look_at_store
from inkhorn.core.clock import now
from inkhorn.core.config import config
from inkhorn.core.database import session, transaction
from inkhorn.core.jobs import JobRow
from inkhorn.core.storage import storage
from inkhorn.media import tasks
from inkhorn.media.commands import media
from inkhorn.media.models import StoreMark
from inkhorn.media.services import StoreNotOurs, TooManyOrphans, find_orphans, marking, put_mark, sweeping
from inkhorn.media.services.marking import MARK_KEY, Mark, mark_in, own_mark, own_store
from tests.factories.media import make_asset
from tests.media.sweeping import own


@pytest.fixture(autouse=True)
def own_folder(app, database, tmp_path, monkeypatch) -> None:
    """A store that no other test has laid anything into."""
    monkeypatch.setitem(app.extensions, "inkhorn.config", replace(config(), data=tmp_path))
    monkeypatch.setattr(marking, "_seen_until", {})
    # The doctor asks a database file, which the tests' own tables are not a migrated one of.
    monkeypatch.setattr(checks, "ask", lambda *_: [(mark.site, mark.sweeps)] if (mark := own_mark()) else [])


def leave(number: int = 1) -> list[str]:
    """So many old files that no upload speaks of."""
    keys = [f"2026/01/{place:032x}.png" for place in range(number)]
    for key in keys:
        storage().put(key, BytesIO(b"x"))
        os.utime(config().data / "media" / key, (0, 0))
    return keys


def test_the_first_sweep_marks_a_store_that_holds_no_strangers():
    make_asset()
    tasks.sweep_orphans()
    assert mark_in(storage()) == own_mark()
    tasks.sweep_orphans()
    assert mark_in(storage()) == own_mark()
    assert own_mark().sweeps == 2


def test_a_store_without_a_mark_keeps_what_no_upload_speaks_of():
    (key,) = leave()
    with pytest.raises(StoreNotOurs, match=r"bears no mark.*inkhorn media claim"):
        tasks.sweep_orphans()
    assert storage().stat(key)
    assert mark_in(storage()) is None


@pytest.mark.parametrize("content", [b'{"site": "another", "sweeps": 1}', b"{}", b"[]", b"\xff", b"", b'{"site": "a", "sweeps": []}'])
def test_another_sites_store_is_neither_swept_nor_added_to(content):
    own()
    (key,) = leave()
    storage().put(MARK_KEY, BytesIO(content))
    with pytest.raises(StoreNotOurs, match="another site"):
        find_orphans()
    with pytest.raises(StoreNotOurs, match="another site"):
        own_store()
    with pytest.raises(StoreNotOurs, match="another site"):
        make_asset()
    assert storage().stat(key)
    assert look_at_store(config()).is_wrong


def test_a_database_that_never_swept_knows_that_a_marked_store_is_anothers():
    put_mark(storage(), Mark("a" * 32, 3))
    with pytest.raises(StoreNotOurs):
        find_orphans()


def test_a_database_that_was_put_back_sweeps_nothing_of_what_came_since():
    own()
    before = own_mark()
    tasks.sweep_orphans()
    tasks.sweep_orphans()
    (key,) = leave()
    with transaction():
        session().get(StoreMark, 1).sweeps = before.sweeps
    with pytest.raises(StoreNotOurs, match="older copy"):
        tasks.sweep_orphans()
    assert storage().stat(key)
    # What is sent meanwhile is kept, and the site goes on.
    make_asset()


def test_a_copy_of_the_database_sweeps_nothing_once_the_site_has_gone_on():
    own()
    copied = own_mark()
    tasks.sweep_orphans()
    with transaction():
        session().execute(delete(StoreMark))
        session().add(StoreMark(id=1, site=copied.site, sweeps=copied.sweeps))
    with pytest.raises(StoreNotOurs):
        find_orphans()


def test_a_sweep_that_was_killed_before_it_told_the_store_is_no_stranger():
    own()
    with transaction():
        session().get(StoreMark, 1).sweeps += 1
    leave()
    tasks.sweep_orphans()
    assert mark_in(storage()) == own_mark()


def test_more_than_leftovers_are_left_until_somebody_says_that_they_may_go(monkeypatch):
    monkeypatch.setattr(sweeping, "SANE_NUMBER", 3)
    own()
    keys = leave(4)
    with pytest.raises(TooManyOrphans, match=r"4 of 4 files.*inkhorn media sweep --any-number"):
        tasks.sweep_orphans()
    assert CliRunner().invoke(media, ["sweep"]).exit_code == 1
    assert all(storage().stat(key) for key in keys)
    assert CliRunner().invoke(media, ["sweep", "--any-number"]).output == "4 files removed.\n"
    assert not any(storage().stat(key) for key in keys)


def test_few_of_many_are_leftovers_whatever_their_number(monkeypatch):
    monkeypatch.setattr(sweeping, "SANE_NUMBER", 0)
    monkeypatch.setattr(sweeping, "SANE_SHARE", 0.5)
    make_asset()
    own()
    leave()
    assert len(find_orphans().keys) == 1


def test_a_sweep_takes_so_many_and_the_next_one_the_rest(monkeypatch):
    monkeypatch.setattr(sweeping, "MOST_AT_ONCE", 2)
    own()
    keys = leave(3)
    for left in (1, 0):
        tasks.sweep_orphans()
        assert sum(storage().stat(key) is not None for key in keys) == left


def test_what_was_put_there_anew_while_the_sweep_looked_stays():
    own()
    (key,) = leave()
    found = find_orphans()
    storage().put(key, BytesIO(b"drawn again"))
    assert sweeping.delete_orphans(found, own_mark()) == 0
    assert storage().stat(key)


def test_a_refused_sweep_stands_among_the_jobs_once():
    with transaction():
        session().add(JobRow(name="media.sweep_orphans", run_at=now(), max_attempts=1, is_dead=True))
    leave()
    with pytest.raises(StoreNotOurs):
        tasks.sweep_orphans()
    assert session().scalars(select(JobRow).where(JobRow.name == "media.sweep_orphans")).all() == []


def test_claiming_asks_first_and_tells_what_would_go():
    leave(2)
    make_asset()
    put_mark(storage(), Mark("a" * 32, 9))
    refused = CliRunner().invoke(media, ["claim"], input="n\n")
    assert (refused.exit_code, "3 files are there; 2 of them belong to no upload" in refused.output) == (1, True)
    assert mark_in(storage()).site == "a" * 32
    assert CliRunner().invoke(media, ["claim"], input="y\n").exit_code == 0
    assert mark_in(storage()) == own_mark()
    assert not look_at_store(config()).is_wrong


def test_where_nobody_can_be_asked_claiming_names_the_way_round():
    put_mark(storage(), Mark("a" * 32, 9))
    refused = CliRunner().invoke(media, ["claim"])
    assert (refused.exit_code, "--yes" in str(refused.exception)) == (1, True)
    assert mark_in(storage()).site == "a" * 32


def test_the_mark_is_handed_to_nobody(client):
    own()
    assert client.get(f"/media/{MARK_KEY}").status_code == 404
