"""A copy of the PostgreSQL database that follows it: pages for visitors are drawn from it, once it holds every change that anybody was told of.

Which of the two is asked is decided for each request anew; docs/decisions/0018-read-replica.md says why nobody notices.
"""

import logging
import time

from flask import Flask, current_app, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from inkhorn.core.config import Config
from inkhorn.core.database import db, is_reading_from, read_at_home, read_from, session
from inkhorn.core.generations import HeardGeneration, generation

log = logging.getLogger(__name__)

NAME = "replica"
# Rooms whose pages show only what the number of the pages speaks for: no link of a letter, no form that somebody else just sent.
ROOMS = frozenset({"site", "feeds"})
# So long a replica that failed is left alone.
REST_SECONDS = 5.0
# A replica that does not answer costs one reader so long, and nobody else until it has rested.
CONNECT_SECONDS = 2

_NUMBER = text("SELECT number FROM page_generation")


class Replica:
    """The replica as one process knows it."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._rests_until = 0.0

    @property
    def is_resting(self) -> bool:
        return time.monotonic() < self._rests_until

    def rest(self, error: Exception) -> None:
        log.warning("replica_left_alone", extra={"reason": str(getattr(error, "orig", None) or error)[:300], "seconds": REST_SECONDS})
        self._rests_until = time.monotonic() + REST_SECONDS


def engine_settings(loaded: Config) -> dict[str, object]:
    """Address and pool; no connection is tried before its use, for the first question of each request does that."""
    waiting = {"connect_timeout": CONNECT_SECONDS, "tcp_user_timeout": 1000 * CONNECT_SECONDS}
    pool = {"pool_size": loaded.web_threads + 2, "max_overflow": 4, "pool_timeout": CONNECT_SECONDS, "hide_parameters": True}
    return {"url": loaded.replica_driver_url, "connect_args": waiting, **pool}


def init_app(app: Flask, config: Config) -> None:
    if not config.replica_url:
        return
    with app.app_context():
        app.extensions["inkhorn.replica"] = Replica(db.engines[NAME])
    app.before_request(choose)


def choose() -> None:
    """Have the rest of the request read from the replica, if it is a visitor's and the replica is where the database is."""
    replica: Replica = current_app.extensions["inkhorn.replica"]
    if not _is_a_visitors_page() or replica.is_resting:
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
    return request.blueprint in ROOMS and request.method in ("GET", "HEAD") and not is_known


def _known_number() -> int | None:
    found = generation()
    return found.heard() if isinstance(found, HeardGeneration) else None
