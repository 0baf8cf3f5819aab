"""A fleet through its proxy, while parts of it are killed: nothing that was acknowledged is lost, and readers see what was."""

import json
import random
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from http.client import HTTPException
from pathlib import Path

import pytest

from tests.dice import dice, tell, times
from tests.fleet.parts import PATIENCE_SECONDS, Fleet, running_fleet, started
from tests.running import inkhorn
from tests.team import make_team
from tests.witness import Ledger

pytestmark = pytest.mark.slow

INDEXED = "SELECT post.title FROM post JOIN search_entry ON search_entry.post_id = post.id"
KILLS = times(4)
WRITERS = 3


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    with running_fleet(tmp_path_factory.mktemp("fleet")) as made:
        make_team(made.nodes[0].data, made.environment, ("emil@example.org", "Emil Norrby", "editor"), password="kelp tide moon lantern")
        with started(made):
            yield made


@pytest.fixture(scope="module")
def key(fleet: Fleet) -> str:
    may = [word for name in ("posts.write", "posts.publish", "media.upload") for word in ("--may", name)]
    made = inkhorn(fleet.nodes[0].data, "key", "create", "Sea", "--for", "emil@example.org", *may, **fleet.environment)
    assert made.returncode == 0, made.stderr
    return made.stdout.strip()


def publish(fleet: Fleet, key: str, title: str) -> int:
    body = json.dumps({"title": title, "body": f"{title}, over the quay.", "status": "published"}).encode()
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json", "Idempotency-Key": title.replace(" ", "-")}
    asked = urllib.request.Request(f"{fleet.base}/api/v1/posts", data=body, headers=headers, method="POST")
    try:
        with urllib.request.urlopen(asked, timeout=30, context=fleet.trust) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except (OSError, HTTPException):
        return 0


def home(fleet: Fleet) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(fleet.base + "/", timeout=30, context=fleet.trust) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, ""
    except (OSError, HTTPException):
        # Of a node that was killed while it answered.
        return 0, ""


def test_whatever_one_node_publishes_every_node_shows_at_once(fleet: Fleet, key: str) -> None:
    for number in range(10):
        title = f"Slack water {number}"
        assert publish(fleet, key, title) == 201, fleet.log
        for _look in range(4):
            assert title in home(fleet)[1]


def test_nothing_acknowledged_is_lost_while_parts_are_killed(fleet: Fleet, key: str, tmp_path: Path) -> None:
    ledger, is_over, odd = Ledger(tmp_path / "ledger"), threading.Event(), []

    def write(writer: int) -> None:
        number = 0
        while not is_over.is_set():
            title = f"Tide {writer} {number}"
            ledger.note("asked", title)
            # As a client that was not answered asks again, with the key by which it is done once.
            while (status := publish(fleet, key, title)) != 201:
                if status not in (0, 409, 429, 502, 503, 504):
                    odd.append((title, status))
                time.sleep(0.2)
            ledger.note("acknowledged", title)
            status, page = home(fleet)
            if status not in (200, 0, 502, 503, 504):
                odd.append((title, "home", status))
            elif status != 200 or title not in page:
                # No node was there just then, or others have published since, and ten are shown.
                ledger.note("passed by", title)
            number += 1

    writers = [threading.Thread(target=write, args=(number,), daemon=True) for number in range(WRITERS)]
    [each.start() for each in writers]
    _kill_parts(fleet, dice())
    is_over.set()
    [each.join(PATIENCE_SECONDS) for each in writers]
    assert not any(each.is_alive() for each in writers), fleet.log
    assert odd == []
    told = ledger.told("acknowledged")
    kept = [title for (title,) in fleet.execute("SELECT title FROM post WHERE title LIKE 'Tide %%'")]
    assert sorted(kept) == sorted(set(kept)), "something was done twice"
    assert set(told) <= set(kept)
    assert told
    _await(fleet, lambda: fleet.execute("SELECT count(*) FROM job WHERE run_at < now() AND NOT is_dead") == [(0,)])
    _await(fleet, lambda: set(told) <= {title for (title,) in fleet.execute(INDEXED)})
    assert fleet.execute("SELECT name, error FROM job WHERE is_dead") == []
    tell(KILLS, KILLS, f"kills of a node or a worker, {len(told)} acknowledged posts")


def _kill_parts(fleet: Fleet, dice: random.Random) -> None:
    for number in range(KILLS):
        time.sleep(dice.uniform(0.2, 2))
        part = dice.choice(fleet.nodes if number % 2 == 0 else fleet.workers)
        part.kill()
        time.sleep(dice.uniform(0.2, 2))
        part.start()


def _await(fleet: Fleet, is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < until, (fleet.execute("SELECT name, attempts, error FROM job"), fleet.log)
        time.sleep(0.3)
