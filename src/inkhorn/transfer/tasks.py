"""Jobs of whole sites: a backup is made when it is due, and those that are not needed any more go."""

import logging
from datetime import timedelta

from sqlalchemy import select

from inkhorn.core import clock
from inkhorn.core.config import Config, config
from inkhorn.core.database import session
from inkhorn.core.errors import InkhornError
from inkhorn.core.jobs import JobRow, job
from inkhorn.transfer.services.keeping.making import Wishes
from inkhorn.transfer.services.keeping.shelf import Shelf, counting, shelf_of, superfluous
from inkhorn.transfer.services.keeping.workplaces import clear_unfinished

log = logging.getLogger(__name__)

NAME = "transfer.make_backup"
# The timetable comes by no more often, so one that is due within so long is made now.
EVERY = timedelta(minutes=30)
LONGEST_SECONDS = 12 * 3600


@job(NAME, every=EVERY, max_attempts=1, time_limit=LONGEST_SECONDS)
def make_due_backup() -> None:
    """Make a backup if the last one is old enough, then remove what the settings do not keep."""
    loaded = config()
    # Left by a restore that was killed; it may be as large as the site.
    clear_unfinished(loaded.data)
    if not loaded.backup_every_hours:
        return
    # No snapshot is held while files are written for minutes.
    session().rollback()
    try:
        keep_up(loaded, shelf_of(loaded))
    except InkhornError as error:
        log.error("backup_failed", extra={"reason": str(error)})
        # One that was set aside tells everybody; another each half-hour would tell no more.
        if session().scalar(select(JobRow.id).where(JobRow.is_dead, JobRow.name == NAME).limit(1)) is None:
            raise


def keep_up(loaded: Config, shelf: Shelf) -> bool:
    """Make the backup that is due, if one is; whether one was."""
    newest = next(iter(counting(loaded, shelf.backups())), None)
    if newest and clock.now() - newest.made_at < timedelta(hours=loaded.backup_every_hours) - EVERY / 2:
        return False
    made = shelf.keep(loaded, Wishes(has_media=loaded.backup_media, passphrase=loaded.backup_passphrase or ""))
    told = {"bytes": made.size, "gone": made.gone, "orphans": made.orphans, "left_out": len(made.left_out)}
    log.info("backup_made", extra={"backup": made.path.name, **told})
    for old in superfluous(counting(loaded, shelf.backups()), daily=loaded.backup_keep_daily, weekly=loaded.backup_keep_weekly):
        shelf.remove(old.name)
    return True
