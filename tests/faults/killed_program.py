"""Runs an act again and again in a child that is killed at another point of its way each time, and tells what was left:
python -m tests.faults.killed_program publish|migrate SOURCE WORK TIMES SEED."""

import json
import os
import random
import shutil
import signal
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from itertools import count
from pathlib import Path

from flask import Flask
from sqlalchemy import Engine, event, select

from inkhorn.app import create_app
from inkhorn.core import jobs, migrating, revisions
from inkhorn.core.access import House
from inkhorn.core.database import after_commit, db, session, transaction
from inkhorn.core.runner import carry_out
from inkhorn.posts.models import Post, Status
from inkhorn.posts.services.publishing import publish_post
from tests.conftest import config_for
from tests.transfer.keeping.killed_program import is_step

WORD = "saltmarsh"
POINTS = ("before_cursor_execute", "after_cursor_execute", "commit")


def in_child(act: Callable[[], object], number: int = -1) -> bool:
    """Whether the child was killed at that point; False when it came to its end first. At point 0 it tells how many there are."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        met = count(1)

        def strike(*_told: object) -> None:
            if next(met) == number:
                os.kill(os.getpid(), signal.SIGKILL)

        for name in POINTS:
            event.listen(Engine, name, strike)
        sys.addaudithook(lambda name, arguments: strike() if is_step(name, arguments) else None)
        code = 1
        try:
            act()
            code = 0
            if number == 0:
                print(json.dumps({"points": next(met) - 1}))
        finally:
            sys.stdout.flush()
            os._exit(code)
    _pid, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, status
    return os.WIFSIGNALED(status)


def behind() -> None:
    """A point at which a child may be killed."""
    sys.audit("os.mkdir", "nothing", 0, 0)


def publish(app: Flask) -> None:
    with app.app_context(), transaction():
        publish_post(session().scalars(select(Post)).one(), by=House())
        # Behind the commit and before anybody was nudged, and once all were.
        after_commit(behind)
    behind()


def look_for_readers(app: Flask) -> None:
    """Page, list, feed, sitemap, search and log agree whether it is before its readers, at once and once all jobs are done."""
    browser = app.test_client()
    with app.app_context():
        post = session().scalars(select(Post)).one()
        is_live, path = post.status is Status.PUBLISHED, post.path
        assert is_live or post.status is Status.DRAFT
        assert (browser.get(path).status_code == 200) is is_live if path else not is_live
        assert {place: WORD in browser.get(place).text.lower() for place in ("/", "/feed.xml", "/archive/")} == dict.fromkeys(
            ("/", "/feed.xml", "/archive/"), is_live
        )
        db.session.rollback()
        while (claimed := jobs.claim("look")) is not None:
            carry_out(app, claimed)
        assert (
            WORD in browser.get("/search?q=saltmarsh").text.lower().replace('value="saltmarsh"', "").replace("q=saltmarsh", "")
        ) or not is_live
    with closing(sqlite3.connect(app.extensions["inkhorn.config"].sqlite_path)) as file:
        assert file.execute("SELECT count(*) FROM audit_entry WHERE action = 'posts.published'").fetchone() == (int(is_live),)
        assert file.execute("SELECT count(*) FROM job WHERE is_dead").fetchone() == (0,)
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    print(json.dumps({"found": "published" if is_live else "draft"}))


def look_at_database(work: Path, before: str | None) -> None:
    """The old form or the new one, with all that it held; the next start brings it to the new one."""
    config = config_for(work)
    found = revisions.revision_of_file(work / "inkhorn.sqlite3")
    assert found in (before, revisions.head()), found
    migrating.upgrade(config)
    assert migrating.current_revision(config) == revisions.head()
    with closing(sqlite3.connect(work / "inkhorn.sqlite3")) as file:
        assert file.execute("SELECT name FROM tag").fetchall() == [(WORD,)]
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert file.execute("PRAGMA foreign_key_check").fetchall() == []
    kept = list((work / "backups").glob("before-*.sqlite3"))
    assert kept
    with closing(sqlite3.connect(kept[0])) as copy:
        assert copy.execute("SELECT version_num FROM alembic_version").fetchone() == (before,)
    print(json.dumps({"found": "old" if found == before else "new"}))


def main(act: str, source: Path, work: Path, times: int, seed: int) -> None:
    def fresh() -> None:
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(source, work)

    fresh()
    before = revisions.revision_of_file(source / "inkhorn.sqlite3")
    if act == "publish":
        app = create_app(config_for(work))
        with app.app_context():
            db.engine.dispose()
        does, looks = (lambda: publish(app)), (lambda: look_for_readers(app))
    else:
        does, looks = (lambda: migrating.upgrade(config_for(work))), (lambda: look_at_database(work, before))
    read, write = os.pipe()
    with os.fdopen(read) as told, os.fdopen(os.dup(1), "w") as out:
        os.dup2(write, 1)
        in_child(does, 0)
        points = json.loads(told.readline())["points"]
        for number in sorted(random.Random(seed).sample(range(1, points + 1), min(times, points))):
            fresh()
            was_killed = in_child(does, number)
            in_child(looks)
            print(json.dumps({"point": number, "of": points, "killed": was_killed} | json.loads(told.readline())), file=out, flush=True)
        os.dup2(out.fileno(), 1)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]))
