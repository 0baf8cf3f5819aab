"""Shows how far a long piece of work has come: a bar on a terminal, plain lines elsewhere."""

import time
from types import TracebackType
from typing import Self

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.text import Text

LINE_SECONDS = 5.0


class Rate(ProgressColumn):
    """Items a second."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed or task.finished_speed or 0:.0f}/s", style="progress.data.speed")


class Pace:
    """Called with (done, total); a context manager that clears up after itself."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._started = self._spoke = time.monotonic()
        console = Console(stderr=True)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Rate(), TimeElapsedColumn(), TimeRemainingColumn())
        self._bar = Progress(*columns, console=console, transient=True) if console.is_terminal else None
        self._task = self._bar.add_task(title, total=None) if self._bar else None

    def __enter__(self) -> Self:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        if self._bar:
            self._bar.stop()

    def __call__(self, done: int, total: int | None) -> None:
        if self._bar and self._task is not None:
            self._bar.update(self._task, completed=done, total=max(total, done) if total is not None else None)
        elif time.monotonic() - self._spoke >= LINE_SECONDS:
            self._spoke = time.monotonic()
            click.echo(self._line(done, total), err=True)

    def _line(self, done: int, total: int | None) -> str:
        total = max(total, done) if total is not None else None
        rate = done / max(self._spoke - self._started, 0.001)
        of_total = f" of {total}" if total else ""
        left = f", about {max(total - done, 0) / rate:.0f} s left" if total and rate else ""
        return f"{self._title}: {done}{of_total}, {rate:.0f}/s{left}"
