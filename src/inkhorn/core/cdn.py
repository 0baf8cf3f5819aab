"""A network that keeps copies of pages (CDN): how long it may give them out, by what name they are forgotten, and that it is told to.

One number says whether a kept page is valid, see docs/decisions/0017-page-cache.md; so there is one name, and every change forgets every page.
"""

import logging
import math
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import SQLAlchemyError

from inkhorn.core import clock, generations, jobs
from inkhorn.core.cache import KEPT
from inkhorn.core.config import Config, config
from inkhorn.core.database import transaction
from inkhorn.core.fetch import only_to, send

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger(__name__)

PAGES = "inkhorn-pages"
# A page that was drawn before a change can arrive at the network after the change was told there.
AGAIN_AFTER = timedelta(seconds=10)
TAKEN = frozenset((200, 201, 202, 204))
# The index of the search is filled after the change, and nothing is told when it is.
FILLED_LATER = frozenset(("/search",))


def before_network(app: "WSGIApplication", loaded: Config) -> "WSGIApplication":
    """Let the network keep what anybody may keep who asks again before each use."""
    if not loaded.cdn_seconds:
        return app
    kept_there = f"public, max-age=0, s-maxage={loaded.cdn_seconds}, must-revalidate"

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Any:
        if environ.get("PATH_INFO") in FILLED_LATER:
            return app(environ, start_response)

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            told = {name.lower(): value for name, value in headers}
            if told.get("cache-control") == KEPT and status[:3] in ("200", "304"):
                replaced = ("cache-control", "vary", "surrogate-key", "cache-tag")
                headers = [each for each in headers if each[0].lower() not in replaced]
                # Whoever carries our cookie gets a page of their own.
                vary = ", ".join(filter(None, (told.get("vary"), "Cookie")))
                headers += [("Cache-Control", kept_there), ("Vary", vary), ("Surrogate-Key", PAGES), ("Cache-Tag", PAGES)]
            return start_response(status, headers, *more)

        return app(environ, start)

    return answer


@jobs.job("core.forget_copies", max_attempts=10, time_limit=60)
def forget_copies(*, is_last: bool = False) -> None:
    """Tell the network to forget its copies of all pages; twice, for one may have been on its way to it."""
    loaded = config()
    if not loaded.cdn_purge_url:
        return
    name, _, value = (loaded.cdn_purge_header or "").partition(":")
    headers = {name.strip(): value.strip()} if name else {}
    # The name that some networks want in a header stands there too; the others pass it by.
    headers.setdefault("Surrogate-Key", PAGES)
    url, body = loaded.cdn_purge_url, loaded.cdn_purge_body.encode()
    send(url, body, content_type="application/json", headers=headers, accepts=TAKEN, timeout=20, resolver=only_to(url))
    if not is_last:
        slot = _slot_after(clock.now() + AGAIN_AFTER)
        with transaction():
            # One for all changes of a slot, and no sooner after any of them for an earlier one that waits.
            jobs.enqueue(forget_copies, unique=f"last {slot:%Y-%m-%d %H:%M:%S}", at=slot, is_last=True)


def _slot_after(moment: datetime) -> datetime:
    """The first of the moments that lie so far apart from each other, not before this one."""
    length = AGAIN_AFTER.total_seconds()
    return datetime.fromtimestamp(math.ceil(moment.timestamp() / length) * length, UTC)


def forget_at_start() -> None:
    """Have all copies forgotten: what was restored, installed or set while nothing ran, no change tells of."""
    if not config().cdn_purge_url:
        return
    try:
        with transaction():
            _queue()
    except SQLAlchemyError as error:
        # The site starts all the same; its next change tells.
        log.warning("copies_not_forgotten", extra={"error": type(error).__name__})


def _queue() -> None:
    if config().cdn_purge_url:
        jobs.enqueue(forget_copies, unique="first")


generations.on_change.append(_queue)
