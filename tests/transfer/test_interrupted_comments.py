"""An import of posts with comments that is killed at any point and run again ends as if nothing had happened, and once more changes nothing."""

import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.running import clean_environment
from tests.servers import postgres_server, postgres_url  # noqa: F401 - fixtures
from tests.transfer.test_interrupted_import import IMPORT
from tests.transfer.test_wordpress_comments import said
from tests.transfer.wxr import export, item

POSTS, REMARKS = 12, 9
# Kills itself once so many comments are taken in, in the middle of a transaction.
STRIKE = """
import itertools, os, signal
from inkhorn.comments.events import comment_imported
strike, taken = int(os.environ.get("STRIKE", "0")), itertools.count(1)

@comment_imported.connect
def count(_comment):
    if next(taken) == strike:
        os.kill(os.getpid(), signal.SIGKILL)
"""
PROGRAM = STRIKE + IMPORT.replace("markdown_source", "wordpress_source").replace("transfer.markdown", "transfer.wordpress").replace(
    "batch=5", "batch=2"
)
QUERIES = (
    """select c.origin_key, p.origin_key, above.origin_key, root.origin_key, c.kind, c.state, c.depth, c.is_shown, c.name, g.email, c.body,
    c.html from comment c join post p on p.id = c.post_id left join comment above on above.id = c.parent_id
    left join comment root on root.id = c.root_id left join comment_guest g on g.id = c.guest_id order by 1""",
    "select email from comment_guest order by 1",
    "select p.origin_key, p.title from post p order by 1",
    # In the order in which a thread is read; the numbers in it are drawn anew.
    "select c.origin_key from comment c join post p on p.id = c.post_id order by p.origin_key, c.place",
    "select count(*) from letter",
)
# What a further import has to leave as it is, to the last column.
WHOLE = ("select * from comment order by id", "select * from comment_guest order by id", "select * from post order by id")


def harbour(folder: Path) -> Path:
    """Posts under each of which a thread goes down, beside words that wait, spam and a pingback."""
    states = ["1", "1", "1", "1", "1", "1", "0", "spam", "1"]
    items = []
    for post in range(1, POSTS + 1):
        remarks = [
            said(
                str(post * 100 + number),
                f"Remark {number} under {post}.",
                approved=states[number],
                parent=str(post * 100 + number - 1) if 0 < number < 6 else "0",
                author=f"Guest {number}",
                author_email=f"g{number}@harbour.test",
                date_gmt=f"2020-05-{post + 1:02} 10:0{number}:00",
                type="pingback" if number == 8 else "comment",
            )
            for number in range(REMARKS)
        ]
        items.append(item(f"Post {post}.", post_id=str(post), post_name=f"post-{post}", title=f"Post {post}", more="".join(remarks)))
    return export(folder, *items)


def run(data: Path, file: Path, *database: str, strike: int = 0) -> None:
    data.mkdir(exist_ok=True)
    command = [sys.executable, "-c", PROGRAM, str(data), str(file), *database]
    environment = clean_environment() | {"STRIKE": str(strike)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=Path(__file__).parents[2], check=False)
    assert done.returncode == (-signal.SIGKILL if strike else 0), done.stderr


def rows(data: Path, queries: tuple[str, ...] = QUERIES) -> list[list[tuple[object, ...]]]:
    with sqlite3.connect(data / "inkhorn.sqlite3") as connection:
        return [connection.execute(query).fetchall() for query in queries]


@pytest.mark.slow
def test_a_killed_import_run_again_has_the_same_threads(tmp_path: Path):
    file = harbour(tmp_path)
    run(tmp_path / "whole", file)
    killed = tmp_path / "killed"
    for strike in (5, 30, 33):
        run(killed, file, strike=strike)
    assert 0 < len(rows(killed)[0]) < POSTS * REMARKS
    run(killed, file)
    assert rows(killed) == rows(tmp_path / "whole")
    assert len(rows(killed)[0]) == POSTS * REMARKS
    before = rows(killed, WHOLE)
    run(killed, file)
    assert rows(killed, WHOLE) == before


@pytest.mark.slow
@pytest.mark.postgres
def test_postgresql_holds_the_same_threads_after_a_kill(tmp_path: Path, postgres_url: str):  # noqa: F811 - the fixture
    file = harbour(tmp_path)
    run(tmp_path / "light", file)
    run(tmp_path / "heavy", file, postgres_url, strike=33)
    run(tmp_path / "heavy", file, postgres_url)
    engine = create_engine(postgres_url.replace("postgresql://", "postgresql+psycopg://", 1))
    with engine.connect() as connection:
        first = [tuple(row) for row in connection.execute(text(WHOLE[0]))]
        run(tmp_path / "heavy", file, postgres_url)
        connection.rollback()
        assert [tuple(row) for row in connection.execute(text(WHOLE[0]))] == first
        found = [row[0] for row in connection.execute(text(QUERIES[3]))]
        shown = {row[0]: tuple(row[1:7]) for row in connection.execute(text(QUERIES[0]))}
    engine.dispose()
    light = rows(tmp_path / "light")
    assert sorted(found) == sorted(row[0] for row in light[3])
    assert shown == {row[0]: tuple(row[1:7]) for row in light[0]}
