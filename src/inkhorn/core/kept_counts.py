"""How long lists are that many pages tell of: counted once for each number that pages are valid by, since to count a hundred thousand takes ten times a page."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from flask import Flask, current_app, has_request_context, request

from inkhorn.core.generations import Generation

Counted = TypeVar("Counted")

NAME = "inkhorn.kept_counts"
# A list has as many as it has readers of different rights; who asks for more than these starts anew.
MOST = 10_000


@dataclass
class KeptCounts:
    """Of one process; what its generation does not know is not kept."""

    _kept: dict[Hashable, tuple[int, Any]] = field(default_factory=dict)

    def number(self) -> int | None:
        """As it was before the request asked the database anything: all its statements may see the same moment, older than a number read later."""
        # Who changes something wants to be told what it is afterwards.
        return request.environ.get(NAME) if has_request_context() and request.method in ("GET", "HEAD") else None

    def get(self, key: Hashable, number: int | None) -> Any:
        kept = self._kept.get(key)
        return kept[1] if kept is not None and kept[0] == number else None

    def put(self, key: Hashable, number: int | None, count: Any) -> None:
        if number is None:
            return
        if len(self._kept) >= MOST:
            self._kept.clear()
        self._kept[key] = (number, count)


def init_app(app: Flask, generation: Generation) -> None:
    app.extensions[NAME] = KeptCounts()
    inner = app.wsgi_app

    def answer(environ: dict[str, Any], start_response: Any) -> Any:
        environ[NAME] = generation.read()
        return inner(environ, start_response)

    app.wsgi_app = answer  # type: ignore[method-assign]


def kept_counts() -> KeptCounts | None:
    """Those of this process; None where none are kept, as in a command."""
    found: KeptCounts | None = current_app.extensions.get(NAME)
    return found


def once(key: Hashable, count: Callable[[], Counted]) -> Counted:
    """What was counted under the key for this request's number, else what is counted now; nobody may change what comes back."""
    counts = kept_counts()
    number = counts.number() if counts else None
    counted: Counted | None = counts.get(key, number) if counts else None
    if counted is None:
        counted = count()
        if counts:
            counts.put(key, number, counted)
    return counted
