"""Web workers killed one after the other while fifty comments a second are written: what was acknowledged is there, whole and once."""

import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from inkhorn.accounts.identity.actor import Person
from inkhorn.accounts.models import User
from inkhorn.accounts.queries import user_by_email
from inkhorn.app import create_app
from inkhorn.core.config_loading import load_config
from inkhorn.core.database import db, session, transaction
from tests.comments.commenters import Commenter, Crowd
from tests.dice import SEED, tell, times
from tests.factories.comments import make_open_post
from tests.processes import web_workers
from tests.running import RunningSite
from tests.team import make_team
from tests.witness import Ledger

pytestmark = pytest.mark.slow

# The long form was run once with INKHORN_TEST_KILLS=200; this one is for every day.
KILLS = times(4)
KILL_EVERY_SECONDS = 3.0
COMMENTS_A_SECOND, PEOPLE, POSTS, WORKERS = 50, 24, 20, 4
PATIENCE_SECONDS = 120
PASSWORD = "kelp tide moon lantern"
SETTINGS = {"INKHORN_CAPTCHA": "none", "INKHORN_TRUSTED_PROXIES": "1", "INKHORN_WEB_WORKERS": str(WORKERS)}


def plant(data: Path) -> list[int]:
    """Moderators, who may write as fast as they like, and the posts they write under; their numbers."""
    people = [(f"editor{number}@harbour.test", f"Editor {number}", "editor") for number in range(PEOPLE)]
    make_team(data, SETTINGS, ("emil@example.org", "Emil Norrby", "editor"), *people, password=PASSWORD)
    with create_app(load_config(data=data, environ=SETTINGS)).app_context():
        emil = Person(user_by_email("emil@example.org"))
        with transaction():
            # Nobody wants fifty letters a second.
            session().get_one(User, emil.id).notices = {"comment_on_post": False}
        posts = [make_open_post(by=emil, title=f"Post {number}").id for number in range(POSTS)]
        db.session.close()
        db.engine.dispose()
    return posts


def people_of(site: RunningSite, posts: list[int]) -> list[Commenter]:
    people = [Commenter(site.base, posts) for _ in range(PEOPLE)]
    for number, each in enumerate(people):
        each.sign_in(f"editor{number}@harbour.test", PASSWORD)
    return people


def kill_workers(site: RunningSite, chance: random.Random) -> int:
    """One of them each time, whichever; how many were killed."""
    killed = 0
    assert site.process is not None
    for _ in range(KILLS):
        time.sleep(KILL_EVERY_SECONDS)
        workers = web_workers(site.process.pid)
        if workers:
            os.kill(chance.choice(workers), signal.SIGKILL)
            killed += 1
    time.sleep(KILL_EVERY_SECONDS)
    return killed


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def site(data: Path) -> Iterator[RunningSite]:
    started = RunningSite(data, environment=SETTINGS)
    yield started
    if started.process is not None and started.process.poll() is None:
        started.kill()


def test_no_acknowledged_comment_is_lost_or_doubled(site: RunningSite, data: Path, tmp_path: Path):
    seed = SEED
    posts = plant(data)
    site.start()
    ledger = Ledger(tmp_path / "ledger")
    crowd = Crowd(people_of(site, posts), ledger, rate=COMMENTS_A_SECOND, seed=seed)
    crowd.start()
    try:
        killed = kill_workers(site, random.Random(seed))
    finally:
        lasted = crowd.stop()
    ledger.close()
    took = sorted(crowd.took)
    print(f"seed {seed}, {killed} kills, {len(took) / lasted:.1f} comments a second, {dict(ledger.count())}")
    print(f"median {took[len(took) // 2]:.3f} s, p99 {took[len(took) * 99 // 100]:.3f} s, slowest {took[-1]:.3f} s")
    settle(site)
    assert killed == KILLS
    judge(site, ledger)
    tell(killed, KILLS, f"kills of a web worker, {len(ledger.told('acknowledged'))} acknowledged comments, none lost")
    assert site.stop() == 0


def settle(site: RunningSite) -> None:
    """Wait until the runner has done all that it was asked."""
    until = time.monotonic() + PATIENCE_SECONDS + KILLS * KILL_EVERY_SECONDS
    while (left := site.execute("SELECT count(*) FROM job WHERE name LIKE 'comments.%%' OR name LIKE 'search.%%'")) != [(0,)]:
        assert time.monotonic() < until, (left, site.execute("SELECT DISTINCT name, attempts, error FROM job"))
        time.sleep(0.2)


def judge(site: RunningSite, ledger: Ledger) -> None:
    """What the ledger says against what the database has."""
    asked, acknowledged = ledger.told("asked"), ledger.told("acknowledged")
    assert len(acknowledged) > KILLS
    rows = site.execute("SELECT id, substr(body, 13, 6), state, is_shown, place, html, guest_id FROM comment")
    stored = {row[1]: row for row in rows}
    assert len(stored) == len(rows), "a comment sent again was stored again"
    assert {what: line["number"] for what, line in acknowledged.items()} == {
        what: stored[what][0] for what in acknowledged if what in stored
    }
    assert set(stored) <= set(asked)
    assert ledger.told("told otherwise") == {}
    refused = ledger.told("refused")
    assert not [line for line in refused.values() if line["status"] != 503 or not line["after"]], refused
    for number, what, state, is_shown, place, html, guest in rows:
        assert html == f"<p>Word number {what}, and <em>more</em>.</p>\n"
        assert place, number
        assert (state, bool(is_shown)) == (("unconfirmed", False) if guest else ("approved", True)), number
    judge_what_follows(site, [row[0] for row in rows], [row[0] for row in rows if row[6]])


def judge_what_follows(site: RunningSite, numbers: list[int], of_guests: list[int]) -> None:
    """One line of the audit log for each, one letter for each guest, and a sound database."""
    noted = site.execute("SELECT subject_id FROM audit_entry WHERE action = 'comments.posted' ORDER BY subject_id")
    assert [number for (number,) in noted] == sorted(numbers)
    letters = site.execute("SELECT purpose FROM letter WHERE kind = 'comments/confirm'")
    assert sorted(purpose for (purpose,) in letters) == sorted(f"comments.confirm:{number}" for number in of_guests)
    assert site.execute("PRAGMA integrity_check") == [("ok",)]
    assert site.execute("PRAGMA foreign_key_check") == []
