"""What is done in children that are killed, and how what they left is judged."""

import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from inkhorn.core import jobs, migrating, revisions
from inkhorn.core.access import House
from inkhorn.core.database import after_commit, db, session, transaction
from inkhorn.core.runner import carry_out
from inkhorn.posts.models import Post, Status
from inkhorn.posts.services.publishing import publish_post
from tests.conftest import config_for

WORD = "saltmarsh"


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
