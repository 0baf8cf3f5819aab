"""A line between a client and a site that is cut or slow as a test says."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from tests.ports import free_port


@dataclass
class Line:
    """Hands on what comes; cuts the way back before a byte of the answer passes, or lets each piece wait."""

    target: int
    cuts: bool = False
    seconds: float = 0.0
    port: int = field(default_factory=free_port)
    handed_on: int = 0
    _over: threading.Event = field(default_factory=threading.Event)
    _listener: socket.socket | None = None
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> "Line":
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=256)
        self._listener.settimeout(0.1)
        self._run(self._accept)
        return self

    def stop(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(30)
        if self._listener is not None:
            self._listener.close()

    def _run(self, work, *told: object) -> None:
        thread = threading.Thread(target=work, args=told, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        assert self._listener is not None
        while not self._over.is_set():
            with suppress(TimeoutError):
                near, _address = self._listener.accept()
                self._run(self._serve, near)

    def _serve(self, near: socket.socket) -> None:
        with near, suppress(OSError), socket.create_connection(("127.0.0.1", self.target), timeout=30) as far:
            near.settimeout(0.1)
            far.settimeout(0.1)
            while not self._over.is_set():
                if not (self._pass(near, far, is_back=False) and self._pass(far, near, is_back=True)):
                    return

    def _pass(self, one: socket.socket, other: socket.socket, *, is_back: bool) -> bool:
        """Whether the line still stands."""
        try:
            piece = one.recv(65536)
        except TimeoutError:
            return True
        if not piece or (is_back and self.cuts):
            return False
        time.sleep(self.seconds)
        other.settimeout(30)
        other.sendall(piece)
        other.settimeout(0.1)
        self.handed_on += not is_back
        return True


@contextmanager
def line_to(port: int, **told: bool | float) -> Iterator[Line]:
    made = Line(port, **told).start()
    try:
        yield made
    finally:
        made.stop()
