"""The job table, queue and outbox in one: enqueue in the caller's transaction; claim under a lease, finish, retry, set aside."""

import hashlib
import inspect
import json
import random
from collections.abc import Callable, Collection
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Generic, ParamSpec

from sqlalchemy import (
    JSON,
    ColumnElement,
    CursorResult,
    Index,
    String,
    Text,
    Update,
    and_,
    case,
    delete,
    exists,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Mapped, aliased, mapped_column

from inkhorn.core import clock, revisions
from inkhorn.core.database import Base, OffPages, insert_into, is_postgresql, revision, session, transaction

# A dead worker's job is taken over after this long; a living one renews three times as often.
LEASE = timedelta(seconds=30)
# A job that ended its worker this often is set aside, whatever it did otherwise.
MOST_CRASHES = 3
# Between the clocks of machines that share a database; what lies further ahead was written while a clock was wrong.
CLOCKS_DIFFER = timedelta(minutes=1)
LONGEST_PAUSE_SECONDS = 3600
LONGEST_ERROR = 4000
LONGEST_KEY = 200
CHANNEL = "inkhorn_jobs"

P = ParamSpec("P")


class JobRow(OffPages, Base):
    """One piece of work that waits, runs or was set aside; it is gone once it is done."""

    __tablename__ = "job"
    __table_args__ = (
        Index("ix_job_due", "is_dead", "run_at", "id"),
        Index("ix_job_unique_key", "unique_key"),
        Index("ix_job_owner", "owner"),
        # A number used twice would let a paused worker finish a stranger's job.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    args: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    run_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    max_attempts: Mapped[int]
    # Set while a worker runs it; in the past when that worker died.
    lease_until: Mapped[datetime | None]
    owner: Mapped[str | None] = mapped_column(String(120))
    # Grows with every claim, so that a worker that was paused cannot finish what another took over.
    fence: Mapped[int] = mapped_column(default=0)
    crashes: Mapped[int] = mapped_column(default=0)
    unique_key: Mapped[str | None] = mapped_column(String(LONGEST_KEY))
    # The unique key while it waits, None from the claim on: what changes while it runs needs another run.
    waiting_key: Mapped[str | None] = mapped_column(String(LONGEST_KEY), unique=True)
    is_dead: Mapped[bool] = mapped_column(default=False)
    error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    def __str__(self) -> str:
        return f"{self.name} #{self.id}"


class Periodic(OffPages, Base):
    """When each job of the timetable was last put in the queue, by whichever machine came first."""

    __tablename__ = "periodic"

    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    last_at: Mapped[datetime]


@dataclass(frozen=True)
class Job(Generic[P]):
    """A function that workers can run by name; calling it runs it here and now."""

    name: str
    function: Callable[P, None]
    every: timedelta | None
    max_attempts: int
    time_limit: float

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> None:
        self.function(*args, **kwargs)


@dataclass(frozen=True)
class Claimed:
    """A job that this worker may run until its lease ends."""

    id: int
    name: str
    args: dict[str, Any]
    attempts: int
    max_attempts: int
    fence: int


_registry: dict[str, Job[Any]] = {}
_has_to_stop: ContextVar[Callable[[], bool]] = ContextVar("has_to_stop", default=lambda: False)


def is_stopping() -> bool:
    """Whether the worker that runs this job was told to end; a long job looks now and then, and leaves the rest to its next run."""
    return _has_to_stop.get()()


def obey(has_to_stop: Callable[[], bool]) -> None:
    """Let jobs that run in this thread see when their worker is told to end."""
    _has_to_stop.set(has_to_stop)


def job(
    name: str, *, every: timedelta | None = None, max_attempts: int = 8, time_limit: float = 300
) -> Callable[[Callable[P, None]], Job[P]]:
    """Register a function as a job; with every=, the timetable enqueues it so often, once across all machines."""

    def register(function: Callable[P, None]) -> Job[P]:
        if name in _registry and _registry[name].function.__qualname__ != function.__qualname__:
            raise RuntimeError(f"There are two jobs named {name}.")
        registered = Job(name, function, every, max_attempts, time_limit)
        _registry[name] = registered
        return registered

    return register


def registered_jobs() -> dict[str, Job[Any]]:
    """Every known job by name."""
    return dict(_registry)


def enqueue(job: Job[Any], *, unique: str | None = None, at: datetime | None = None, **args: Any) -> int:
    """Put the job in the queue with the caller's transaction; one that waits under the same unique key is kept instead."""
    _parameters_of(job.function).bind(**args)
    json.dumps(args)
    key = _fitting(f"{job.name}:{unique}") if unique is not None else None
    values = {
        "name": job.name,
        "args": args,
        "run_at": at or clock.now(),
        "max_attempts": job.max_attempts,
        "unique_key": key,
        "waiting_key": key,
    }
    job_id: int = session().connection().execute(_queueing(on_postgresql=is_postgresql()), values).scalar_one()
    if is_postgresql():
        # Delivered by the database when the caller commits; SQLite's runner watches the file instead.
        session().execute(text(f"NOTIFY {CHANNEL}"))
    return job_id


# To look at a function anew takes longer than to put it in the queue.
_parameters_of = cache(inspect.signature)


@cache
def _queueing(*, on_postgresql: bool) -> Any:
    """The statement that puts a job in the queue; built once for a database, since every act of consequence runs it."""
    insert: Any = (postgresql if on_postgresql else sqlite).insert(JobRow.__table__)
    # Touching the waiting row locks it until the caller commits, so that no worker runs it on what was there before.
    earlier = case((JobRow.run_at < insert.excluded.run_at, JobRow.run_at), else_=insert.excluded.run_at)
    return insert.on_conflict_do_update(index_elements=[JobRow.waiting_key], set_={"run_at": earlier}).returning(JobRow.id)


def is_our_form() -> bool:
    """Whether the database is in the form that this version wants; while a fleet changes over, workers of the old one may meet the new."""
    if not is_postgresql():
        return True
    try:
        stands_at = revision()
    except ProgrammingError:
        # Made by no migration.
        session().rollback()
        return True
    return stands_at in (None, revisions.head())


def due_jobs(limit: int = 100) -> list[tuple[int, str]]:
    """Number and name of the jobs that a worker could take now, the longest waiting first."""
    due = select(JobRow.id, JobRow.name).where(_is_due(JobRow, clock.now())).order_by(JobRow.run_at, JobRow.id).limit(limit)
    return list(session().execute(due).tuples())


def claim(owner: str, *, job_id: int | None = None) -> Claimed | None:
    """Take the longest waiting due job (or the named one, if due) for the length of a lease."""
    now = clock.now()
    waiting, running = aliased(JobRow), aliased(JobRow)
    twin_runs = exists().where(running.unique_key == waiting.unique_key, running.id != waiting.id, running.lease_until >= now)
    chosen = select(waiting.id).where(_is_due(waiting, now), ~twin_runs).order_by(waiting.run_at, waiting.id).limit(1)
    if job_id is not None:
        chosen = chosen.where(waiting.id == job_id)
    if is_postgresql():
        chosen = chosen.with_for_update(skip_locked=True, of=waiting)
    taken = (
        update(JobRow)
        .where(JobRow.id == chosen.scalar_subquery())
        .values(
            owner=owner,
            lease_until=now + LEASE,
            attempts=JobRow.attempts + 1,
            fence=JobRow.fence + 1,
            # A lease that nobody gave back is the mark of a worker that died.
            crashes=JobRow.crashes + case((JobRow.lease_until.is_not(None), 1), else_=0),
            waiting_key=None,
        )
        .returning(JobRow.id, JobRow.name, JobRow.args, JobRow.attempts, JobRow.max_attempts, JobRow.fence)
        .execution_options(synchronize_session=False)
    )
    with transaction():
        row = session().execute(taken).one_or_none()
    return Claimed(*row) if row else None


def finish(claimed: Claimed) -> bool:
    """Take a done job out of the table; False if another worker holds it by now."""
    with transaction():
        done = delete(JobRow).where(_is_held(claimed)).execution_options(synchronize_session=False)
        return _count(done) == 1


def fail(claimed: Claimed, error: str) -> bool:
    """Let the job run again after a growing pause, or set it aside with its error when its attempts are used up."""
    is_dead = claimed.attempts >= claimed.max_attempts
    pause = min(LONGEST_PAUSE_SECONDS, 2**claimed.attempts) * random.uniform(0.5, 1.5)  # noqa: S311 - spreads retries, keeps no secret
    with transaction():
        values = {"is_dead": is_dead, "error": error[:LONGEST_ERROR], "run_at": clock.now() + timedelta(seconds=pause)}
        return _put_back(_is_held(claimed), None if is_dead else JobRow.unique_key, values)


def forget_failures(name: str) -> int:
    """Take away earlier runs of a job that were set aside: the one that fails now says the same."""
    return _count(delete(JobRow).where(JobRow.name == name, JobRow.is_dead).execution_options(synchronize_session=False))


def give_back(claimed: Claimed) -> bool:
    """Return an unfinished job untouched, as a worker does that is told to stop; the attempt does not count."""
    with transaction():
        return _put_back(_is_held(claimed), JobRow.unique_key, {"attempts": JobRow.attempts - 1})


def heartbeat(owner: str, numbers: Collection[int]) -> int:
    """Renew a living worker's leases of the jobs that it is at; any other, whose end could not be written down, runs out."""
    with transaction():
        return _count(
            update(JobRow)
            .where(JobRow.id.in_(numbers), JobRow.owner == owner, JobRow.lease_until.is_not(None), ~JobRow.is_dead)
            .values(lease_until=clock.now() + LEASE)
            .execution_options(synchronize_session=False)
        )


def free_leases(family: str, *, keep: str) -> int:
    """End at once the leases of workers named "<family>/..." other than keep; only for one who knows that they are dead."""
    ended = datetime(2000, 1, 1, tzinfo=UTC)
    with transaction():
        return _count(
            update(JobRow)
            .where(JobRow.lease_until.is_not(None), JobRow.owner.startswith(f"{family}/"), JobRow.owner != keep, ~JobRow.is_dead)
            .values(lease_until=ended)
            .execution_options(synchronize_session=False)
        )


def set_aside_killers() -> int:
    """Set aside the jobs whose workers died again and again while running them."""
    now = clock.now()
    is_killer = and_(~JobRow.is_dead, JobRow.lease_until < now, JobRow.crashes >= MOST_CRASHES - 1)
    if not session().scalar(select(exists().where(is_killer))):
        return 0
    sentence = f"The worker that ran this job was killed {MOST_CRASHES} times, so it is not tried again by itself."
    with transaction():
        return _count(
            update(JobRow)
            .where(is_killer)
            .values(is_dead=True, error=sentence, owner=None, lease_until=None, crashes=JobRow.crashes + 1)
            .execution_options(synchronize_session=False)
        )


def tick() -> int:
    """Enqueue each job of the timetable whose time has come, unless another machine did; returns how many."""
    now = clock.shared(_time_of_all)
    known = dict(session().execute(select(Periodic.name, Periodic.last_at)).tuples().all())
    count = 0
    for each in list(_registry.values()):
        if each.every is None:
            continue
        tick_at = datetime.fromtimestamp(now.timestamp() // each.every.total_seconds() * each.every.total_seconds(), UTC)
        # A clock that was ahead and was set right must not stop the timetable until it comes there again.
        never = tick_at + max(each.every, CLOCKS_DIFFER)
        if each.name not in known or not tick_at <= known[each.name] <= never:
            count += _enqueue_tick(each, tick_at, never)
    return count


def _time_of_all() -> datetime:
    """PostgreSQL's where that is the database: the clocks of machines that share it may differ, and each would undo what another did."""
    if not is_postgresql():
        return clock.now()
    moment: datetime = session().execute(select(func.clock_timestamp())).scalar_one()
    return moment


def _enqueue_tick(job: Job[Any], tick_at: datetime, never: datetime) -> int:
    with transaction():
        first = insert_into(Periodic).values(name=job.name, last_at=datetime(2000, 1, 1, tzinfo=UTC)).on_conflict_do_nothing()
        session().execute(first)
        moved = _count(
            update(Periodic)
            .where(Periodic.name == job.name, or_(Periodic.last_at < tick_at, Periodic.last_at > never))
            .values(last_at=tick_at)
            .execution_options(synchronize_session=False)
        )
        if moved:
            enqueue(job, unique="tick")
    return moved


def _fitting(key: str) -> str:
    """The key itself, or what is as good when it is too long for its column."""
    if len(key) <= LONGEST_KEY:
        return key
    digest = hashlib.sha256(key.encode()).hexdigest()
    return f"{key[: LONGEST_KEY - len(digest) - 1]}~{digest}"


def _is_due(row: Any, now: datetime) -> ColumnElement[bool]:
    return and_(~row.is_dead, row.run_at <= now, or_(row.lease_until.is_(None), row.lease_until < now))


def _is_held(claimed: Claimed) -> ColumnElement[bool]:
    return and_(JobRow.id == claimed.id, JobRow.fence == claimed.fence, JobRow.lease_until.is_not(None))


def _put_back(is_mine: ColumnElement[bool], key: Any, values: dict[str, Any]) -> bool:
    twin = aliased(JobRow)
    has_twin = exists().where(twin.waiting_key == JobRow.unique_key)
    if key is not None and _count(delete(JobRow).where(is_mine, has_twin).execution_options(synchronize_session=False)):
        # One that was asked for meanwhile waits under the same key and does the same work.
        return True
    changed: Update = update(JobRow).where(is_mine).values(owner=None, lease_until=None, waiting_key=key, **values)
    return _count(changed.execution_options(synchronize_session=False)) == 1


def _count(statement: Any) -> int:
    result = session().execute(statement)
    assert isinstance(result, CursorResult)
    return result.rowcount


def counts() -> tuple[int, int]:
    """How many jobs wait or run, and how many were set aside."""
    waiting, dead = session().execute(select(func.count(case((~JobRow.is_dead, 1))), func.count(case((JobRow.is_dead, 1))))).one()
    return waiting, dead
