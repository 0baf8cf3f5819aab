"""A circuit breaker before a service outside: one that fell silent is left alone for a while, and then asked by one at a time."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class LeftAlone(Exception):
    """The service did not answer a moment ago, or somebody is just finding out whether it does again."""


class Breaker:
    """Keeps threads from waiting together for what does not answer; each process finds out by itself."""

    def __init__(self, rest_seconds: float, *, is_silence: Callable[[Exception], bool]) -> None:
        self._rest_seconds, self._is_silence = rest_seconds, is_silence
        self._is_doubtful, self._rests_until = False, 0.0
        self._trying = threading.Lock()

    @property
    def is_doubtful(self) -> bool:
        """Whether it is not known to answer; whoever asks now finds that out for all, and had better ask something short."""
        return self._is_doubtful

    def ask(self, question: Callable[[], T]) -> T:
        """The answer, or what the question raises; LeftAlone where it is not put at all."""
        if not self._is_doubtful:
            return self._put(question)
        if time.monotonic() < self._rests_until or not self._trying.acquire(blocking=False):
            raise LeftAlone
        try:
            return self._put(question)
        finally:
            self._trying.release()

    def _put(self, question: Callable[[], T]) -> T:
        try:
            answer = question()
        except Exception as error:
            self._is_doubtful = self._is_silence(error)
            if self._is_doubtful:
                self._rests_until = time.monotonic() + self._rest_seconds
            raise
        self._is_doubtful = False
        return answer
