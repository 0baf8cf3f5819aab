"""Answers that stay open and tell of news: how many a process holds, and the one thread that looks for news on behalf of all of them.

Each holds a thread of the server. Those come on top of the threads that answer requests (see core.turns), so that nobody waits because others listen;
whoever finds no place asks now and then instead.
"""

import logging
import mmap
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress

from inkhorn.core.places import Places

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
# So long at most a browser that went away keeps its place.
HEARTBEAT_SECONDS = 10.0
# Then it ends and the browser comes again, so that rights are asked anew, and others get a chance.
LIFE_SECONDS = (240.0, 300.0)
RETRY_SECONDS = 5
# Heard by the script, which takes a stream for dead that says nothing.
STILL_HERE = b"event: still\ndata:\n\n"

# Numbers of the topics asked for, each growing with every change; a topic that never changed may be absent.
Read = Callable[[set[int]], Mapping[int, int]]

# One byte that all processes forked from here share: how often it was said that those which run then are ending.
_ending = mmap.mmap(-1, 1)


def say_ending() -> None:
    """Let every stream of this process and of those forked from it end soon; processes that begin afterwards hold streams of their own."""
    _ending[0] = (_ending[0] + 1) % 256


class Streams:
    """The streams that this process holds, at most so many."""

    def __init__(self, most: int, read: Read) -> None:
        self._places, self._read = Places(most), read
        self._begun_at = _ending[0]
        self._open: set[Stream] = set()
        self._numbers: dict[int, int] = {}
        self._news = threading.Condition()
        self._watcher: threading.Thread | None = None

    def open(self, topic: int, *, number: int, seen: str = "", address: str = "") -> "Stream | None":
        """A stream about a topic that stands at a number, for somebody who has seen another; None where they find no place."""
        with self._news:
            if self.is_ending or not self._is_watched() or not self._places.take(address):
                return None
            stream = Stream(self, topic, number, seen)
            stream.address = address
            self._open.add(stream)
            return stream

    def _is_watched(self) -> bool:
        """Whether somebody looks for news; they wait for the lock that the caller holds."""
        if self._watcher is None:
            watcher = threading.Thread(target=self._watch, name="streams", daemon=True)
            try:
                watcher.start()
            except RuntimeError:
                # There are too many threads just now.
                return False
            self._watcher = watcher
        return True

    @property
    def is_ending(self) -> bool:
        return _ending[0] != self._begun_at

    @property
    def held(self) -> int:
        return len(self._open)

    def leave(self, stream: "Stream") -> None:
        with self._news:
            if stream in self._open:
                self._open.discard(stream)
                self._places.leave(stream.address)
            self._news.notify_all()

    def await_news(self, stream: "Stream", known: int) -> int:
        """The topic's number once it is another, or the known one when it is time for a heartbeat or the end."""
        until = time.monotonic() + HEARTBEAT_SECONDS
        with self._news:
            while stream in self._open and not self.is_ending:
                number = self._numbers.get(stream.topic, known)
                left = until - time.monotonic()
                if number > known or left <= 0:
                    return max(number, known)
                self._news.wait(left)
        return known

    def is_open(self, stream: "Stream") -> bool:
        return stream in self._open and not self.is_ending

    def _watch(self) -> None:
        is_away = False
        while True:
            with self._news:
                topics = {stream.topic for stream in self._open}
                self._numbers = {topic: number for topic, number in self._numbers.items() if topic in topics}
                if not topics:
                    self._watcher = None
                    return
            try:
                found = dict(self._read(topics))
            except Exception:
                # A database that is away comes back; until then there are heartbeats.
                if not is_away:
                    log.exception("streams_cannot_look")
                found, is_away = {}, True
            else:
                is_away = False
            with self._news:
                has_news = any(self._numbers.get(topic) != number for topic, number in found.items())
                self._numbers |= found
                if has_news or self.is_ending:
                    self._news.notify_all()
                self._news.wait_for(lambda: not self._open, timeout=LOOK_SECONDS)


class Stream:
    """One answer as server-sent events; close() gives its place back, however it ended."""

    def __init__(self, streams: Streams, topic: int, number: int, seen: str) -> None:
        self._streams, self._number, self._seen = streams, number, seen
        self.topic, self.address = topic, ""

    def __iter__(self) -> Iterator[bytes]:
        with suppress(GeneratorExit):
            yield from self._events()
        self.close()

    def close(self) -> None:
        self._streams.leave(self)

    def _events(self) -> Iterator[bytes]:
        until = time.monotonic() + random.uniform(*LIFE_SECONDS)  # noqa: S311 - so that not all come again at once
        # Whoever comes again tells what they saw last; what happened meanwhile is news to them.
        is_behind = self._seen not in ("", str(self._number))
        yield f"retry: {RETRY_SECONDS * 1000}\n".encode() + _event("changed" if is_behind else "here", self._number)
        while time.monotonic() < until and self._streams.is_open(self):
            number = self._streams.await_news(self, self._number)
            if number != self._number:
                self._number = number
                yield _event("changed", number)
            else:
                yield STILL_HERE


def _event(name: str, number: int) -> bytes:
    return f"id: {number}\nevent: {name}\ndata: {number}\n\n".encode()
