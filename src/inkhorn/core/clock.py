"""What time it is; tests freeze it."""

from collections.abc import Callable
from datetime import UTC, datetime

_frozen_at: datetime | None = None


def now() -> datetime:
    """The present moment, aware and in UTC."""
    return _frozen_at or datetime.now(UTC)


def shared(ask: Callable[[], datetime]) -> datetime:
    """The moment by a clock that several machines go by."""
    return _frozen_at or ask()


def freeze(moment: datetime | None) -> None:
    """Hold the clock at a moment, or let it run again with None; for tests only."""
    global _frozen_at
    _frozen_at = moment.astimezone(UTC) if moment else None
