"""What the doctor looks at: that there is a backup, and that it is as new as the settings ask for."""

from inkhorn.core.config import Config
from inkhorn.core.doctor import Finding, Look
from inkhorn.transfer.services.keeping.shelf import backups_of

OFF_THE_MACHINE = "Set backup_to to a bucket or another disk: what is lost with the data folder does not bring it back."


def look_at_backups(config: Config) -> Finding:
    told = backups_of(config)
    news = f"{len(told.found)} in {told.where}"
    if told.newest:
        news += f", the newest whole one of this site of {told.newest.made_at:%Y-%m-%d %H:%M} UTC"
    if not config.backup_every_hours:
        mend = "Set backup_every_hours to have the runner make them, or run from a timer: inkhorn backup"
        return Finding("Backups", f"{news}; none are made by themselves", mend, is_note=True)
    if told.is_late:
        why = "See that the runner runs, and what inkhorn jobs list --dead says. Or make one now: inkhorn backup"
        return Finding("Backups", f"{news}; one is due every {config.backup_every_hours} hours", why)
    if config.backup_to is None:
        return Finding("Backups", news, OFF_THE_MACHINE, is_note=True)
    return Finding("Backups", news)


CHECKS: tuple[Look, ...] = (("Backups", look_at_backups),)
