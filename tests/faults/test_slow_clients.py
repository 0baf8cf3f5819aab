"""R26: many clients that send the head of a request letter by letter, or take no answer; whoever is quick is served all the same."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from tests.dice import tell, times
from tests.faults.writers import Program, ask
from tests.running import RunningSite

pytestmark = pytest.mark.slow

BEGUN = {
    "head": b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
    "answer": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
}


@contextmanager
def slow(site: RunningSite, kind: str, many: int) -> Iterator[list[socket.socket]]:
    with ExitStack() as held:
        lines = [held.enter_context(socket.create_connection(("127.0.0.1", site.port), timeout=30)) for _ in range(many)]
        for each in lines:
            each.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            each.sendall(BEGUN[kind])
        yield lines


@pytest.mark.parametrize("kind", BEGUN)
def test_slow_clients_keep_nobody_else_waiting(site: RunningSite, program: Program, kind: str):
    many, served = times(150), 0
    site.start()
    with slow(site, kind, many) as lines:
        for number in range(20):
            for each in lines[number::20]:
                each.sendall(b"x")
            # Whoever is not served before this is kept waiting by the others.
            assert ask(site.port, "GET", "/", seconds=60).status == 200
            served += 1
        assert program.send("POST", "/posts", {"title": "Quick"}, seconds=60).status == 201
    tell(served, 20, f"readers served beside {many} clients that are slow with the {kind}")
    assert ask(site.port, "GET", "/").status == 200
    assert site.stop() == 0
