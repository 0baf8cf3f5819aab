"""R21: PostgreSQL is restarted, ends single connections or takes no more of them; whoever asks is told 503 in words, and all heals by itself."""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from tests.dice import dice, tell, times
from tests.faults.writers import CUT_OFF, PATIENCE_SECONDS, SETTINGS, Program, Writers, ask, judge, make_key, settle, until_answering
from tests.processes import descendants
from tests.running import RunningSite
from tests.servers import Cluster, make_database, running_cluster
from tests.witness import Ledger

pytestmark = [pytest.mark.slow, pytest.mark.postgres]

# Of the hundred connections that a cluster has, what a site at rest and the server itself stay well below.
FEW = 50


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    with running_cluster() as made:
        yield made


@pytest.fixture
def site(cluster: Cluster, tmp_path: Path) -> Iterator[RunningSite]:
    address = make_database(cluster.address, "faults")
    made = RunningSite(tmp_path / "data", environment=SETTINGS | {"INKHORN_DATABASE_URL": address})
    yield made
    if made.process is not None and made.process.poll() is None:
        made.kill()


@pytest.fixture
def program(site: RunningSite) -> Program:
    return Program(site, make_key(site.data, site.environment))


def test_what_was_acknowledged_outlives_ended_connections_and_restarts(
    site: RunningSite, program: Program, ledger: Ledger, cluster: Cluster
):
    rounds, chance = times(4), dice()
    site.start()
    writers = Writers(program, ledger).start()
    try:
        for number in range(rounds):
            time.sleep(chance.uniform(0.5, 2))
            if number % 2:
                cluster.stop(chance.choice(("fast", "immediate")))
                time.sleep(chance.uniform(0, 2))
                cluster.start()
            else:
                with psycopg.connect(cluster.address, autocommit=True) as asked:
                    end_connections(asked)
        until_answering(site, "/readyz")
    finally:
        writers.stop()
    settle(site)
    kept = judge(site, ledger)
    tell(rounds, rounds, f"restarts and ended connections, {kept} acknowledged writes, none lost; nobody met anything but 503 in words")
    assert site.stop() == 0


def end_connections(asked: psycopg.Connection) -> None:
    asked.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'faults' AND pid <> pg_backend_pid()")


def test_while_nobody_else_is_let_in_pages_say_so_and_afterwards_all_is_well(
    site: RunningSite, program: Program, ledger: Ledger, cluster: Cluster
):
    rounds = times(2)
    site.start()
    for number in range(rounds):
        with ExitStack() as held:
            first = held.enter_context(psycopg.connect(cluster.address, autocommit=True))
            end_connections(first)
            fill(cluster, held)
            end_connections(first)
            fill(cluster, held)
            answers = [program.send("POST", "/posts", {"title": f"Full {number}"}), program.send("GET", "/posts")]
            assert [each for each in answers if each.status not in (200, 201) and not each.is_kind_refusal] == [], answers
        await_room(cluster)
        until_answering(site, "/readyz")
        with suppress(*CUT_OFF):
            ask(site.port, "GET", "/")
        answer = program.insist("POST", "/posts", {"title": f"Room {number}"}, ledger, f"room {number}")
        assert answer is not None, site.log[-3000:]
        assert answer.status == 201, answer.body
    assert [line for line in ledger.told("refused").values() if not line["kind"]] == []
    tell(rounds, rounds, "times that the server let nobody else in; it was said in words, and all was well again by itself")
    assert site.stop() == 0


def test_while_it_is_silent_the_site_says_that_it_lives_and_afterwards_all_is_well(site: RunningSite, cluster: Cluster):
    site.start()
    with ThreadPoolExecutor(8) as readers:
        with silent(cluster):
            # Each waits for what nobody answers, and together they hold every turn of every process.
            waiting = [readers.submit(ask, site.port, "GET", f"/?page={number}", seconds=4 * PATIENCE_SECONDS) for number in range(2, 10)]
            time.sleep(1)
            for _ in range(10):
                assert ask(site.port, "GET", "/healthz").status == 200
            assert not any(each.done() for each in waiting)
        assert {each.result().status for each in waiting} <= {200, 404, 503}
    until_answering(site, "/readyz")
    assert site.stop() == 0


@contextmanager
def silent(cluster: Cluster) -> Iterator[None]:
    """None of its processes does anything meanwhile, though the machine takes what is sent to them."""
    first = process_of(cluster)
    everybody = [first, *descendants(first)]
    for pid in everybody:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in everybody:
            os.kill(pid, signal.SIGCONT)


def process_of(cluster: Cluster) -> int:
    return int((cluster.folder / "data" / "postmaster.pid").read_text().split()[0])


def fill(cluster: Cluster, held: ExitStack) -> None:
    """Take every connection that is to be had."""
    with suppress(psycopg.OperationalError):
        while True:
            held.enter_context(psycopg.connect(cluster.address))


def await_room(cluster: Cluster) -> None:
    """The server lets go of a closed connection somewhat later than whoever held it."""
    until, held = time.monotonic() + 2 * PATIENCE_SECONDS, FEW
    while held >= FEW:
        assert time.monotonic() < until, f"{held} connections are still held."
        with suppress(psycopg.OperationalError), psycopg.connect(cluster.address) as asked:
            ((held,),) = asked.execute("SELECT count(*) FROM pg_stat_activity").fetchall()
        time.sleep(0.2)
