"""An import that is stopped at any point and run again ends as if nothing had happened."""

import re
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from inkhorn.core.access import House
from inkhorn.core.errors import Conflict
from inkhorn.posts.events import post_imported
from inkhorn.posts.models import Post
from inkhorn.transfer.commands.running import batches, run_import
from inkhorn.transfer.manuscript import Manuscript
from inkhorn.transfer.services.journey import Options
from tests.dice import dice, tell, times
from tests.running import clean_environment
from tests.servers import postgres_server, postgres_url  # noqa: F401 - fixtures
from tests.transfer.box import Box, carried, post_of, tide
from tests.transfer.folders import PIXEL, write_files

# Prints when the first posts are committed, so that the test knows when to strike.
IMPORT = """
import sys
from pathlib import Path
from inkhorn.app import create_app
from inkhorn.core.access import House
from inkhorn.core.config_loading import load_config
from inkhorn.core.database import Base, db
from inkhorn.transfer.commands.running import run_import
from inkhorn.transfer.markdown.source import markdown_source
from inkhorn.transfer.services.journey import Options

data, folder = Path(sys.argv[1]), Path(sys.argv[2])
settings = {"profile": "testing", "secret_key": "only-for-tests-0123456789-abcdefghij", "log_level": "warning"}
if len(sys.argv) > 3:
    settings["database_url"] = sys.argv[3]
app = create_app(load_config(data=data, environ={}, overrides=settings))
with app.app_context():
    Base.metadata.create_all(db.engine)
    run_import(markdown_source(folder), by=House(), options=Options(batch=5), progress=lambda done, total: print(done, flush=True))
"""
QUERIES = (
    "select origin_key, origin_digest, slug, path, title, revision, html, words from post order by 1",
    "select a.path, p.origin_key from address a left join post p on p.id = a.post_id order by 1",
    "select p.origin_key, u.origin_key, b.position from byline b join post p on p.id = b.post_id join user u on u.id = b.user_id order by 1, 3",
    "select p.origin_key, t.slug, pt.position from post_tag pt join post p on p.id = pt.post_id join tag t on t.id = pt.tag_id order by 1, 3",
    "select p.origin_key, r.number from revision r join post p on p.id = r.post_id order by 1, 2",
    "select sha256, origin_key from asset order by 1",
)


def start(data: Path, folder: Path, *database: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", IMPORT, str(data), str(folder), *database]
    return subprocess.Popen(command, env=clean_environment(), stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])


def contents(data: Path) -> list[list[str]]:
    """Everything that readers and a further run could tell apart; the names of stored files are drawn by lot."""
    with sqlite3.connect(data / "inkhorn.sqlite3") as connection:
        return [[re.sub(r"/media/[\w/.-]+", "/media/", repr(row)) for row in connection.execute(query)] for query in QUERIES]


def tides(root: Path) -> Path:
    entry = "---\ntitle: Tide\ndate: 2020-01-{day:02}\nauthors: [ada-reed, ben-{day}]\ntags: [sea, day-{day}]\n---\nIt comes {day} times.\n\n![Sea](/img/sea.png)\n"
    files: dict[str, str | bytes] = {f"_posts/2020-01-{day:02}-tide.md": entry.format(day=day) for day in range(1, 29)}
    return write_files(root, {**files, "img/sea.png": PIXEL})


@pytest.mark.slow
def test_a_killed_import_run_again_gives_the_same_site(tmp_path: Path):
    folder = tides(tmp_path / "tides")
    for name in ("whole", "killed"):
        (tmp_path / name).mkdir()
    start(tmp_path / "whole", folder).communicate(timeout=120)
    chance, kills = dice(), times(2)
    for number in range(kills):
        process = start(tmp_path / "killed", folder)
        assert process.stdout is not None
        # Later on nothing may be left to do, and nothing be told.
        for _ in range(min(number + 1, 2)):
            process.stdout.readline()
        time.sleep(chance.uniform(0, 0.3))
        process.kill()
        process.communicate(timeout=120)
    assert start(tmp_path / "killed", folder).communicate(timeout=120)
    assert contents(tmp_path / "killed") == contents(tmp_path / "whole")
    assert len(contents(tmp_path / "whole")[0]) == 28
    tell(kills, kills, "kills of an import, which ended as if it had never been stopped")


@pytest.mark.slow
@pytest.mark.postgres
def test_postgresql_holds_the_same_after_an_import(tmp_path: Path, postgres_url: str):  # noqa: F811 - the fixture
    folder = tides(tmp_path / "tides")
    for name, database in (("light", ()), ("heavy", (postgres_url,)), ("heavy", (postgres_url,))):
        (tmp_path / name).mkdir(exist_ok=True)
        assert start(tmp_path / name, folder, *database).communicate(timeout=120)[0]
    engine = create_engine(postgres_url.replace("postgresql://", "postgresql+psycopg://", 1))
    with engine.connect() as connection:
        rows = connection.execute(text("select origin_key, origin_digest, slug, path, title, revision from post order by 1")).all()
    engine.dispose()
    with sqlite3.connect(tmp_path / "light" / "inkhorn.sqlite3") as light:
        assert rows == light.execute("select origin_key, origin_digest, slug, path, title, revision from post order by 1").fetchall()
    assert len(rows) == 28


@pytest.mark.usefixtures("database")
def test_one_bad_item_costs_itself_alone():
    def refuse(post: Post) -> None:
        if post.title == "Bad":
            raise Conflict("This one cannot be had.")

    with post_imported.connected_to(refuse):
        report = carried(tide("a", tags=[]), tide("b", title="Bad"), tide("c", title="C"))
    assert (report.of("posts", "new"), post_of("a").title, post_of("c").title) == (2, "Tide", "C")
    assert [(problem.where, problem.why) for problem in report.problems] == [("b", "This one cannot be had.")]
    assert carried(tide("a"), tide("b", title="Bad"), tide("c", title="C")).of("posts", "new") == 1


@pytest.mark.usefixtures("database")
def test_what_was_finished_before_an_interruption_is_kept():
    class Interrupted(Box):
        def records(self):
            yield from self.given
            raise KeyboardInterrupt

    records = [tide(str(number), title=f"Tide {number}") for number in range(7)]
    with pytest.raises(KeyboardInterrupt):
        run_import(Interrupted(*records), by=House(), options=Options(batch=3))
    report = carried(*records, batch=3)
    assert (report.of("posts", "unchanged"), report.of("posts", "new")) == (6, 1)


def test_batches_are_bounded_in_number_and_in_size():
    many = [Manuscript(key=str(number)) for number in range(5)]
    assert [len(batch) for batch in batches(many, 2)] == [2, 2, 1]
    giants = [Manuscript(key=str(number), body="x" * 3_000_000) for number in range(4)]
    assert [len(batch) for batch in batches(giants, 50)] == [2, 2]
