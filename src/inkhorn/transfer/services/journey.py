"""One import on its way: what is here already, what was met so far, and the report."""

from dataclasses import dataclass, field

from sqlalchemy import select

from inkhorn.accounts.models import User
from inkhorn.core.access import Actor
from inkhorn.core.database import session
from inkhorn.posts.services.importing import Known, addresses_gone, known_posts
from inkhorn.transfer.manuscript import Source
from inkhorn.transfer.services.fitting import file_digest, short_key
from inkhorn.transfer.services.linking import Crossings
from inkhorn.transfer.services.reporting import Report

LONGEST_NAME = 200


@dataclass(frozen=True, kw_only=True)
class Options:
    """How a source is to be carried over."""

    is_dry_run: bool = False
    # Whether pictures that are only known by their address may be asked for.
    fetch_media: bool = False
    # Who signs posts that name nobody.
    unsigned_author_id: int | None = None
    # Items in a transaction: an interruption loses at most these, and a second run finds them.
    batch: int = 50


@dataclass
class Journey:
    """The state between two records; begin_journey() makes one."""

    source: str
    by: Actor
    options: Options
    report: Report
    known: dict[str, Known] = field(default_factory=dict)
    # Paths of posts that were removed here for good.
    gone: set[str] = field(default_factory=set)
    authors: dict[str, int] = field(default_factory=dict)
    tags: dict[str, int] = field(default_factory=dict)
    series: dict[str, int] = field(default_factory=dict)
    crossings: Crossings = field(default_factory=Crossings)
    # Keys met in this run.
    seen: set[str] = field(default_factory=set)


def begin_journey(source: Source, *, by: Actor, options: Options) -> Journey:
    """Look up what an earlier run of the same source left here; reads only."""
    # Files may have changed since the last run in this process.
    file_digest.cache_clear()
    name = short_key(source.name, LONGEST_NAME)
    report = Report(source=name, dialect=source.dialect, is_dry_run=options.is_dry_run)
    journey = Journey(source=name, by=by, options=options, report=report)
    recall(journey)
    return journey


def recall(journey: Journey) -> None:
    """Read again what is here, after something was rolled back."""
    journey.known = known_posts(journey.source)
    journey.gone = addresses_gone(journey.source)
    people = session().execute(select(User.origin_key, User.id).where(User.origin == journey.source))
    journey.authors = {key or "": user_id for key, user_id in people}
    journey.tags, journey.series = {}, {}
