"""What is told of jobs while they run: counted for whoever watches, and a span of a trace, each where it is wanted."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask

from inkhorn.core import jobs, tracing
from inkhorn.core.metrics import watching


@contextmanager
def at_work_on(app: Flask, name: str) -> Iterator[list[str]]:
    """Around one job; whoever runs it puts "done" or "failed" into the list."""
    known = name if name in jobs.registered_jobs() else "unknown"
    with watching.at_work_on(app, known) as outcome, tracing.span_of_job(app, known, outcome):
        yield outcome


def be_runner(app: Flask) -> None:
    """Say that this process carries out jobs."""
    if (shelf := watching.shelf_of(app)) is not None:
        shelf.be("runner")
