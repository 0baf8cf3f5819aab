"""What one actor asks, asked by everybody else there can be: each tries it first and leaves nothing behind, so that an example is made once for all of them.

Since nothing of theirs stays, what hangs on more than one answer is seen with the actor of the run alone: that what was made is there, and what was removed is not.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from schemathesis.checks import CHECKS
from schemathesis.core.failures import Failure, FailureGroup

from inkhorn.core.database import db
from tests.api.bearers import Shown

Send = Callable[..., Any]
PROOFS = ("Authorization", "X-CSRF-Token")


@dataclass
class Crowd:
    """Everybody but the actor of a run, with what each was answered and what was wrong with it."""

    app: Flask
    actors: dict[str, Shown]
    answered: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    faults: list[tuple[str, Any, Failure]] = field(default_factory=list)
    asking: Shown | None = None

    def try_first(self, send: Send, case: Any, options: dict[str, Any]) -> None:
        """Let each send the case and hold the answer to the description, before the actor of the run does."""
        with _stripped(case):
            try:
                for name, shown in self.actors.items():
                    self.asking = shown
                    with self._forgotten():
                        self._try(name, send, case, options)
            finally:
                self.asking = None

    def _try(self, name: str, send: Send, case: Any, options: dict[str, Any]) -> None:
        others = {name: value for name, value in (options.get("headers") or {}).items() if name not in PROOFS}
        # What the actor of the run shows stands in the run's session too.
        sent = {**options, "session": None, "headers": {**others, **(self.asking or Shown()).headers}}
        answer = send(case, **sent)
        self.answered[name][answer.status_code] += 1
        known = {"headers": sent["headers"], "transport_kwargs": {"app": self.app, "headers": sent["headers"]}}
        try:
            case.validate_response(answer, excluded_checks=self._not_told_apart(), **known)
        except FailureGroup as found:
            self.faults.extend((f"{name}, who was told {answer.text}", case, failure) for failure in found.exceptions)

    def _not_told_apart(self) -> list[Any]:
        # A cookie that was shown is not told apart from one that was made up.
        return list(CHECKS.get_by_names(["ignored_auth"])) if self.asking is not None and self.asking.cookie else []

    @contextmanager
    def _forgotten(self) -> Iterator[None]:
        with self.app.app_context():
            point = db.sessionmaker.kw["bind"].begin_nested()
        try:
            yield
        finally:
            point.rollback()


@contextmanager
def _stripped(case: Any) -> Iterator[None]:
    """The case without what the actor of the run proves itself by."""
    shown = {name: case.headers.pop(name) for name in PROOFS if name in (case.headers or {})}
    try:
        yield
    finally:
        if shown:
            case.headers.update(shown)
