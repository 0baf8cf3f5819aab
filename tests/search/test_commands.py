"""`inkhorn search`: rebuild while the site is served, killed in the middle and resumed; check tells when something is wrong."""

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from inkhorn.core.database import db, session, transaction
from inkhorn.posts.models import Status
from tests.factories.posts import make_post
from tests.running import clean_environment, inkhorn
from tests.search.conftest import fresh_app
from tests.team import make_team

POSTS = 50


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of fifty posts that no runner has looked after yet."""
    folder = tmp_path_factory.mktemp("made")
    make_team(folder, {"INKHORN_PROFILE": "testing"}, password="correct horse battery staple 7")
    with fresh_app(folder).app_context():
        for number in range(POSTS):
            make_post(title=f"Slack {number}", body="Of the sea. " * 50, status=Status.PUBLISHED)
        session().close()
        db.engine.dispose()
    return folder


@pytest.fixture
def data(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "data"))


def ask(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return inkhorn(data, "search", *words, INKHORN_PROFILE="testing")


def change(data: Path, statement: str) -> list[tuple]:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(data / "inkhorn.sqlite3", isolation_level=None)) as file:
        return file.execute(statement).fetchall()


def test_a_rebuild_takes_everything_in_and_a_check_agrees(data: Path):
    assert ask(data, "check").returncode == 1
    done = ask(data, "rebuild")
    assert (done.returncode, done.stdout) == (0, f"{POSTS} of {POSTS} posts were taken in; the index holds all of them.\n")
    agreed = ask(data, "check")
    assert (agreed.returncode, agreed.stdout) == (0, "The index is what a rebuild would make.\n")


def test_a_check_names_what_is_wrong_and_a_rebuild_mends_it(data: Path):
    ask(data, "rebuild")
    change(data, "UPDATE search_entry SET title = ' wrong ' WHERE post_id = 7")
    told = ask(data, "check")
    assert (told.returncode, "1 (numbers 7)" in told.stderr) == (1, True)
    ask(data, "rebuild")
    assert ask(data, "check").returncode == 0


def test_a_broken_index_of_the_database_is_noticed_and_built_anew(data: Path):
    ask(data, "rebuild")
    change(
        data,
        "INSERT INTO search_fts (search_fts, rowid, title, tags, authors, body, comments) VALUES ('delete', 3, ' slack 2 ', '', '', '', '')",
    )
    assert "does not agree" in ask(data, "check").stderr
    assert ask(data, "rebuild").returncode == 0
    assert ask(data, "check").returncode == 0


@pytest.mark.slow
def test_a_rebuild_that_is_killed_leaves_a_whole_index_and_goes_on_where_it_stopped(data: Path):
    ask(data, "rebuild")
    slowly = (
        "import sys\nfrom inkhorn.search import commands, services\nreal = services.index_posts\n"
        "def slow(numbers):\n    done = real(numbers); print('batch', flush=True); sys.stdin.readline(); return done\n"
        "services.index_posts = slow\ncommands.BATCH = 10\nfrom inkhorn.cli import main\nmain(['search', 'rebuild'])\n"
    )
    environment = clean_environment() | {"INKHORN_DATA": str(data), "INKHORN_PROFILE": "testing"}
    running = subprocess.Popen(
        [sys.executable, "-c", slowly], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert running.stdout is not None
    assert running.stdin is not None
    for number in range(4):
        assert running.stdout.readline() == "batch\n"
        if number < 3:
            running.stdin.write("go on\n")
            running.stdin.flush()
    running.send_signal(signal.SIGKILL)
    running.wait(120)
    # What the fourth batch wrote was not committed yet; what is found never was less than all.
    assert change(data, "SELECT count(*) FROM search_fts WHERE search_fts MATCH 'slack'") == [(POSTS,)]
    left = change(data, "SELECT count(*) FROM search_entry WHERE revision = 0")[0][0]
    assert left == POSTS - 30
    done = ask(data, "rebuild", "--resume")
    assert done.stdout.startswith(f"{left} of {POSTS} posts")
    assert ask(data, "check").returncode == 0


def test_on_postgresql_a_rebuild_and_a_check_agree_too(both):
    from click.testing import CliRunner

    from inkhorn.search.commands import check, rebuild

    with both[1].app_context():
        for number in range(3):
            make_post(title=f"Slack {number}", body="日本語の検索 & more", status=Status.PUBLISHED)
        assert CliRunner().invoke(check).exit_code == 1
        assert CliRunner().invoke(rebuild).exit_code == 0
        assert CliRunner().invoke(check).exit_code == 0
        with transaction():
            from sqlalchemy import text

            session().execute(
                text("UPDATE search_entry SET vector = 'wrong'::tsvector WHERE post_id = (SELECT min(post_id) FROM search_entry)")
            )
        assert CliRunner().invoke(check).exit_code == 1
        assert CliRunner().invoke(rebuild).exit_code == 0
        assert CliRunner().invoke(check).exit_code == 0
