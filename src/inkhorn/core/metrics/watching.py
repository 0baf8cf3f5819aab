"""Counting as it happens: requests, statements, pages from memory, connections, jobs and what the audit log notes. Nothing where no token is set."""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, Response, current_app, g, request
from sqlalchemy import event

from inkhorn.core.config import Config
from inkhorn.core.database import after_commit, db
from inkhorn.core.metrics.families import (
    ACTS,
    CONNECTIONS,
    CONNECTIONS_IN_USE,
    JOB_SECONDS,
    JOBS_DONE,
    REQUEST_SECONDS,
    REQUESTS,
    SLOW_STATEMENTS,
    STATEMENT_SECONDS,
    STATEMENTS,
)
from inkhorn.core.metrics.shelf import FOLDER, Shelf
from inkhorn.core.statements import Tally, tally

_SHELF = "inkhorn.metrics"
# Whoever asks may invent a method; it is not told apart by that.
METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))


def init_app(app: Flask, config: Config) -> None:
    if not config.metrics_token:
        return
    shelf = app.extensions[_SHELF] = Shelf(config.data / FOLDER)

    @app.before_request
    def begin() -> None:
        shelf.be("web")
        tally.set(Tally())

    @app.after_request
    def end(response: Response) -> Response:
        _count_request(shelf, response)
        return response

    @app.teardown_request
    def forget(_error: BaseException | None) -> None:
        # What is asked after the answer, as of a stream, is nobody's.
        tally.set(None)

    with app.app_context():
        count_connections(db.engines.values(), shelf)


def shelf_of(app: Flask) -> Shelf | None:
    """Where the application counts; None where nobody asks."""
    found: Shelf | None = app.extensions.get(_SHELF)
    return found


def _count_request(shelf: Shelf, response: Response) -> None:
    endpoint = request.endpoint or "none"
    method = request.method if request.method in METHODS else "other"
    shelf.add((REQUESTS.name, endpoint, method, f"{response.status_code // 100}xx"))
    if "request_began" in g:
        shelf.observe(REQUEST_SECONDS, (REQUEST_SECONDS.name, endpoint), time.perf_counter() - g.request_began)
    _count_statements(shelf, endpoint)


def _count_statements(shelf: Shelf, where: str) -> None:
    told = tally.get()
    if told is None or not told.count:
        return
    tally.set(None)
    shelf.add((STATEMENTS.name, where), told.count)
    shelf.add((STATEMENT_SECONDS.name, where), told.seconds)
    if told.slow:
        shelf.add((SLOW_STATEMENTS.name,), told.slow)


def count_connections(engines: Iterable[Any], shelf: Shelf) -> None:
    """Tell how many connections are open, and how many work, over all the databases."""
    # Kept by name and not as a number: some come back that nobody saw go out, as where one was tried and found broken.
    opened: set[int] = set()
    in_use: set[int] = set()
    for kept in (opened, in_use):
        os.register_at_fork(after_in_child=kept.clear)

    def note(family: str, kept: set[int], change: Callable[[int], None], which: int) -> Any:
        def noted(*what: Any) -> None:
            change(id(what[which]))
            shelf.put_size((family,), kept)

        return noted

    # Of what an event tells the first is the driver's connection, and the second the pool's record of it, which stays where the first broke.
    events = {
        "connect": note(CONNECTIONS.name, opened, opened.add, 0),
        "close": note(CONNECTIONS.name, opened, opened.discard, 0),
        "close_detached": note(CONNECTIONS.name, opened, opened.discard, 0),
        "checkout": note(CONNECTIONS_IN_USE.name, in_use, in_use.add, 1),
        "checkin": note(CONNECTIONS_IN_USE.name, in_use, in_use.discard, 1),
        # One that listens for as long as its process lives.
        "detach": note(CONNECTIONS_IN_USE.name, in_use, in_use.discard, 1),
    }
    for engine in engines:
        for name, heard in events.items():
            event.listen(engine, name, heard)


def count_act(action: str) -> None:
    """Note that something was done, once it is committed."""
    shelf = shelf_of(current_app)
    if shelf is not None:
        after_commit(lambda: shelf.add((ACTS.name, action)))


@contextmanager
def at_work_on(app: Flask, job: str) -> Iterator[list[str]]:
    """Count a job, whose outcome is put in the list, with its statements."""
    outcome: list[str] = []
    shelf = shelf_of(app)
    if shelf is None:
        yield outcome
        return
    began = time.perf_counter()
    token = tally.set(Tally())
    try:
        yield outcome
    finally:
        _count_statements(shelf, job)
        tally.reset(token)
        shelf.add((JOB_SECONDS.name, job), time.perf_counter() - began)
        shelf.add((JOBS_DONE.name, job, *(outcome or ["failed"])))
