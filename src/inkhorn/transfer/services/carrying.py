"""Carries the records of a source into the site, one after another, within the caller's transaction."""

from datetime import datetime

from inkhorn.accounts.services.people import take_in_author
from inkhorn.core import audit, clock, settings
from inkhorn.core.database import session
from inkhorn.core.settings import SiteSettings
from inkhorn.posts.models import Post, PostKind, Status
from inkhorn.posts.services.companions import series_named, tag_named
from inkhorn.posts.services.importing import Arrival, Taken, bring_up_to_date, take_in_post
from inkhorn.posts.services.redirects import lead_address
from inkhorn.transfer.events import site_imported
from inkhorn.transfer.manuscript import ForeignAuthor, ForeignRedirect, ForeignSite, ForeignTag, Manuscript, Problem, Record
from inkhorn.transfer.services.conversing import carry_comments
from inkhorn.transfer.services.fitting import LONGEST_AUTHOR_KEY, one_line, path_of, short_key, tag_slug
from inkhorn.transfer.services.journey import Journey
from inkhorn.transfer.services.judging import Judged, judge
from inkhorn.transfer.services.reporting import Report
from inkhorn.transfer.services.unpacking import Unpacked, place_files

NOUNS = {"post": "posts", "page": "pages"}


Item = ForeignSite | ForeignAuthor | ForeignRedirect | Problem | Judged


def weigh(journey: Journey, record: Record) -> Item:
    """A manuscript with the verdict on it; every other record as it is."""
    return judge(journey, record) if isinstance(record, Manuscript) else record


def carry(journey: Journey, record: Item, unpacked: Unpacked) -> None:
    """Carry one record over, or only count it in a dry run."""
    match record:
        case Problem():
            journey.report.note(record)
        case ForeignSite():
            _carry_site(journey, record)
        case ForeignAuthor():
            _carry_author(journey, record)
        case ForeignRedirect():
            _carry_redirect(journey, record)
        case Judged():
            _carry_manuscript(journey, record, unpacked)


def _carry_site(journey: Journey, site: ForeignSite) -> None:
    """What the source says of itself fills what nobody has tuned here."""
    now, untouched = settings.read(SiteSettings), SiteSettings()
    told = {"title": (site.title or "")[:150], "description": (site.description or "")[:200], "language": site.language or ""}
    fresh = {key: one_line(value) for key, value in told.items() if value and getattr(now, key) == getattr(untouched, key) != value}
    if fresh and not journey.options.is_dry_run:
        settings.tune(SiteSettings, by=journey.by, **fresh)


def _carry_author(journey: Journey, author: ForeignAuthor) -> None:
    key = short_key(author.key, LONGEST_AUTHOR_KEY)
    if key in journey.authors:
        journey.report.count("authors", "unchanged")
        return
    journey.report.count("authors", "new")
    journey.authors[key] = 0
    if not journey.options.is_dry_run:
        user = take_in_author(
            name=one_line(author.name)[:150] or "Unnamed",
            origin=journey.source,
            origin_key=key,
            email=author.email,
            bio=author.bio.replace("\x00", ""),
            website=author.website if author.website and len(author.website) <= 500 else None,
        )
        session().flush()
        journey.authors[key] = user.id


def _carry_redirect(journey: Journey, redirect: ForeignRedirect) -> None:
    path = path_of(redirect.path)
    if path is None or len(redirect.target) > 2000 or not redirect.target.startswith(("/", "http://", "https://")):
        journey.report.note(Problem("lost", redirect.path, "redirect", f"It leads to “{redirect.target[:100]}”, which is no address."))
    elif journey.options.is_dry_run or lead_address(path, redirect.target, origin=journey.source):
        journey.report.count("redirects", "carried")
        journey.crossings.add_place(path)
    else:
        journey.report.note(Problem("lost", redirect.path, "redirect", "Something else stands at this address here."))


def _carry_manuscript(journey: Journey, judged: Judged, unpacked: Unpacked) -> None:
    manuscript, report = judged.manuscript, journey.report
    for problem in judged.problems:
        report.note(problem)
    report.count(NOUNS[manuscript.kind], judged.outcome)
    known = journey.known.get(manuscript.key)
    post_id = known.post_id if known else None
    if judged.is_to_be_written and not journey.options.is_dry_run:
        arrival = _arrival(journey, judged, unpacked)
        if known is None:
            taken = take_in_post(arrival, by=journey.by)
        else:
            taken = bring_up_to_date(session().get_one(Post, known.post_id), arrival, by=journey.by)
        post_id = taken.post.id
        _tell(journey, judged, taken)
    # Also under a post that has not changed: people talk on.
    if manuscript.comments and (post_id is not None or judged.is_to_be_written):
        carry_comments(journey, manuscript, post_id)


def _arrival(journey: Journey, judged: Judged, unpacked: Unpacked) -> Arrival:
    manuscript = judged.manuscript
    placed = place_files(manuscript, unpacked, by=journey.by, origin=journey.source, report=journey.report)
    moment = manuscript.published_at
    # Only the first time: a post that is brought up to date keeps the date it got then.
    if moment is None and manuscript.status != "draft" and judged.outcome == "new":
        moment = journey.report.started_at
    return Arrival(
        origin=journey.source,
        key=manuscript.key,
        digest=judged.digest,
        kind=PostKind(manuscript.kind),
        status=_status(manuscript, moment),
        title=manuscript.title,
        body=placed.body,
        slug=manuscript.slug or "",
        path=path_of(manuscript.path) or "" if manuscript.path else "",
        excerpt=manuscript.excerpt,
        language=manuscript.language,
        published_at=moment,
        updated_at=manuscript.updated_at,
        author_ids=_author_ids(journey, manuscript),
        tag_ids=[_tag_id(journey, tag) for tag in manuscript.tags],
        series_id=_series_id(journey, manuscript.series),
        is_featured=manuscript.is_featured,
        cover_id=placed.cover_id,
        cover_url=placed.cover_url,
        cover_alt=manuscript.cover_alt,
        cover_caption=manuscript.cover_caption,
        canonical_url=manuscript.canonical_url,
        meta_title=manuscript.meta_title or None,
        meta_description=manuscript.meta_description or None,
        old_paths=judged.old_paths,
    )


def _status(manuscript: Manuscript, moment: datetime | None) -> Status:
    status = Status(manuscript.status)
    is_to_come = moment is not None and moment > clock.now()
    if status is Status.PUBLISHED and is_to_come:
        return Status.SCHEDULED
    return Status.PUBLISHED if status is Status.SCHEDULED and not is_to_come else status


def _author_ids(journey: Journey, manuscript: Manuscript) -> list[int]:
    ids = [journey.authors[key] for key in manuscript.author_keys if journey.authors.get(key)]
    unsigned = journey.options.unsigned_author_id or journey.by.id
    return ids or ([unsigned] if unsigned is not None else [])


def _tag_id(journey: Journey, tag: ForeignTag) -> int:
    name = one_line(tag.name)[:150]
    key = f"{tag.slug or ''}\n{name}"
    if key not in journey.tags:
        journey.tags[key] = tag_named(name, slug=tag_slug(tag.slug), description=one_line(tag.description)[:500]).id
    return journey.tags[key]


def _series_id(journey: Journey, title: str | None) -> int | None:
    if not title or not title.strip():
        return None
    if title not in journey.series:
        journey.series[title] = series_named(title).id
    return journey.series[title]


def _tell(journey: Journey, judged: Judged, taken: Taken) -> None:
    report, manuscript = journey.report, judged.manuscript
    report.old_addresses += len(judged.old_paths) - len(taken.refused_paths)
    for path in taken.refused_paths:
        why = f"The old address {path} already belongs to something else here."
        report.note(Problem("lost", manuscript.key, "old-address", why))
    if taken.wanted_slug is not None:
        why = f"The address “{taken.wanted_slug}” could not be kept; it stands at {taken.post.path}."
        report.note(Problem("changed", manuscript.key, "slug", why))


def end_journey(journey: Journey) -> Report:
    """Name the links that lead nowhere, and note the import."""
    for problem in journey.crossings.broken():
        journey.report.note(problem)
    journey.report.finished_at = clock.now()
    if not journey.options.is_dry_run and journey.report.changed_something:
        counts = {noun: dict(counter) for noun, counter in journey.report.counts.items()}
        audit.record(journey.by, "transfer.imported", source=journey.source, dialect=journey.report.dialect, counts=counts)
        site_imported.send(journey.report)
    return journey.report
