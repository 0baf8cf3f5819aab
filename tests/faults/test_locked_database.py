"""R8: another process holds the database's write lock; a short wait succeeds, a long one is refused in words, and nothing is lost."""

import sqlite3
import threading
import time
from contextlib import closing

import pytest

from tests.dice import dice, tell, times
from tests.faults.writers import Answer, Program, ask
from tests.running import RunningSite

pytestmark = pytest.mark.slow

# Well below the ten seconds that are waited, or for as long as somebody waits.
SHORT, LONG = (1, 4), 0


def test_who_meets_a_locked_database_waits_or_is_told(site: RunningSite, program: Program):
    rounds, chance = times(2), dice()
    site.start()
    made = program.send("POST", "/posts", {"title": "Tide", "body": "Before."})
    address, etag, refused = made.headers["location"].removeprefix("/api/v1"), made.headers["etag"], 0
    for number in range(rounds):
        seconds = (SHORT[0], LONG)[number] if number < 2 else chance.choice((*SHORT, LONG))
        answer, home = save_while_locked(site, program, address, f"Number {number}.", etag, seconds=seconds)
        assert home.status == 200, home.body
        if seconds == LONG:
            assert (answer.status, answer.is_kind_refusal) == (503, True), answer.body
            refused += 1
            answer = program.send("PATCH", address, {"body": f"Number {number}."}, If_Match=etag)
        assert answer.status == 200, answer.body
        etag = answer.headers["etag"]
        assert program.send("GET", address).json["data"]["body"] == f"Number {number}."
    tell(rounds, rounds, f"locks, {refused} of them longer than is waited; every text was kept")
    assert site.stop() == 0


def save_while_locked(site: RunningSite, program: Program, address: str, words: str, etag: str, *, seconds: float) -> tuple[Answer, Answer]:
    """What somebody who saved and somebody who read were answered meanwhile."""
    answers: list[Answer] = []
    saving = threading.Thread(target=lambda: answers.append(program.send("PATCH", address, {"body": words}, If_Match=etag)))
    with closing(sqlite3.connect(site.data / "inkhorn.sqlite3", timeout=30, isolation_level=None)) as other:
        other.execute("PRAGMA wal_autocheckpoint=0")
        other.execute("BEGIN IMMEDIATE")
        saving.start()
        if seconds == LONG:
            saving.join(120)
            home = ask(site.port, "GET", "/")
        else:
            time.sleep(seconds)
        other.execute("ROLLBACK")
    saving.join(120)
    return answers[0], ask(site.port, "GET", "/") if seconds != LONG else home
