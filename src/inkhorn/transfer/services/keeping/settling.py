"""What must not come back with a backup: ways in that were ended since, letters that may have left since, work in hands that are gone."""

from pathlib import Path

from sqlalchemy import Connection, Table, delete, func, insert, select, update

from inkhorn.accounts.models import OneTimeToken, RefreshFamily, RefreshToken, Session
from inkhorn.core import clock
from inkhorn.core.access import House
from inkhorn.core.audit import Entry
from inkhorn.core.generations import PageGeneration, PageReader
from inkhorn.core.jobs import JobRow
from inkhorn.core.mail.letters import Letter, LetterState
from inkhorn.media.models import Upload, UploadPart
from inkhorn.transfer.archive.contents import About
from inkhorn.transfer.services.keeping.snapshots import sqlite_config, writing

RESTORED = "transfer.restored"
MAY_HAVE_LEFT = "It waited when the backup was made, and may have left since."


def settle(path: Path, about: About) -> int:
    """Bring the unpacked database to rest; how many letters somebody has to decide about."""
    with writing(sqlite_config(path)) as connection:
        return settle_rows(connection, about)


def settle_rows(connection: Connection, about: About) -> int:
    """The same on a connection, in its transaction; the audit log says that it was done."""
    # Parts of unfinished uploads are in no backup.
    for model in (RefreshToken, RefreshFamily, OneTimeToken, Session, UploadPart, Upload):
        connection.execute(delete(_table(model)))
    connection.execute(update(_table(JobRow)).values(lease_until=None, owner=None))
    _outlive_kept_pages(connection)
    letters = _hold_letters(connection)
    entry = {"at": clock.now(), "action": RESTORED, "actor_label": House().label}
    details = {"made_at": about.made_at, "version": about.inkhorn, "letters_held": letters}
    connection.execute(insert(_table(Entry)).values(**entry, details=details))
    return letters


def _hold_letters(connection: Connection) -> int:
    letter = _table(Letter)
    waits = letter.c.state.in_([LetterState.WAITING, LetterState.HANDING])
    number: int = connection.execute(select(func.count()).select_from(letter).where(waits)).scalar_one()
    held = {"state": LetterState.UNCERTAIN, "next_at": clock.now(), "answer": MAY_HAVE_LEFT}
    connection.execute(update(letter).where(waits).values(**held))
    return number


def _outlive_kept_pages(connection: Connection) -> None:
    """Let the number of pages be above any that was given out before or after the backup: whoever still keeps pages keeps no others for these."""
    connection.execute(delete(_table(PageReader)))
    connection.execute(delete(_table(PageGeneration)))
    connection.execute(insert(_table(PageGeneration)).values(id=1, number=int(clock.now().timestamp() * 1_000_000)))


def _table(model: type) -> Table:
    table: Table = model.__table__  # type: ignore[attr-defined]
    return table
