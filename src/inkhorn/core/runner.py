"""The embedded executor: a process that claims due jobs, runs them in threads, keeps the timetable and SQLite's log in order."""

import fcntl
import logging
import os
import secrets
import signal
import threading
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from flask import Flask
from structlog.contextvars import bound_contextvars

from inkhorn.core import generations, jobs, renewal, work_notices
from inkhorn.core.checkpoints import Checkpointer
from inkhorn.core.config import Config
from inkhorn.core.database import db
from inkhorn.core.errors import InkhornError
from inkhorn.core.jobs import Claimed
from inkhorn.core.wakeups import ChannelWakeups, FileWakeups, Wakeups

log = logging.getLogger(__name__)

LOCK_NAME = "runner.lock"
LOCK_WAIT_SECONDS = 3.0
SWEEP_SECONDS = 1.0
CHECKPOINT_SECONDS = 5.0
# SIGTERM lets running jobs end; Ctrl+C is a person waiting.
GRACE_SECONDS = {signal.SIGTERM: 30.0, signal.SIGINT: 3.0}
# A process that ends because a job overran its limit; whoever supervises it starts a new one.
EXIT_OVERRUN = 75


class RunnerBusy(InkhornError):
    """Another runner works on this data folder."""


@dataclass
class _Running:
    claimed: Claimed
    limit: float
    started: float = field(default_factory=time.monotonic)


class Runner:
    """Runs jobs of one application until it is told to stop or its parent ends."""

    def __init__(self, app: Flask, config: Config, *, ends_with_parent: bool = False, is_alone: bool = True, renews: bool = False) -> None:
        self.app, self.config = app, config
        self.lock, family = take_lock(config.data, is_needed=config.uses_sqlite and is_alone)
        self.family = family
        self.owner = f"{family}/{os.getpid()}-{secrets.token_hex(3)}"
        self.stopping = threading.Event()
        self._grace = GRACE_SECONDS[signal.SIGTERM]
        self._parent = os.getppid() if ends_with_parent else None
        self._running: dict[int, _Running] = {}
        self._threads = 0
        self._guard = threading.Lock()
        self._renewal = renewal.Renewal() if renews else None
        self._wakeups: Wakeups | None = None
        self._checkpointer: Checkpointer | None = None
        self._next_sweep = self._next_checkpoint = 0.0
        self._has_freed, self._is_our_form = False, True

    def run(self) -> int:
        """Work until stopped; returns the exit code of the process."""
        work_notices.be_runner(self.app)
        threading.Thread(target=self._beat, name="heartbeat", daemon=True).start()
        log.info("runner_started", extra={"owner": self.owner, "threads": self.config.job_threads})
        try:
            while not self.stopping.is_set() and not self._is_orphan():
                try:
                    self._step()
                except Exception:
                    # The database may be away for a while; nothing is lost meanwhile, since the work is rows in it.
                    log.exception("runner_step_failed")
                    self._forget_connections()
                    self.stopping.wait(1)
                if overrun := self._overrun():
                    return self._end_overrun(overrun)
                if self._renewal is not None and self._is_idle() and self._renewal.is_due():
                    return renewal.EXIT_RENEWED
        finally:
            self._stop()
        return 0

    def stop(self, number: int = signal.SIGTERM, _frame: object = None) -> None:
        """Claim nothing more and end when the running jobs have; may be called as a signal handler."""
        self._grace = min(self._grace, GRACE_SECONDS[signal.Signals(number)])
        self.stopping.set()

    def take_up(self) -> None:
        """Start threads for what is due, as far as there are threads to spare."""
        with self._guard:
            free = self.config.job_threads - len(self._running)
        for _ in range(min(free, len(jobs.due_jobs(free)) if free > 0 else 0)):
            claimed = jobs.claim(self.owner)
            if claimed is None:
                break
            self._note(claimed)
            with self._guard:
                self._threads += 1
            threading.Thread(target=self._work, args=(claimed,), name=f"job-{claimed.id}", daemon=True).start()

    def _step(self) -> None:
        if not self._has_freed:
            self._free_leases()
        if self._wakeups is None:
            self._wakeups = self._open_wakeups()
        has_news = self._wakeups.wait()
        now = time.monotonic()
        if now >= self._next_sweep:
            self._next_sweep, has_news = now + SWEEP_SECONDS, True
            with self.app.app_context():
                self._tend()
        if has_news and self._is_our_form and not self.stopping.is_set():
            with self.app.app_context():
                self.take_up()
        if now >= self._next_checkpoint and self.config.sqlite_path and self.lock is not None and self.config.checkpoints == "runner":
            self._next_checkpoint = now + CHECKPOINT_SECONDS
            self._checkpointer = self._checkpointer or Checkpointer(self.config.sqlite_path)
            self._checkpointer.run()

    def _tend(self) -> None:
        """What is done again and again, but not in a database that a later version has changed by now."""
        before, self._is_our_form = self._is_our_form, jobs.is_our_form()
        if self._is_our_form:
            jobs.tick()
            jobs.set_aside_killers()
            generations.catch_up()
        elif before:
            log.warning("database_of_another_version", extra={"owner": self.owner})

    def _free_leases(self) -> None:
        """Take back what those before us left; before the first claim, and not before the database can be asked."""
        if self.lock is not None:
            with self.app.app_context():
                freed = jobs.free_leases(self.family, keep=self.owner)
            if freed:
                log.warning("leases_freed", extra={"jobs": freed})
        self._has_freed = True

    def _work(self, claimed: Claimed | None) -> None:
        jobs.obey(self.stopping.is_set)
        try:
            while claimed is not None:
                try:
                    carry_out(self.app, claimed)
                except Exception:
                    # Its lease ends by itself and another attempt is made then.
                    log.exception("job_outcome_not_recorded", extra={"job": claimed.id})
                if self._renewal is not None:
                    self._renewal.note_work()
                with self._guard:
                    self._running.pop(claimed.id, None)
                claimed = self._claim_next() if self._is_our_form and not self.stopping.is_set() else None
        finally:
            with self._guard:
                self._threads -= 1

    def _claim_next(self) -> Claimed | None:
        try:
            with self.app.app_context():
                claimed = jobs.claim(self.owner) if jobs.due_jobs(1) else None
        except Exception:
            log.exception("claim_failed")
            return None
        if claimed is not None:
            self._note(claimed)
        return claimed

    def _note(self, claimed: Claimed) -> None:
        known = jobs.registered_jobs().get(claimed.name)
        with self._guard:
            self._running[claimed.id] = _Running(claimed, known.time_limit if known else 60)

    def _beat(self) -> None:
        while True:
            time.sleep(jobs.LEASE.total_seconds() / 3)
            with self._guard:
                numbers = list(self._running)
            if not numbers:
                continue
            try:
                with self.app.app_context():
                    jobs.heartbeat(self.owner, numbers)
            except Exception:
                log.exception("heartbeat_failed")

    def _is_idle(self) -> bool:
        # A thread that looks for its next job may have claimed it already.
        with self._guard:
            return not self._threads

    def _overrun(self) -> _Running | None:
        now = time.monotonic()
        with self._guard:
            return next((each for each in self._running.values() if now - each.started > each.limit), None)

    def _end_overrun(self, overrun: _Running) -> int:
        """Fail the job that overran; its thread cannot be stopped, so the process ends and the other jobs go back."""
        name = overrun.claimed.name
        log.error("job_overran", extra={"job": overrun.claimed.id, "name_of_job": name, "limit_seconds": overrun.limit})
        with self.app.app_context():
            jobs.fail(overrun.claimed, f"It took longer than its limit of {overrun.limit:g} seconds and was stopped.")
        with self._guard:
            self._running.pop(overrun.claimed.id, None)
        self.stop(signal.SIGINT)
        return EXIT_OVERRUN

    def _stop(self) -> None:
        self.stopping.set()
        until = time.monotonic() + self._grace
        while self._running and time.monotonic() < until:
            time.sleep(0.02)
        with self._guard:
            left = [each.claimed for each in self._running.values()]
        try:
            with self.app.app_context():
                for claimed in left:
                    jobs.give_back(claimed)
            if self._checkpointer:
                self._checkpointer.run()
        except Exception:
            log.exception("runner_stop_incomplete")
        self._forget_connections()
        log.info("runner_stopped", extra={"given_back": len(left)})

    def _is_orphan(self) -> bool:
        return self._parent is not None and os.getppid() != self._parent

    def _open_wakeups(self) -> Wakeups:
        if self.config.sqlite_path:
            return FileWakeups(self.config.sqlite_path)
        with self.app.app_context():
            pooled = db.engine.raw_connection()
            connection = pooled.driver_connection
            # It listens as long as the runner lives, so it is not the pool's any more.
            pooled.detach()
        return ChannelWakeups(connection)

    def _forget_connections(self) -> None:
        for kept in (self._wakeups, self._checkpointer):
            if kept is not None:
                kept.close()
        self._wakeups = self._checkpointer = None


def carry_out(app: Flask, claimed: Claimed) -> None:
    """Run one claimed job in an application context of its own and record how it ended."""
    started = time.monotonic()
    with bound_contextvars(job_id=claimed.id, job=claimed.name):
        with work_notices.at_work_on(app, claimed.name) as outcome:
            error = _attempt(app, claimed)
            outcome.append("done" if error is None else "failed")
        with app.app_context():
            is_recorded = jobs.finish(claimed) if error is None else jobs.fail(claimed, error)
        if not is_recorded:
            log.warning("job_outcome_refused")
        elif error is None:
            log.info("job_done", extra={"ms": round((time.monotonic() - started) * 1000)})


def _attempt(app: Flask, claimed: Claimed) -> str | None:
    known = jobs.registered_jobs().get(claimed.name)
    if known is None:
        log.error("job_unknown")
        return f"This version of Inkhorn knows no job named {claimed.name}."
    try:
        with app.app_context():
            known(**claimed.args)
    except Exception as error:
        log.exception("job_failed", extra={"attempt": claimed.attempts, "of": claimed.max_attempts})
        return f"{type(error).__name__}: {error}\n{''.join(traceback.format_exception(error, limit=-8))}"
    return None


def take_lock(folder: Path, *, is_needed: bool) -> tuple[IO[str] | None, str]:
    """Lock the folder's runner file and return it with its family name; who holds it knows that the folder's other runners are dead."""
    file = (folder / LOCK_NAME).open("a+", encoding="ascii")
    until = time.monotonic() + (LOCK_WAIT_SECONDS if is_needed else 0)
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except OSError:
            if time.monotonic() < until:
                time.sleep(0.1)
                continue
            file.close()
            if is_needed:
                raise RunnerBusy(f"Another runner works on {folder}; stop that one first, or give this one its own folder.") from None
            return None, secrets.token_hex(6)
    file.seek(0)
    family = file.read().strip()
    if not family:
        family = secrets.token_hex(6)
        file.write(family)
        file.flush()
    # Tells the doctor since when.
    os.utime(file.fileno())
    return file, family


def run(app: Flask, config: Config, *, ends_with_parent: bool = False, renews: bool = False) -> int:
    """Be the runner process: install the signal handlers, work, and return the exit code; renews where a parent begins it anew."""
    runner = Runner(app, config, ends_with_parent=ends_with_parent, renews=renews)
    signal.signal(signal.SIGTERM, runner.stop)
    # With a supervisor above, Ctrl+C is its affair: it passes on what is meant for us.
    signal.signal(signal.SIGINT, runner.stop)
    return runner.run()
