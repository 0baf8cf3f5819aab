"""What time it is; tests freeze it."""

from datetime import UTC, datetime

_frozen_at: datetime | None = None


def now() -> datetime:
    """The present moment, aware and in UTC."""
    return _frozen_at or datetime.now(UTC)


def freeze(moment: datetime | None) -> None:
    """Hold the clock at a moment, or let it run again with None; for tests only."""
    global _frozen_at
    _frozen_at = moment.astimezone(UTC) if moment else None
