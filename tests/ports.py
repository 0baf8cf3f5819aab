"""Ports for servers that tests start, each given out once."""

import fcntl
import itertools
import os
import random
import socket
import tempfile
from contextlib import suppress
from pathlib import Path

# Below those that the kernel gives to whoever connects or asks for any port: what is free stays free until it is taken here, and
# whoever goes on knocking at a server that is gone meets no other in its place.
# A share for each process, of whichever run on this machine, since a port is bound seconds after it was found free.
FIRST, SHARES, SHARE = 20_000, 24, 500


def _share() -> int:
    """The first share that nobody holds; it is given back when this process ends."""
    for number in range(SHARES):
        with suppress(OSError):
            path = Path(tempfile.gettempdir()) / f"inkhorn-test-ports-{number}"
            # Somebody else's file is held as well as one's own, but not opened to write.
            held = os.open(path, os.O_RDONLY) if path.exists() else os.open(path, os.O_CREAT | os.O_RDONLY, 0o644)
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os.close(held)
                raise
            return number
    return random.SystemRandom().randrange(SHARES)


_first = FIRST + SHARE * _share()
_numbers = itertools.cycle(random.SystemRandom().sample(range(_first, _first + SHARE), SHARE))


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
