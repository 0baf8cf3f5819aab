"""What edges may see and do about background work: counts, the list, another try, giving up."""

from dataclasses import dataclass

from sqlalchemy import Select, select

from inkhorn.core import clock, jobs
from inkhorn.core.database import session
from inkhorn.core.errors import Conflict, NotFound
from inkhorn.core.jobs import JobRow


@dataclass(frozen=True)
class Counts:
    """Work that waits or runs, and work that was set aside."""

    waiting: int
    dead: int


def job_counts() -> Counts:
    return Counts(*jobs.counts())


def waiting_jobs() -> Select[JobRow]:
    """What waits or runs, the next first."""
    return select(JobRow).where(~JobRow.is_dead).order_by(JobRow.run_at, JobRow.id)


def dead_jobs() -> Select[JobRow]:
    """What was set aside, the latest first."""
    return select(JobRow).where(JobRow.is_dead).order_by(JobRow.run_at.desc(), JobRow.id.desc())


def retry_job(job_id: int) -> JobRow:
    """Put a job that was set aside (or waits for its hour) back at the head of the queue with all its attempts."""
    row = _idle(job_id)
    row.is_dead, row.attempts, row.crashes, row.error = False, 0, 0, None
    row.run_at = clock.now()
    session().flush()
    return row


def forget_job(job_id: int) -> None:
    """Take a job out of the table for good."""
    session().delete(_idle(job_id))
    session().flush()


def _idle(job_id: int) -> JobRow:
    row = session().get(JobRow, job_id, with_for_update=True)
    if row is None:
        raise NotFound(f"There is no job number {job_id}; it may be done by now.")
    if row.lease_until is not None and row.lease_until >= clock.now():
        raise Conflict(f"Job number {job_id} is running just now; wait until it ends.")
    return row
