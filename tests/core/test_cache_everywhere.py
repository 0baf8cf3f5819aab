"""A reader who comes after a change never sees the page from before: over processes on one file, and over machines on PostgreSQL."""

import json
import sqlite3
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from itertools import count
from pathlib import Path

import psycopg
import pytest

from tests.processes import web_workers
from tests.running import RunningSite, inkhorn
from tests.servers import make_database, postgres_server  # noqa: F401 - a fixture
from tests.team import make_team

pytestmark = pytest.mark.slow

SETTINGS = {"INKHORN_CAPTCHA": "none", "INKHORN_INSECURE_HTTP": "1", "INKHORN_SECRET_KEY": "only-for-tests-0123456789-abcdefghij"}
CHANGES, LOOKS, PATIENCE_SECONDS = 12, 4, 120
NUMBERS = count(1)


def publish(site: RunningSite, key: str) -> str:
    """One more post; its title."""
    title = f"Gulls, part {next(NUMBERS)} and no more"
    body = json.dumps({"title": title, "body": "Over the quay.", "status": "published"}).encode()
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json", "Idempotency-Key": title.replace(" ", "-")}
    request = urllib.request.Request(f"{site.base}/api/v1/posts", data=body, headers=headers, method="POST")
    with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
        assert answer.status == 201
    return title


def home(site: RunningSite) -> str:
    """As any of its processes gives it, over a connection of its own."""
    with urllib.request.urlopen(site.base + "/", timeout=PATIENCE_SECONDS) as answer:
        return answer.read().decode()


def drawn(site: RunningSite) -> int:
    """How often the home page was drawn, by what was logged."""
    return site.log.count('"endpoint": "site.show_home"')


def start(data: Path, settings: dict[str, str]) -> tuple[RunningSite, str]:
    """A site, and a key that may publish."""
    make_team(data, settings, ("emil@example.org", "Emil Norrby", "editor"), password="kelp tide moon lantern")
    may = [word for name in ("posts.write", "posts.publish") for word in ("--may", name)]
    made = inkhorn(data, "key", "create", "Sea", "--for", "emil@example.org", *may, **settings)
    assert made.returncode == 0, made.stderr
    return RunningSite(data, environment=settings).start(), made.stdout.strip()


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[tuple[RunningSite, str]]:
    site, key = start(tmp_path / "data", SETTINGS | {"INKHORN_WEB_WORKERS": "2"})
    yield site, key
    site.stop()


def test_every_process_of_a_machine_shows_what_was_just_published(alone):
    site, key = alone
    assert len(web_workers(site.process.pid)) == 2
    for _change in range(CHANGES):
        title = publish(site, key)
        assert all(title in home(site) for _look in range(LOOKS))
    # It was given out from memory as well: fewer were drawn than asked for.
    assert drawn(site) < CHANGES * LOOKS


def test_a_command_changes_what_readers_see_at_once(alone):
    site, key = alone
    title = publish(site, key)
    assert title in home(site)
    slug = site.execute("SELECT path FROM post ORDER BY id DESC LIMIT 1")[0][0]
    assert inkhorn(site.data, "redirect", "add", "/old-way/", slug, **SETTINGS).returncode == 0
    assert title in home(site)
    with urllib.request.urlopen(site.base + "/old-way/", timeout=PATIENCE_SECONDS) as answer:
        assert title in answer.read().decode()


def test_what_was_committed_and_never_announced_is_shown_within_moments(alone):
    site, key = alone
    title = publish(site, key)
    assert title in home(site)
    # As a process killed between its commit and the announcement leaves it.
    with closing(sqlite3.connect(site.data / "inkhorn.sqlite3", timeout=120)) as file:
        file.execute("UPDATE post SET title = 'Terns' WHERE title = ?", (title,))
        file.execute("UPDATE page_generation SET number = number + 1")
        file.commit()
    _await(lambda: "Terns" in home(site))


def test_every_machine_shows_what_was_just_published_on_another(tmp_path: Path, postgres_server: str):  # noqa: F811 - the fixture
    with ExitStack() as stack:
        address = make_database(postgres_server, "machines")
        settings = SETTINGS | {"INKHORN_DATABASE_URL": address, "INKHORN_WEB_WORKERS": "1"}
        one, key = start(tmp_path / "one", settings)
        stack.callback(one.stop)
        other = RunningSite(tmp_path / "other", environment=settings).start()
        stack.callback(other.stop)
        # Each began to hear with the first page that it was asked for.
        _await(lambda: bool(home(one) and home(other)) and len(one.execute("SELECT 1 FROM page_reader")) == 2)
        before = drawn(one) + drawn(other)
        for number in range(CHANGES):
            told, asked = (one, other) if number % 2 else (other, one)
            title = publish(told, key)
            assert all(title in home(asked) for _look in range(LOOKS))
        assert drawn(one) + drawn(other) - before < CHANGES * LOOKS


def test_a_machine_that_hears_nothing_keeps_nobody_waiting_for_long(tmp_path: Path, postgres_server: str):  # noqa: F811 - the fixture
    with ExitStack() as stack:
        settings = SETTINGS | {"INKHORN_DATABASE_URL": make_database(postgres_server, "deaf"), "INKHORN_WEB_WORKERS": "1"}
        site, key = start(tmp_path / "one", settings)
        stack.callback(site.stop)
        # One that said it was there a moment ago, and was switched off.
        with psycopg.connect(settings["INKHORN_DATABASE_URL"], autocommit=True) as past:
            past.execute("INSERT INTO page_reader (name, number, heard_at) VALUES ('gone', 0, clock_timestamp() + interval '10 seconds')")
            began = time.monotonic()
            assert publish(site, key) in home(site)
            # It was waited for, and not for ever.
            assert 2 < time.monotonic() - began < PATIENCE_SECONDS


def _await(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.05)
