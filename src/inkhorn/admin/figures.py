"""What is looked at when somebody asks how the site fares: queues, letters, sessions, memory and room, beside what each process counted."""

import shutil
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import case, func, select
from sqlalchemy.exc import SQLAlchemyError

from inkhorn import __version__
from inkhorn.accounts.queries import sessions_seen_since
from inkhorn.core import clock, job_board
from inkhorn.core.config import config
from inkhorn.core.database import end_read, session
from inkhorn.core.mail.letters import Letter, LetterState
from inkhorn.core.metrics.families import (
    DATABASE_UP,
    DISK_FREE,
    JOB_LAG,
    JOBS,
    LETTER_LAG,
    LETTERS,
    MEMORY,
    PROCESS,
    SESSIONS,
    TIMETABLE_SILENCE,
    UPLOADS,
    VERSION,
)
from inkhorn.core.metrics.shelf import Figures, Shelf, number_of
from inkhorn.media.models import Upload

SEEN_WITHIN = timedelta(days=30)
UNFINISHED = (LetterState.WAITING, LetterState.HANDING, LetterState.UNCERTAIN, LetterState.REFUSED, LetterState.GIVEN_UP)


def gather(shelf: Shelf) -> Figures:
    """Everything that is told; where the database is away, without what only it knows."""
    figures, living = shelf.collect()
    figures |= _memory(living)
    figures[VERSION.name, __version__] = [1.0]
    with suppress(OSError):
        figures[DISK_FREE.name,] = [float(shutil.disk_usage(config().data).free)]
    try:
        figures |= _work() | _mail() | _people()
        figures[DATABASE_UP.name,] = [1.0]
    except SQLAlchemyError:
        figures[DATABASE_UP.name,] = [0.0]
    finally:
        with suppress(SQLAlchemyError):
            end_read()
    return figures


def _work() -> Figures:
    now, told = clock.now(), job_board.job_figures()
    states = {"waiting": told.waiting, "due": told.due, "running": told.running, "dead": told.dead}
    return {
        **{(JOBS.name, state): [float(many)] for state, many in states.items()},
        (JOB_LAG.name,): [_seconds_since(told.due_since, now)],
        # Where no runner ever ran there is no silence to tell: 0 would say that it ran just now.
        **({(TIMETABLE_SILENCE.name,): [_seconds_since(told.ticked_at, now)]} if told.ticked_at else {}),
    }


def _mail() -> Figures:
    now = clock.now()
    counted = session().execute(select(Letter.state, func.count()).where(Letter.state.in_(UNFINISHED)).group_by(Letter.state)).tuples()
    found = dict(counted.all())
    due = session().scalar(select(func.min(case((Letter.next_at <= now, Letter.next_at)))).where(Letter.state == LetterState.WAITING))
    return {
        **{(LETTERS.name, str(state)): [float(found.get(state, 0))] for state in UNFINISHED},
        (LETTER_LAG.name,): [_seconds_since(due, now)],
    }


def _people() -> Figures:
    seen = session().scalar(sessions_seen_since(clock.now() - SEEN_WITHIN)) or 0
    under_way = session().scalar(select(func.count()).select_from(Upload).where(Upload.asset_id.is_(None))) or 0
    return {(SESSIONS.name,): [float(seen)], (UPLOADS.name,): [float(under_way)]}


def _memory(living: dict[str, Figures]) -> Figures:
    found: Figures = {}
    for name, figures in living.items():
        number = number_of(name)
        role = next((key[1] for key in figures if key[0] == PROCESS.name), None)
        if number is not None and role is not None:
            found.setdefault((MEMORY.name, role), [0.0])[0] += _bytes_of(number)
    return found


def _bytes_of(number: int) -> float:
    with suppress(OSError, ValueError):
        for line in Path(f"/proc/{number}/smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith("Pss:"):
                return float(line.split()[1]) * 1024
    return 0.0


def _seconds_since(moment: datetime | None, now: datetime) -> float:
    return max(0.0, (now - moment).total_seconds()) if moment is not None else 0.0
