"""Finished pieces of feeds, kept in the process: cleaning the texts of one feed takes longer than all the rest of it."""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock


class Shelf:
    """Pieces by everything they were made from, so that none can be out of date; the least used leave first."""

    def __init__(self, room: int) -> None:
        """room is counted in characters."""
        self._room, self._used = room, 0
        self._pieces: OrderedDict[Hashable, str] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable) -> str | None:
        with self._lock:
            if key not in self._pieces:
                return None
            self._pieces.move_to_end(key)
            return self._pieces[key]

    def put(self, key: Hashable, piece: str) -> None:
        # One giant must not push out everything else.
        if len(piece) > self._room // 20:
            return
        with self._lock:
            if key not in self._pieces:
                self._pieces[key] = piece
                self._used += len(piece)
            while self._used > self._room:
                self._used -= len(self._pieces.popitem(last=False)[1])
