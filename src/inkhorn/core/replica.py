"""A copy of the PostgreSQL database that follows it: pages for visitors are drawn from it, once it holds every change that anybody was told of.

Which of the two is asked is decided for each request anew; docs/decisions/0018-read-replica.md says why nobody notices.
"""

import logging
import os
import socket
import threading
import time
from typing import Any

from flask import Flask, current_app, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import SQLAlchemyError

from inkhorn.core import statements
from inkhorn.core.config import Config
from inkhorn.core.database import db, is_reading_from, read_at_home, read_from, session
from inkhorn.core.generations import HeardGeneration, generation

log = logging.getLogger(__name__)

NAME = "replica"
# Rooms whose pages show only what the number of the pages speaks for: no link of a letter, no form that somebody else just sent.
ROOMS = frozenset({"site", "feeds"})
# The index of the search is filled after the change, and raises no number.
AT_HOME = frozenset({"site.show_search"})
# So long a replica that failed is left alone.
REST_SECONDS = 5.0
CONNECT_SECONDS = 2
# How often it is asked whether it answers, and for how long that is believed; whoever waits for it longer is sent home.
BEAT_SECONDS, BELIEVED_SECONDS = 0.25, 1.0

_NUMBER = text("SELECT number FROM page_generation")


class Replica:
    """The replica as one process knows it."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._rests_until = self._answered_at = 0.0
        self._is_closed = False
        self._asked_by: int | None = None
        self._begun: set[tuple[int, str]] = set()
        self._guard = threading.Lock()
        self._in_use: set[Any] = set()
        event.listen(engine, "checkout", lambda connection, *_rest: self._in_use.add(connection))
        event.listen(engine, "checkin", lambda connection, *_rest: self._in_use.discard(connection))

    def is_answering(self) -> bool:
        """Whether it did a moment ago, and has not failed since."""
        if self._asked_by != os.getpid():
            self._begin()
        now = time.monotonic()
        return now >= self._rests_until and now < self._answered_at + BELIEVED_SECONDS

    def rest(self, error: Exception) -> None:
        log.warning("replica_left_alone", extra={"reason": str(getattr(error, "orig", None) or error)[:300], "seconds": REST_SECONDS})
        self._rests_until = time.monotonic() + REST_SECONDS

    def close(self) -> None:
        """Ask no more, where an application ends before its process does."""
        self._is_closed = True

    def _begin(self) -> None:
        with self._guard:
            if self._asked_by != os.getpid():
                # In this order: without its guard nothing is asked of a replica.
                for name, work in (("replica-guard", self._cut_off), ("replica", self._ask)):
                    if (os.getpid(), name) in self._begun:
                        continue
                    try:
                        threading.Thread(target=work, name=name, daemon=True).start()
                    except RuntimeError:
                        # There are too many threads just now; whoever comes next tries again.
                        return
                    self._begun.add((os.getpid(), name))
                self._asked_by = os.getpid()

    def _ask(self) -> None:
        while not self._is_closed:
            try:
                with self.engine.connect() as connection:
                    while not self._is_closed:
                        connection.scalar(_NUMBER)
                        connection.rollback()
                        self._answered_at = time.monotonic()
                        time.sleep(BEAT_SECONDS)
            except SQLAlchemyError:
                # It is said once by whoever wanted a page of it.
                time.sleep(BEAT_SECONDS)

    def _cut_off(self) -> None:
        """A server that stands still keeps its connections open, and no time-out of the driver ends a question that it was asked."""
        while not self._is_closed:
            time.sleep(BEAT_SECONDS)
            if time.monotonic() > self._answered_at + BELIEVED_SECONDS:
                for connection in tuple(self._in_use):
                    _shut(connection)


def _shut(connection: Any) -> None:
    """Have whoever waits on it be told that it is gone; the connection itself is closed by them."""
    try:
        with socket.socket(fileno=os.dup(connection.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)
    except Exception:
        log.debug("replica_line_already_gone")


def engine_settings(loaded: Config) -> dict[str, object]:
    """Address and pool; no connection is tried before its use, for the first question of each request does that."""
    waiting = {"connect_timeout": CONNECT_SECONDS, "tcp_user_timeout": 1000 * CONNECT_SECONDS}
    pool = {"pool_size": loaded.web_threads + 2, "max_overflow": 4, "pool_timeout": CONNECT_SECONDS, "hide_parameters": True}
    return {"url": loaded.replica_driver_url, "connect_args": {**waiting, **statements.connect_args(loaded)}, **pool}


def init_app(app: Flask, config: Config) -> None:
    if not config.replica_url:
        return
    with app.app_context():
        app.extensions["inkhorn.replica"] = Replica(db.engines[NAME])
    app.before_request(choose)


def choose() -> None:
    """Have the rest of the request read from the replica, if it is a visitor's and the replica is where the database is."""
    replica: Replica = current_app.extensions["inkhorn.replica"]
    if not _is_a_visitors_page() or not replica.is_answering():
        return
    known = _known_number()
    if known is None:
        return
    read_from(replica.engine)
    try:
        # What is read later in the request is never older than this.
        is_there = session().scalar(_NUMBER) == known
    except SQLAlchemyError as error:
        replica.rest(error)
        is_there = False
    if not is_there:
        read_at_home()


def draw_again(error: Exception) -> ResponseReturnValue | None:
    """The answer out of the database itself, where the replica failed in the midst of a page; None where it was not asked."""
    replica: Replica | None = current_app.extensions.get("inkhorn.replica")
    if replica is None or not is_reading_from(replica.engine):
        return None
    replica.rest(error)
    read_at_home()
    try:
        answered = current_app.preprocess_request()
        return current_app.dispatch_request() if answered is None else answered
    except Exception as again:
        return current_app.handle_user_exception(again)


def _is_a_visitors_page() -> bool:
    environ = request.environ
    is_known = "inkhorn" in environ.get("HTTP_COOKIE", "") or "HTTP_AUTHORIZATION" in environ
    is_there = request.blueprint in ROOMS and request.endpoint not in AT_HOME
    return is_there and request.method in ("GET", "HEAD") and not is_known


def _known_number() -> int | None:
    found = generation()
    return found.heard() if isinstance(found, HeardGeneration) else None
