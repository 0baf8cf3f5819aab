"""What the account or the disk of a machine does not let a command do, in a sentence with the mend."""

import errno
import sqlite3

OWNER = "Run this as the account that the site runs as, or correct owner and permissions of its data folder and what is in it."
ROOM = "Make room, then run it again."
BARRED = {
    errno.EACCES: OWNER,
    errno.EPERM: OWNER,
    errno.EROFS: "Mount that disk for writing, then run it again.",
    errno.ENOSPC: ROOM,
    errno.EDQUOT: ROOM,
}
BARRED_BY_SQLITE = {
    sqlite3.SQLITE_CANTOPEN: OWNER,
    sqlite3.SQLITE_PERM: OWNER,
    sqlite3.SQLITE_READONLY: OWNER,
    sqlite3.SQLITE_FULL: ROOM,
    sqlite3.SQLITE_BUSY: "Another program holds it; run this again in a moment.",
}


def barred(error: Exception) -> str | None:
    """The sentence; None where it is something else."""
    reason: object = getattr(error, "orig", None) or error
    if isinstance(reason, sqlite3.OperationalError):
        mend = BARRED_BY_SQLITE.get(getattr(reason, "sqlite_errorcode", 0) & 0xFF)
        return f"The database cannot be read or written: {reason}. {mend}" if mend else None
    if isinstance(reason, OSError) and reason.errno in BARRED:
        return f"{reason.filename or 'What the command writes'} cannot be read or written: {reason.strerror}. {BARRED[reason.errno]}"
    return None
