"""The files of a source: looked into before the transaction opens, kept within it, and named in the texts by their new address."""

import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from inkhorn.core.access import Actor
from inkhorn.core.config import config
from inkhorn.core.errors import InkhornError, Unavailable
from inkhorn.core.fetch import fetch
from inkhorn.core.prose.references import lead_references
from inkhorn.media.images.studio import JOBS_WAIT_SECONDS
from inkhorn.media.services import Incoming, receive, store_asset
from inkhorn.media.services.receiving import fetched_file
from inkhorn.transfer.manuscript import ForeignFile, Manuscript, Problem
from inkhorn.transfer.services.fitting import LONGEST_KEY, short_key
from inkhorn.transfer.services.reporting import Report

_TOO_LARGE = "The file is larger than {} MB. Make it smaller, or raise max_upload_mb in the configuration, and import it again."
# How a refusal ends that is meant for somebody who sends a file by hand.
_SENT_BY_HAND = re.compile(r" and send (?:it again|that)\.")


@dataclass
class Unpacked:
    """Files of one batch that were looked into, by key; a sentence where one was refused."""

    incoming: dict[str, Incoming | str] = field(default_factory=dict)


@dataclass
class Placed:
    """A text that names its files where they are now."""

    body: str
    cover_id: int | None = None
    cover_url: str | None = None


@contextmanager
def unpack(manuscripts: Iterable[Manuscript], *, fetch_media: bool) -> Iterator[Unpacked]:
    """Look into every file that these need; they are held until the block ends."""
    with ExitStack() as held:
        unpacked = Unpacked()
        for manuscript in manuscripts:
            for file in manuscript.files:
                if file.key not in unpacked.incoming and (file.path is not None or fetch_media):
                    unpacked.incoming[file.key] = _look_into(file, held)
        yield unpacked


def _look_into(file: ForeignFile, held: ExitStack) -> Incoming | str:
    largest = config().max_upload_mb * 2**20
    try:
        if file.path is not None:
            if file.path.stat().st_size > largest:
                return _TOO_LARGE.format(config().max_upload_mb)
            return held.enter_context(receive(file.path, filename=file.filename or file.path.name, wait=JOBS_WAIT_SECONDS))
        kept = held.enter_context(fetched_file())
        fetched = fetch(file.url or "", max_bytes=largest, timeout=20, into=kept)
        kept.seek(0)
        name = file.filename or PurePosixPath(unquote(urlsplit(fetched.final_url).path)).name
        return held.enter_context(receive(kept, filename=name or "picture", wait=JOBS_WAIT_SECONDS))
    except Unavailable:
        # A full disk stops the import; it would only go on losing pictures.
        raise
    except InkhornError as refusal:
        return _SENT_BY_HAND.sub(" and import it again.", str(refusal))
    except OSError as error:
        return f"The file cannot be read: {error.strerror or error}."


def place_files(manuscript: Manuscript, unpacked: Unpacked, *, by: Actor, origin: str, report: Report) -> Placed:
    """Keep the files a manuscript names, and name them in its text where they are now."""
    places: dict[str, str] = {}
    assets: dict[str, int] = {}
    for file in manuscript.files:
        incoming = unpacked.incoming.get(file.key)
        if incoming is None:
            continue
        if isinstance(incoming, str):
            why = f"{file.key}: {incoming} The text still points to where it was."
            report.note(Problem("lost", manuscript.key, "file", why))
            report.count("files", "refused")
            continue
        asset = store_asset(incoming, by=by, alt=file.alt, caption=file.caption, origin=origin, origin_key=short_key(file.key, LONGEST_KEY))
        report.count("files", "carried")
        for reference in file.references:
            places[reference], assets[reference] = asset.path, asset.id
    return Placed(lead_references(manuscript.body, places), *_cover(manuscript, assets))


def _cover(manuscript: Manuscript, assets: dict[str, int]) -> tuple[int | None, str | None]:
    cover = manuscript.cover
    if not cover:
        return None, None
    if cover in assets:
        return assets[cover], None
    return None, cover if cover.startswith(("https://", "http://")) and len(cover) <= 2000 else None
