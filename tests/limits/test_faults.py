"""Stores that are away, spoilt or full: the house counts on, or refuses in words, and never lets everybody through."""

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

from inkhorn.core import limit_stores, limits
from inkhorn.core.access import everyone, open_to
from inkhorn.core.errors import Unavailable
from inkhorn.core.limit_stores import FILE_NAME
from tests.conftest import SECRET
from tests.limits.conftest import TRIES, spend
from tests.ports import free_port
from tests.running import clean_environment
from tests.servers import running_redis

PROGRAM = """
import sys
from pathlib import Path
from inkhorn.app import create_app
from inkhorn.core.config_loading import load_config
from tests.limits.conftest import spend
app = create_app(load_config(data=Path(sys.argv[1]), environ={}, overrides={"profile": "testing", "secret_key": sys.argv[2]}))
with app.app_context():
    print(sum(spend() for _ in range(200)))
"""


@pytest.fixture
def impatient(monkeypatch):
    """A store that came back is asked again at once."""
    monkeypatch.setattr(limit_stores, "AWAY_SECONDS", 0.0)


@pytest.mark.slow
def test_two_processes_together_get_exactly_so_many(make, tmp_path):
    make()
    command = [sys.executable, "-c", PROGRAM, str(tmp_path), SECRET]
    started = [
        subprocess.Popen(command, stdout=subprocess.PIPE, env=clean_environment() | {"PYTHONPATH": str(Path.cwd())}) for _ in range(2)
    ]
    assert sum(int(each.communicate(timeout=120)[0]) for each in started) == 5


def test_redis_that_was_never_there_is_stood_in_for_by_the_file(make):
    make(limits_url=f"redis://127.0.0.1:{free_port()}/0")
    assert [spend() for _ in range(6)] == [True] * 5 + [False]


def test_redis_that_goes_away_is_stood_in_for_and_taken_up_again(make, impatient):
    with running_redis() as url:
        app = make(limits_url=url)
        assert [spend() for _ in range(6)] == [True] * 5 + [False]
        storage = app.extensions["inkhorn.limits"].storage
        assert storage.check()
        assert limits.left(TRIES, "ida") == 0
    assert not storage.check()
    assert [spend() for _ in range(6)] == [True] * 5 + [False], "the file counts while Redis is away"


def test_redis_that_came_back_is_asked_again(make, impatient, monkeypatch):
    with running_redis() as url:
        app = make(limits_url=url)
        shared = app.extensions["inkhorn.limits"].storage._shared
        with monkeypatch.context() as away:
            away.setattr(shared, "incr", _away)
            assert [spend() for _ in range(6)][-1] is False
        assert [spend() for _ in range(6)] == [True] * 5 + [False]


def test_redis_that_is_away_is_left_in_peace_for_a_while(make, monkeypatch):
    app = make(limits_url=f"redis://127.0.0.1:{free_port()}/0")
    asked = []
    monkeypatch.setattr(app.extensions["inkhorn.limits"].storage._shared, "incr", lambda *args: asked.append(args) or _away())
    for _ in range(5):
        spend()
    assert len(asked) == 1


def test_redis_that_was_emptied_counts_from_nothing(make):
    with running_redis() as url:
        make(limits_url=url)
        assert [spend() for _ in range(6)][-1] is False
        limits.reset()
        assert [spend() for _ in range(6)] == [True] * 5 + [False]


def _away(*_args):
    raise ConnectionRefusedError("away")


@pytest.mark.parametrize("content", [b"This is a poem, not a database. " * 200, b"SQLite format 3\x00" + os.urandom(4096), b"\x00" * 100])
def test_a_spoilt_file_is_begun_anew(make, tmp_path, content):
    make()
    spend()
    (tmp_path / FILE_NAME).write_bytes(content)
    (tmp_path / f"{FILE_NAME}-wal").unlink(missing_ok=True)
    assert [spend(TRIES, "eve") for _ in range(6)] == [True] * 5 + [False]


def test_a_file_that_was_taken_away_is_made_again(make, tmp_path):
    make()
    assert [spend() for _ in range(6)][-1] is False
    for path in tmp_path.glob(f"{FILE_NAME}*"):
        path.unlink()
    assert [spend() for _ in range(6)] == [True] * 5 + [False]
    assert (tmp_path / FILE_NAME).exists()


def test_two_who_find_it_spoilt_begin_one_file(tmp_path):
    (tmp_path / FILE_NAME).write_bytes(b"This is a poem. " * 500)
    first, second = (limit_stores.FileStore(tmp_path / FILE_NAME) for _ in range(2))
    assert [store.incr("ida", 60) for store in (first, second, first, second)] == [1, 2, 3, 4]


def test_a_file_without_its_table_is_begun_anew(make, tmp_path):
    make()
    spend()
    with sqlite3.connect(tmp_path / FILE_NAME) as file:
        file.execute("DROP TABLE allowance")
    assert [spend() for _ in range(6)] == [True] * 5 + [False]


def test_a_folder_in_its_place_lets_nobody_through(make, tmp_path):
    make()
    (tmp_path / FILE_NAME).mkdir()
    with pytest.raises(Unavailable, match="cannot count tries"):
        limits.spend(TRIES, "ida")


def test_a_full_file_lets_nobody_through_and_recovers(make):
    app = make()
    spend()
    store = app.extensions["inkhorn.limits"].storage._local
    store.run("PRAGMA max_page_count=1", {})
    with pytest.raises(Unavailable):
        for number in range(2000):
            limits.spend(TRIES, str(number))
    store.run("PRAGMA max_page_count=1000000", {})
    assert spend(TRIES, "eve")


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("mount"), reason="mounting a small disk needs root")
def test_a_full_disk_lets_nobody_through(tmp_path: Path):
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", disk], check=False, stderr=subprocess.DEVNULL).returncode:
        pytest.skip("this machine lets nobody mount a small disk")
    try:
        store = limit_stores.FileStore(disk / FILE_NAME)
        with pytest.raises((sqlite3.OperationalError, OSError)):
            for number in range(100_000):
                store.incr(f"key {number}", 60)
        store._close()
    finally:
        subprocess.run(["umount", disk], check=True)


def test_a_visitor_is_told_so_in_words(app: Flask, client, monkeypatch):
    @open_to(everyone)
    def spending():
        limits.spend(TRIES, "ida")
        return "let through"

    monkeypatch.setitem(app.view_functions, "site.show_archive", spending)
    storage = app.extensions["inkhorn.limits"].storage
    # Put back afterwards, so that nobody takes the shared one for away.
    monkeypatch.setattr(storage, "_away_until", 0.0)
    monkeypatch.setattr(storage._local, "run", _full)
    if storage._shared is not None:
        monkeypatch.setattr(storage._shared, "run", _away)
    answer = client.get("/archive/")
    assert (answer.status_code, "Retry-After" in answer.headers) == (503, True)
    assert "cannot count tries just now" in answer.text


def _full(*_args):
    raise sqlite3.OperationalError("database or disk is full")


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_whoever_tried_too_often_is_told_for_how_long(app: Flask, client, monkeypatch, accept):
    @open_to(everyone)
    def spending():
        limits.spend(TRIES, "ida")
        return "let through"

    monkeypatch.setitem(app.view_functions, "site.show_archive", spending)
    answers = [client.get("/archive/", headers={"Accept": accept}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert 50 <= int(answers[-1].headers["Retry-After"]) <= 60
