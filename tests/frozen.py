"""The clock that tests hold and move."""

from datetime import UTC, datetime, timedelta

from inkhorn.core.clock import freeze


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
