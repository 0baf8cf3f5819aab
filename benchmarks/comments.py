"""Commenting: fifty a second by moderators and guests with readers beside them, and what open streams cost; part of `make bench`."""

import argparse
import statistics
import tempfile
import threading
import time
import urllib.request
from pathlib import Path
from typing import Self

from benchmarks.figures import Figure, record
from benchmarks.measures import await_quiet, cpu_seconds, free_port, inkhorn, pace, serving
from benchmarks.search import floor
from tests.comments.commenters import Commenter, Crowd
from tests.factories.comments import make_open_post
from tests.team import make_team
from tests.witness import Ledger

from inkhorn.accounts.identity.actor import Person
from inkhorn.accounts.queries import user_by_email
from inkhorn.app import create_app
from inkhorn.core.config_loading import load_config
from inkhorn.core.database import db, session, transaction

# Bar of the issue, on two cores.
BAR_A_SECOND = 50.0
PEOPLE, POSTS, READS_A_SECOND, STREAMS = 24, 20, 20, 16
PASSWORD = "kelp tide moon lantern"
SETTINGS = {"INKHORN_CAPTCHA": "none", "INKHORN_TRUSTED_PROXIES": "1", "INKHORN_LOG_LEVEL": "warning"}


def plant(data: Path) -> list[int]:
    """Moderators, who may write as fast as they like, and posts by somebody who wants no letter about each; their numbers."""
    people = [(f"editor{number}@harbour.test", f"Editor {number}", "editor") for number in range(PEOPLE)]
    make_team(data, SETTINGS, ("emil@example.org", "Emil Norrby", "editor"), *people, password=PASSWORD)
    with create_app(load_config(data=data, environ=SETTINGS)).app_context():
        with transaction():
            emil = user_by_email("emil@example.org")
            emil.notices = {"comment_on_post": False}
        posts = [make_open_post(by=Person(emil), title=f"Post {number}").id for number in range(POSTS)]
        session().close()
        db.engine.dispose()
    return posts


class Readers:
    """So many reads of threads a second, beside whatever else goes on."""

    def __init__(self, site: str) -> None:
        self._site, self._is_over = site, threading.Event()
        self.took: list[float] = []
        self._threads = [threading.Thread(target=self._read) for _ in range(4)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_told: object) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join()

    def _read(self) -> None:
        while not self._is_over.wait(len(self._threads) / READS_A_SECOND):
            began = time.monotonic()
            with urllib.request.urlopen(f"{self._site}/post-{len(self.took) % POSTS}/", timeout=60) as answer:
                answer.read()
            self.took.append(time.monotonic() - began)


def at(share: float, took: list[float]) -> float:
    return 1000 * sorted(took)[int(share * (len(took) - 1))]


def round_of(people: list[Commenter], pid: int, folder: Path, *, seconds: int, seed: int) -> tuple[float, float, list[float]]:
    """CPU milliseconds of the tree for one comment, letters and index included; comments a second; how long each took."""
    ledger = Ledger(folder / f"ledger-{seed}")
    crowd = Crowd(people, ledger, rate=BAR_A_SECOND, seed=seed)
    before = cpu_seconds(pid)
    crowd.start()
    time.sleep(seconds)
    lasted = crowd.stop()
    # What the runner still has to do is part of the price.
    time.sleep(3)
    spent = cpu_seconds(pid) - before
    told = ledger.count()
    assert set(told) <= {"asked", "acknowledged"}, told
    ledger.close()
    return 1000 * spent / len(crowd.took), len(crowd.took) / lasted, crowd.took


def streams(site: str, pid: int, posts: list[int], seconds: int) -> None:
    """CPU of the tree while so many listen and nothing happens, beside as long without them."""
    before = cpu_seconds(pid)
    time.sleep(seconds)
    idle = cpu_seconds(pid) - before
    opened = [urllib.request.urlopen(f"{site}/comments/on/{posts[n % POSTS]}/live", timeout=60) for n in range(2 * STREAMS)]
    held = [answer for answer in opened if answer.status == 200]
    before = cpu_seconds(pid)
    time.sleep(seconds)
    listening = cpu_seconds(pid) - before
    for answer in opened:
        answer.close()
    beside = f"CPU more than the {1000 * idle / seconds:.1f} ms without them"
    record(Figure(f"{len(held)} open streams", 1000 * (listening - idle) / seconds, "ms a second", beside=beside))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        data, port = Path(name) / "data", free_port()
        posts, site = plant(data), f"http://127.0.0.1:{port}"
        with serving(inkhorn("--data", str(data), "run", "--port", str(port)), site + "/", **SETTINGS) as (server, _):
            people = [Commenter(site, posts) for _ in range(PEOPLE)]
            for number, each in enumerate(people):
                each.sign_in(f"editor{number}@harbour.test", PASSWORD)
            time.sleep(5)
            with Readers(site) as readers:
                rounds = [
                    round_of(people, server.pid, Path(name), seconds=options.seconds, seed=seed) for seed in range(options.rounds + 1)
                ][1:]
            cpu, rate = (statistics.median(each[place] for each in rounds) for place in (0, 1))
            took = [each for one in rounds for each in one[2]]
            await_quiet(data)
            streams(site, server.pid, posts, options.seconds)
        least = floor(100, rounds=options.rounds, many=1000)
    speed = f"median {at(0.5, took):.0f} ms, p99 {at(0.99, took):.0f} ms; readers beside {at(0.5, readers.took):.0f} and {at(0.99, readers.took):.0f} ms"
    # Fifty are asked for; what the clock rounds away is no comment lost.
    record(Figure("comments", rate, "a second", 0.995 * BAR_A_SECOND, is_least=True, beside=speed))
    price = f"letters, index and {READS_A_SECOND} reads a second included; {cpu / least:.0f} x bare Flask ({least:.3f} ms)"
    record(Figure("one comment", cpu, "ms", pace=pace(), beside=price))


if __name__ == "__main__":
    main()
