"""Ports for servers that tests start, each given out once."""

import itertools
import os
import random
import socket

# Below those that the kernel gives to whoever connects or asks for any port: what is free stays free until it is taken here, and
# whoever goes on knocking at a server that is gone meets no other in its place.
# A share for each worker of a run, since a port is bound seconds after it was found free.
SHARES, SHARE = 8, 1_500
FIRST = 20_000 + SHARE * (int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % SHARES)
LAST = FIRST + SHARE
_numbers = itertools.cycle(random.SystemRandom().sample(range(FIRST, LAST), LAST - FIRST))


def free_port() -> int:
    for port in _numbers:
        with socket.socket() as probe:
            # As servers do, so that a connection not long ended does not count.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError
