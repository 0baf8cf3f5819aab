"""The runner is killed while it sends, again and again; INKHORN_TEST_KILLS and INKHORN_TEST_SEED ask for more, or for the same again."""

import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from inkhorn.app import create_app
from inkhorn.core import migrating
from inkhorn.core.access import House
from inkhorn.core.database import db, transaction
from inkhorn.core.mail import deciding
from inkhorn.core.mail.delivering import deliver_letters, hurry
from inkhorn.core.mail.letters import LetterState
from tests.conftest import config_for
from tests.dice import SEED, tell, times
from tests.mail.conftest import kept, write
from tests.mail.post import Post, until
from tests.sinks import Sink, running_sink

pytestmark = pytest.mark.slow

KILLS = times(4)
LETTERS_PER_KILL = 12


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    with running_sink(seconds=0.1) as sink:
        config = config_for(tmp_path)
        migrating.upgrade(config)
        made = Post(create_app(config), sink, tmp_path)
        yield made
        made.kill()
        with made.app.app_context():
            db.engine.dispose()


def message_ids(sink: Sink) -> dict[str, set[str]]:
    return {to: {each.message_id for each in sink.to(to)} for to in {each.to for each in sink.received}}


def test_nobody_gets_two_letters_and_nothing_is_lost(post: Post):
    print(f"seed {SEED}, {KILLS} kills")
    many = KILLS * LETTERS_PER_KILL
    with post.app.app_context():
        for number in range(many):
            write(f"{number}@example.org", purpose=str(number))
    for kills in range(1, KILLS + 1):
        post.kill_while_it_sends()
        assert post.count(LetterState.UNCERTAIN, LetterState.HANDING) <= kills
    post.start()
    until(lambda: post.count(LetterState.SENT, LetterState.UNCERTAIN) == many)
    assert len(post.sink.received) <= many, "nothing was sent twice by itself"
    assert all(len(each) == 1 for each in message_ids(post.sink).values())
    _let_the_uncertain_leave(post)
    until(lambda: post.count(LetterState.SENT) == many)
    seen = message_ids(post.sink)
    assert (len(seen), {len(each) for each in seen.values()}) == (many, {1})
    tell(KILLS, KILLS, f"kills of the sender, {many} letters, none lost and none written twice")


def _let_the_uncertain_leave(post: Post) -> None:
    """What a person does at the mail page."""
    with post.app.app_context():
        uncertain = [letter for letter in kept() if letter.state is LetterState.UNCERTAIN]
        print(f"{len(uncertain)} uncertain")
        for letter in uncertain:
            with transaction():
                deciding.resend_letter(letter, by=House())
                hurry()


def test_a_runner_that_slept_through_its_lease_sends_nothing_twice(post: Post):
    with post.app.app_context():
        for number in range(4):
            write(f"{number}@example.org", purpose=str(number))
    post.sink.seconds = 8
    post.start()
    # It talks to the server then, which takes its time.
    until(lambda: post.count(LetterState.HANDING))
    time.sleep(0.5)
    assert post.runner is not None
    sleeper = post.runner
    put_to_sleep(post)
    post.sink.seconds = 0.1
    with post.app.app_context():
        # Another machine takes over: here, as the sleeper's lock of the folder is still held.
        send_here(post)
    sleeper.send_signal(signal.SIGCONT)
    until(lambda: post.count(LetterState.SENT, LetterState.UNCERTAIN) == 4)
    until(lambda: all(post.sink.to(f"{number}@example.org") for number in range(4)))
    # Whoever sent one again would have by then.
    time.sleep(1)
    assert {len(post.sink.to(f"{number}@example.org")) for number in range(4)} == {1}


def put_to_sleep(post: Post) -> None:
    """Stop the runner while it waits for the server, at a moment at which it holds no lock of the database."""
    assert post.runner is not None
    for _ in range(40):
        time.sleep(0.1)
        post.runner.send_signal(signal.SIGSTOP)
        with closing(sqlite3.connect(post.folder / "inkhorn.sqlite3", timeout=0.2, isolation_level=None)) as beside:
            try:
                beside.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                post.runner.send_signal(signal.SIGCONT)
            else:
                beside.execute("ROLLBACK")
                return
    pytest.fail("the runner holds the database whenever it is looked at")


def send_here(post: Post) -> None:
    settings = config_for(post.folder, mail_from="inkhorn@slowferry.example", **post.sink.settings)
    post.app.extensions["inkhorn.config"] = settings
    deliver_letters()
