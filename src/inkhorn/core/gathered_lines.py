"""Lines of a log that are written a few times a second, many at once: to write each by itself cost as much as to give out a page from memory."""

import os
import threading
import time
from collections import deque
from collections.abc import Callable
from multiprocessing.util import Finalize

EVERY_SECONDS = 0.2
# After so many looks at nothing nobody looks any more, until the next line.
LOOKS_AT_NOTHING = 25
# What a pipe takes in one piece, so that no other process's line falls into the midst of ours (PIPE_BUF).
PIECE_BYTES = 4096
# Whoever adds one to so many writes them all: what takes the log is slow, and memory is not for lines.
MOST_LINES = 5000


class GatheredLines:
    """Of a process that is killed, the last fifth of a second is missing."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write, self._lines = write, deque[str]()
        self._starting, self._process, self._ends_with = threading.Lock(), 0, 0

    def add(self, line: str) -> None:
        self._lines.append(line)
        # A process that was forked has nobody who writes them.
        if self._process != os.getpid():
            self._begin()
        elif len(self._lines) > MOST_LINES:
            self.flush()

    def flush(self) -> None:
        """Write what there is, as many lines in a piece as fit."""
        piece, size = list[str](), 0
        while True:
            try:
                line = self._lines.popleft()
            except IndexError:
                break
            length = len(line.encode()) + 1
            if piece and size + length > PIECE_BYTES:
                self._write("\n".join(piece))
                piece, size = [], 0
            piece.append(line)
            size += length
        if piece:
            self._write("\n".join(piece))

    def _begin(self) -> None:
        with self._starting:
            if self._process == os.getpid():
                return
            # Before it begins: it may be home again before this one goes on.
            self._process = os.getpid()
            try:
                threading.Thread(target=self._go_on, name="access-log", daemon=True).start()
            except RuntimeError:
                # There are too many threads already.
                self._process = 0
                self.flush()
                return
            if self._ends_with != os.getpid():
                # Once in each process; those of a server end without what `atexit` holds.
                self._ends_with = os.getpid()
                Finalize(None, self.flush, exitpriority=10)

    def _go_on(self) -> None:
        looks = 0
        try:
            while looks < LOOKS_AT_NOTHING:
                time.sleep(EVERY_SECONDS)
                looks = 0 if self._lines else looks + 1
                self.flush()
        finally:
            # In this order: who adds a line from here on begins anew, and what was added just before is written.
            self._process = 0
            self.flush()
