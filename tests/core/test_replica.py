"""Pages for visitors come from a copy that follows the database, and never show anything older than the database itself."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator

import psycopg
import pytest
from flask import Flask
from sqlalchemy import event
from werkzeug.test import TestResponse

from inkhorn.core import replica
from inkhorn.core.database import db, session, transaction
from inkhorn.core.replays import Replay
from inkhorn.posts.models import Status
from tests.cast import Cast
from tests.core.replicas import running_pair, running_site
from tests.factories.posts import make_post
from tests.processes import descendants
from tests.servers import Cluster

pytestmark = pytest.mark.slow

PATIENCE_SECONDS = 60


@pytest.fixture(scope="module")
def pair() -> Iterator[tuple[str, str, Cluster]]:
    with running_pair() as made:
        yield made


@pytest.fixture(scope="module")
def site(pair: tuple[str, str, Cluster], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    with running_site(pair, tmp_path_factory.mktemp("data")) as app:
        yield app


@pytest.fixture
def told(site: Flask) -> Iterator[dict[str, list[str]]]:
    """What each of the two is asked for pages; whoever asks whether the copy answers is another thread."""
    seen: dict[str, list[str]] = {"default": [], "replica": []}
    here = threading.get_ident()
    with site.app_context():
        engines = {name: db.engines[name] for name in seen}

    def note_for(name: str) -> Callable[..., None]:
        return lambda _c, _u, statement, *_rest: seen[name].append(statement) if threading.get_ident() == here else None

    notes = {name: note_for(name) for name in seen}
    for name, engine in engines.items():
        event.listen(engine, "before_cursor_execute", notes[name])
    yield seen
    for name, engine in engines.items():
        event.remove(engine, "before_cursor_execute", notes[name])


@pytest.fixture(autouse=True)
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replica, "REST_SECONDS", 0.2)


def at_standby(pair: tuple[str, str, Cluster], statement: str) -> None:
    with psycopg.connect(pair[1], autocommit=True) as standby:
        standby.execute(statement.encode())


def until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < end, "It did not happen in time."
        time.sleep(0.05)


def come_from_replica(site: Flask, told: dict[str, list[str]], path: str = "/") -> bool:
    """Whether all that one page wants is asked of the copy."""
    for asked in told.values():
        asked.clear()
    assert site.test_client().get(path).status_code == 200
    return bool(told["replica"]) and not told["default"]


def test_visitors_pages_come_from_the_copy_and_others_do_not(site, pair, told):
    until(lambda: come_from_replica(site, told))
    for asked in told.values():
        asked.clear()
    with site.app_context():
        browser = Cast().browser_of(site, Cast().wren)
    assert browser.get("/").status_code == 200
    assert told["replica"] == []
    for path, headers in (("/sign-in", {}), ("/api/v1/posts", {}), ("/", {"Authorization": "Bearer x"})):
        site.test_client().get(path, headers=headers)
    assert told["replica"] == []


def test_every_kind_of_page_is_the_same_from_both(site, told, pair):
    until(lambda: come_from_replica(site, told))
    paths = ["/", "/feed.xml", "/feed.json", "/sitemap.xml", "/archive/", "/robots.txt", "/slack-water/"]
    until(lambda: all(site.test_client().get(path).status_code in (200, 301, 302, 308, 404) for path in paths))
    found = {path: site.test_client().get(path) for path in paths}
    assert told["replica"]
    for path, answer in found.items():
        at_home = site.test_client().get(path, headers={"Authorization": "none"})
        assert (answer.status_code, answer.data) == (at_home.status_code, at_home.data), path


def test_a_copy_that_lags_shows_nobody_a_page_from_before(site, pair, told):
    until(lambda: come_from_replica(site, told))
    at_standby(pair, "SELECT pg_wal_replay_pause()")
    try:
        for number in range(5):
            with site.app_context():
                make_post(title=f"Spring tide {number}", status=Status.PUBLISHED)
            assert f"Spring tide {number}" in site.test_client().get("/").text
            assert not come_from_replica(site, told)
    finally:
        at_standby(pair, "SELECT pg_wal_replay_resume()")
    until(lambda: come_from_replica(site, told))
    assert "Spring tide 4" in site.test_client().get("/").text


def test_what_changes_no_page_leaves_the_copy_in_use(site, pair, told):
    until(lambda: come_from_replica(site, told))
    at_standby(pair, "SELECT pg_wal_replay_pause()")
    try:
        with site.app_context(), transaction():
            session().add(Replay(digest="a", request="b"))
        # Nothing of it is there, and it is read all the same.
        until(lambda: come_from_replica(site, told))
    finally:
        at_standby(pair, "SELECT pg_wal_replay_resume()")


def test_pages_go_on_while_the_copy_is_away(site, pair, told):
    until(lambda: come_from_replica(site, told))
    pair[2].stop()
    try:
        for _ in range(10):
            assert site.test_client().get("/").status_code == 200
    finally:
        pair[2].start()
    until(lambda: come_from_replica(site, told))


def stop_all(pair, number: int) -> None:
    """Have every process of the copy stand still, or go on."""
    first = int((pair[2].folder / "data" / "postmaster.pid").read_text().split()[0])
    for pid in (first, *descendants(first)):
        os.kill(pid, number)


def test_a_copy_that_stands_still_keeps_nobody_for_long(site, pair, told):
    until(lambda: come_from_replica(site, told))
    stop_all(pair, signal.SIGSTOP)
    try:
        for _ in range(10):
            assert site.test_client().get("/").status_code == 200
        assert not come_from_replica(site, told)
    finally:
        stop_all(pair, signal.SIGCONT)
    until(lambda: come_from_replica(site, told))


def broken_off(site: Flask, pair: tuple[str, str, Cluster], path: str) -> TestResponse:
    """The answer to a page whose connection to the copy is ended with its third question."""
    with site.app_context():
        engine = db.engines["replica"]
    here, asked = threading.get_ident(), []

    def break_off(connection, _cursor, _statement, *_rest):
        # Whoever asks whether it answers is another thread.
        if threading.get_ident() == here:
            asked.append(1)
            if len(asked) == 3:
                with psycopg.connect(pair[1], autocommit=True) as standby:
                    standby.execute("SELECT pg_terminate_backend(%s, 60000)", (connection.connection.driver_connection.info.backend_pid,))

    event.listen(engine, "before_cursor_execute", break_off)
    end = time.monotonic() + PATIENCE_SECONDS
    try:
        while len(asked) < 3:
            # Where this process has not heard of the number lately, a page comes from home.
            assert time.monotonic() < end
            asked.clear()
            answer = site.test_client().get(path)
    finally:
        event.remove(engine, "before_cursor_execute", break_off)
    return answer


def test_a_page_whose_reading_is_broken_off_is_drawn_once_more(site, pair, told):
    until(lambda: come_from_replica(site, told))
    answer = broken_off(site, pair, "/")
    assert (answer.status_code, "Slack water" in answer.text) == (200, True)
    # What there is not is not there the second time either.
    until(lambda: come_from_replica(site, told))
    assert broken_off(site, pair, "/no-such-page/").status_code == 404


def test_what_the_search_finds_is_read_at_home(site, told):
    until(lambda: come_from_replica(site, told))
    assert site.test_client().get("/search?q=slack").status_code == 200
    assert not come_from_replica(site, told, "/search?q=slack")


def test_drafts_of_a_visitor_stay_hidden_there_too(site, told):
    with site.app_context():
        path = make_post(title="Hidden").path
    until(lambda: come_from_replica(site, told))
    assert site.test_client().get(path).status_code == 404
