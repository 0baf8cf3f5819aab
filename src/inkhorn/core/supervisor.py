"""Keep the web server and the runner alive under one parent: start, watch, start again, and end together."""

import ctypes
import gc
import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from types import FrameType
from typing import NoReturn

from inkhorn.core.errors import InkhornError
from inkhorn.core.renewal import EXIT_RENEWED

log = logging.getLogger(__name__)

# A child that ends sooner than this after its start is started again ever more slowly.
YOUNG_SECONDS = 2.0
LONGEST_PAUSE_SECONDS = 30.0
MOST_YOUNG_DEATHS = 10
STOP_SECONDS = {signal.SIGTERM: 35.0, signal.SIGINT: 8.0}
POLL_SECONDS = 0.1
PR_SET_PDEATHSIG = 1


@dataclass
class Child:
    """One process that must be there; main runs in it and returns its exit code."""

    name: str
    main: Callable[[], int]
    start_after: float = 0.0
    # Whether it may end with EXIT_RENEWED to be begun anew.
    renews: bool = False
    pid: int | None = None
    started: float = 0.0
    young_deaths: int = 0
    start_at: float = 0.0
    last_status: int = field(default=0)


class Supervisor:
    """The parent: forks its children from its one thread, and never does work that could fail."""

    def __init__(self, children: list[Child]) -> None:
        self._children = children
        self._signal: signal.Signals | None = None

    def run(self) -> int:
        """Keep the children alive until SIGTERM or Ctrl+C; returns the exit code."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._note)
        # What is here before the fork is shared by all for as long as nobody writes to it.
        gc.collect()
        gc.freeze()
        for child in self._children:
            child.start_at = time.monotonic() + child.start_after
        code = 0
        while self._signal is None:
            if self._reap() and any(child.young_deaths >= MOST_YOUNG_DEATHS for child in self._children):
                log.critical("children_keep_dying")
                code = 1
                break
            now = time.monotonic()
            for child in self._children:
                if child.pid is None and now >= child.start_at:
                    self._start(child)
            time.sleep(POLL_SECONDS)
        self._stop(self._signal or signal.SIGTERM)
        return code

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self._signal = signal.SIGINT if number == signal.SIGINT else signal.SIGTERM

    def _start(self, child: Child) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            _be(child, parent)
        child.pid, child.started = pid, time.monotonic()

    def _reap(self) -> bool:
        """Notice the children that ended and when to start them again."""
        has_ended = False
        if os.getpid() == 1:
            _bury_strangers({child.pid for child in self._children})
        for child in self._children:
            if child.pid is None:
                continue
            pid, status = os.waitpid(child.pid, os.WNOHANG)
            if pid == 0:
                continue
            has_ended, child.pid, child.last_status = True, None, os.waitstatus_to_exitcode(status)
            if child.renews and child.last_status == EXIT_RENEWED and time.monotonic() - child.started >= YOUNG_SECONDS:
                child.start_at, child.young_deaths = time.monotonic(), 0
                continue
            is_young = time.monotonic() - child.started < YOUNG_SECONDS
            child.young_deaths = child.young_deaths + 1 if is_young else 0
            pause = min(LONGEST_PAUSE_SECONDS, 0.1 * 2**child.young_deaths) if is_young else 0.0
            child.start_at = time.monotonic() + pause
            if self._signal is None:
                log.error("child_ended", extra={"child": child.name, "code": child.last_status, "again_in_seconds": pause})
        return has_ended

    def _stop(self, number: signal.Signals) -> None:
        until = time.monotonic() + STOP_SECONDS[number]
        for child in self._children:
            _send(child, number)
        while any(child.pid for child in self._children) and time.monotonic() < until:
            self._reap()
            time.sleep(0.02)
        for child in self._children:
            _send(child, signal.SIGKILL)
            if child.pid is not None:
                os.waitpid(child.pid, 0)


def _bury_strangers(ours: set[int | None]) -> None:
    """As the first process of a container: those whose parent ended before them are ours now, and nobody else takes note of their end."""
    while True:
        try:
            ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return
        if ended is None or ended.si_pid in ours:
            return
        os.waitpid(ended.si_pid, 0)


def _send(child: Child, number: signal.Signals) -> None:
    if child.pid is not None:
        with suppress(ProcessLookupError):
            os.kill(child.pid, number)


def _be(child: Child, parent: int) -> NoReturn:
    """Become the child: default signals, an end when the parent ends, and no way back into the parent's code."""
    code = 1
    try:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        end_with_parent(parent)
        os.register_at_fork(after_in_child=_end_with_new_parent)
        code = child.main()
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 1
    except InkhornError as error:
        log.error("child_refused", extra={"child": child.name, "reason": str(error)})
    except BaseException:
        log.exception("child_failed", extra={"child": child.name})
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def end_with_parent(parent: int) -> None:
    """Ask the kernel to end this process when its parent does, however that one ends; Linux only, elsewhere nothing happens."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)


def _end_with_new_parent() -> None:
    end_with_parent(os.getppid())
