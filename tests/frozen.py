"""The clock that tests hold and move."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from unittest import mock

from inkhorn.core import clock
from inkhorn.core.clock import freeze


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """For what is done in the block it is that moment; then the clock goes on as before."""
    with mock.patch.object(clock, "_frozen_at", moment.astimezone(UTC)):
        yield


class Clock:
    """The frozen time of a test; starts at noon of 2 March 2026."""

    def __init__(self) -> None:
        self.set(datetime(2026, 3, 2, 12, tzinfo=UTC))

    def set(self, moment: datetime) -> None:
        self.now = moment
        freeze(moment)

    def forward(self, **units: float) -> datetime:
        self.set(self.now + timedelta(**units))
        return self.now

    def tomorrow(self) -> datetime:
        return self.now + timedelta(days=1)
