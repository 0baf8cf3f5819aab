"""The number beside an SQLite file: seen by everybody at once, raised by every change, whatever the row says."""

import resource
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from unittest import mock

import pytest
from sqlalchemy import insert, select, text, update

from inkhorn.app import create_app
from inkhorn.core import clock
from inkhorn.core.captcha import SpentPuzzle
from inkhorn.core.database import Base, db, session, transaction
from inkhorn.core.generations import MappedGeneration, generation
from inkhorn.posts.models import Tag
from tests.conftest import config_for

TIMES = 500
ANOTHER = f"""
import sys
from pathlib import Path
from inkhorn.core.generations import MappedGeneration
other = MappedGeneration(Path(sys.argv[1]))
print(other.read(), flush=True)
for number in range({TIMES}):
    other.raise_to(number)
"""


@pytest.fixture
def shared(tmp_path) -> tuple[MappedGeneration, MappedGeneration]:
    """The same file as two processes map it."""
    return MappedGeneration(tmp_path / "pages"), MappedGeneration(tmp_path / "pages")


def test_what_one_raises_the_other_reads(shared):
    one, other = shared
    before = other.read()
    one.raise_to(1)
    assert one.read() == other.read() > before


def test_a_change_counts_though_the_row_went_back(shared):
    one, other = shared
    one.raise_to(500)
    before = other.read()
    # A database restored from a backup counts on from there.
    other.raise_to(7)
    assert one.read() > before


def test_without_a_file_handle_the_number_is_not_known_until_there_is_one(shared):
    one, _other = shared
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    # A descriptor at or above the limit cannot be made.
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, limits[1]))
    try:
        number = one.read()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert number is None
    assert one.read() is not None


def test_what_cannot_be_mapped_at_all_is_said(tmp_path):
    nowhere = MappedGeneration(tmp_path / "no" / "pages")
    for ask in (nowhere.open, nowhere.read):
        with pytest.raises(FileNotFoundError):
            ask()


def test_what_was_not_announced_is_caught_up_with_once(shared):
    one, other = shared
    one.raise_to(3)
    known = one.read()
    other.catch_up_with(3)
    assert one.read() == known
    other.catch_up_with(4)
    caught_up = one.read()
    assert caught_up > known
    other.catch_up_with(4)
    assert one.read() == caught_up


def test_nobodys_change_is_lost_among_many(shared, tmp_path):
    # A process maps the file once, and lets its own threads in one after the other; what is between processes needs two.
    one, _other = shared
    before = one.read()
    command = [sys.executable, "-c", ANOTHER, str(tmp_path / "pages")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as another, ThreadPoolExecutor(8) as crowd:
        another.stdout.readline()
        list(crowd.map(one.raise_to, range(TIMES)))
    assert another.returncode == 0
    assert one.read() == before + 2 * TIMES


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("work", "counts"),
    [
        (lambda: session().execute(insert(Tag).values(name="Tides", slug="tides").returning(Tag.id)).all(), True),
        (lambda: session().add_all([Tag(name="Tides", slug="tides"), Tag(name="Fog", slug="fog")]), True),
        (lambda: session().execute(text("WITH known AS (SELECT 1) INSERT INTO tag (name, slug, description) SELECT 'a', 'b', ''")), True),
        (lambda: session().execute(insert(Tag), [{"name": "Tides", "slug": "tides"}, {"name": "Fog", "slug": "fog"}]), True),
        (lambda: session().execute(update(Tag).where(Tag.slug == "nowhere").values(name="x")), False),
        (lambda: session().execute(select(Tag).with_for_update()).all(), False),
        (lambda: session().add(SpentPuzzle(digest="d", ends_at=clock.now())), False),
    ],
    ids=["returning", "two objects", "with", "many", "nothing", "looked at", "no page"],
)
def test_a_transaction_counts_if_it_wrote_what_pages_show(app, work, counts):
    told: list[int] = []
    with mock.patch.object(type(generation()), "raise_to", lambda _self, number: told.append(number)), transaction():
        work()
    assert bool(told) is counts


def test_what_was_taken_back_does_not_count(tmp_path):
    # A transaction of a database that forgets is none that is really taken back.
    with create_app(config_for(tmp_path)).app_context():
        Base.metadata.create_all(db.engine)
        with suppress(ZeroDivisionError), transaction():
            session().add(Tag(name="Tides", slug="tides"))
            session().flush()
            raise ZeroDivisionError
        before = generation().read()
        with transaction():
            session().execute(select(Tag))
        assert generation().read() == before
        with transaction():
            session().add(Tag(name="Tides", slug="tides"))
        assert generation().read() > before
        db.engine.dispose()
