"""What edges may see and do about background work: counts, the list, the timetable, another try, giving up."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, case, func, select
from sqlalchemy.exc import IntegrityError

from inkhorn.core import audit, clock, jobs
from inkhorn.core.access import Actor
from inkhorn.core.database import session
from inkhorn.core.errors import Conflict, NotFound
from inkhorn.core.jobs import JobRow, Periodic

# What the runner puts in the queue more often than this tells that it lives.
SILENCE = timedelta(minutes=2)

# What a list of jobs is cut by.
JOB_ID, JOB_RUN_AT = JobRow.__table__.c.id, JobRow.__table__.c.run_at


@dataclass(frozen=True)
class Counts:
    """Work that waits or runs, and work that was set aside."""

    waiting: int
    dead: int


@dataclass(frozen=True)
class Appointment:
    """A job of the timetable: how often it comes, and when it came last."""

    name: str
    every: timedelta
    last_at: datetime | None

    @property
    def next_at(self) -> datetime | None:
        return self.last_at + self.every if self.last_at else None

    @property
    def is_late(self) -> bool:
        return self.next_at is not None and self.next_at + SILENCE < clock.now()


def job_counts() -> Counts:
    return Counts(*jobs.counts())


@dataclass(frozen=True)
class JobFigures:
    """How the queue stands, for whoever watches it."""

    waiting: int
    due: int
    running: int
    dead: int
    due_since: datetime | None
    ticked_at: datetime | None


def job_figures() -> JobFigures:
    """Counted in one look: what waits for its hour, what is due and since when, what runs, and what was set aside."""
    now, living = clock.now(), ~JobRow.is_dead
    is_running = living & func.coalesce(JobRow.lease_until >= now, False)
    is_due = living & ~func.coalesce(JobRow.lease_until >= now, False) & (JobRow.run_at <= now)
    counted = select(
        func.count(case((living & (JobRow.run_at > now) & ~is_running, 1))),
        func.count(case((is_due, 1))),
        func.count(case((is_running, 1))),
        func.count(case((JobRow.is_dead, 1))),
        func.min(case((is_due, JobRow.run_at))),
    )
    waiting, due, running, dead, due_since = session().execute(counted).one()
    return JobFigures(waiting, due, running, dead, due_since, session().scalar(select(func.max(Periodic.last_at))))


def running_count() -> int:
    """How many are being carried out just now."""
    running = (~JobRow.is_dead) & (JobRow.lease_until >= clock.now())
    return session().scalar(select(func.count()).select_from(JobRow).where(running)) or 0


def waiting_jobs() -> Select[JobRow]:
    """What waits or runs, the next first."""
    return select(JobRow).where(~JobRow.is_dead).order_by(JobRow.run_at, JobRow.id)


def jobs_that(*, is_dead: bool) -> Select[JobRow]:
    """What was set aside, or what waits or runs, in no order."""
    return select(JobRow).where(JobRow.is_dead if is_dead else ~JobRow.is_dead)


def job_numbered(job_id: int) -> JobRow:
    """The job of that number; NotFound where there is none any more."""
    row = session().get(JobRow, job_id) if 0 < job_id < 2**31 else None
    if row is None:
        raise NotFound(f"There is no job number {job_id}; it may be done by now.")
    return row


def dead_jobs() -> Select[JobRow]:
    """What was set aside, the latest first."""
    return select(JobRow).where(JobRow.is_dead).order_by(JobRow.run_at.desc(), JobRow.id.desc())


def timetable() -> list[Appointment]:
    """Every job that comes by itself, the most frequent first."""
    last = dict(session().execute(select(Periodic.name, Periodic.last_at)).tuples().all())
    known = [Appointment(each.name, each.every, last.get(each.name)) for each in jobs.registered_jobs().values() if each.every]
    return sorted(known, key=lambda each: (each.every, each.name))


def silent_since() -> datetime | None:
    """When the runner was last heard of, where that is too long ago; None while it is well."""
    last = session().scalar(select(func.max(Periodic.last_at)))
    return last if last is not None and last < clock.now() - SILENCE else None


def retry_job(job_id: int, *, by: Actor) -> JobRow:
    """Put a job that was set aside (or waits for its hour) back at the head of the queue with all its attempts.

    Where the same work waits there already, that one comes at once instead, and is returned.
    """
    row = _idle(job_id)
    audit.record(by, "jobs.retried", row)
    twin = _waiting_twin(row)
    if twin is not None:
        twin.run_at = clock.now()
        session().delete(row)
        session().flush()
        return twin
    row.is_dead, row.attempts, row.crashes, row.error = False, 0, 0, None
    row.run_at = clock.now()
    try:
        with session().begin_nested():
            row.waiting_key = row.unique_key
    except IntegrityError as error:
        raise Conflict(
            f"The same work as job number {job_id} was asked for at this moment. Look again whether it is still needed."
        ) from error
    return row


def forget_job(job_id: int, *, by: Actor) -> None:
    """Take a job out of the table for good."""
    row = _idle(job_id)
    audit.record(by, "jobs.forgotten", row, error=(row.error or "").partition("\n")[0])
    session().delete(row)
    session().flush()


def _waiting_twin(row: JobRow) -> JobRow | None:
    if row.unique_key is None:
        return None
    twin = select(JobRow).where(JobRow.waiting_key == row.unique_key, JobRow.id != row.id)
    return session().scalars(twin.with_for_update()).one_or_none()


def _idle(job_id: int) -> JobRow:
    row = session().get(JobRow, job_id, with_for_update=True) if 0 < job_id < 2**31 else None
    if row is None:
        raise NotFound(f"There is no job number {job_id}; it may be done by now.")
    if row.lease_until is not None and row.lease_until >= clock.now():
        raise Conflict(f"Job number {job_id} is running just now; wait until it ends.")
    return row
