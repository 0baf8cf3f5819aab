"""A WordPress export as a source of manuscripts."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from inkhorn.transfer.manuscript import ForeignRedirect, Manuscript, Problem, Record, Source
from inkhorn.transfer.wordpress.entries import Entry, UnreadableExport
from inkhorn.transfer.wordpress.items import manuscript_of
from inkhorn.transfer.wordpress.stream import read_entries
from inkhorn.transfer.wordpress.survey import KINDS, Survey, plain, survey_export
from inkhorn.transfer.wordpress.uploads import Uploads


def wordpress_source(file: Path, *, media: Path | None = None, fetch_media: bool = False) -> Source:
    """The export in that file, with its uploads below the media folder; UnreadableExport where the file is none."""
    if media is not None and not media.is_dir():
        raise UnreadableExport(f"{media} is not a folder; --media names the folder that holds WordPress's uploads.")
    head = survey_export(file, is_head_only=True)
    return _WordPress(file, media, fetch_media=fetch_media, name=f"wordpress:{head.site.url or file.stem}"[:200])


class _WordPress:
    dialect = "wordpress"

    def __init__(self, file: Path, media: Path | None, *, fetch_media: bool, name: str) -> None:
        self.name = name
        self._file = file
        self._media = media
        self._fetch_media = fetch_media
        self._known: Survey | None = None

    def count(self) -> int | None:
        return self._survey().manuscripts

    def records(self) -> Iterator[Record]:
        survey = self._survey()
        yield survey.site
        yield from survey.authors.values()
        yield from survey.problems
        yield from self._manuscripts(survey)
        yield from _redirects(survey)

    def _survey(self) -> Survey:
        if self._known is None:
            self._known = survey_export(self._file)
        return self._known

    def _manuscripts(self, survey: Survey) -> Iterator[Manuscript | Problem]:
        uploads = Uploads(survey, self._media, fetch=self._fetch_media)
        given: Counter[str] = Counter()
        for entry in read_entries(self._file):
            if not isinstance(entry, Entry) or entry.tag != "item" or (entry.get("wp:post_type") or "post") not in KINDS:
                continue
            key = key_of(entry)
            given[key] += 1
            yield manuscript_of(entry, key if given[key] == 1 else f"{key}#{given[key]}", survey, uploads)
        yield from _stray_files(survey, uploads.wanted)


def key_of(entry: Entry) -> str:
    """The item's own number, else its address, else a digest of what it is called; the same at every reading."""
    address = entry.get("guid") or entry.get("link")
    if said := entry.get("wp:post_id") or address[:400]:
        return said
    told = "\n".join((entry.get("title"), entry.get("wp:post_date"), entry.get("pubDate")))
    return f"digest:{hashlib.sha256(told.encode('utf-8', 'replace')).hexdigest()[:16]}"


def _stray_files(survey: Survey, wanted: set[str]) -> Iterator[Problem]:
    """Files that stand in the library but in no post."""
    for file in survey.attachments.values():
        if file.id not in wanted:
            name = plain(file.url)[:300]
            yield Problem("lost", f"attachment {file.id}", "stray-file", f"No post uses the file {name}; upload it by hand if you need it.")


def _redirects(survey: Survey) -> Iterator[ForeignRedirect]:
    """Addresses that belong to no post: the feed, and the page that WordPress made for each file."""
    for old, new in (("/feed/", "/feed.xml"), ("/feed/rss2/", "/feed.xml"), ("/feed/atom/", "/atom.xml")):
        yield ForeignRedirect(f"{survey.root}{old}", new)
    for file in survey.attachments.values():
        parent = survey.paths.get(file.parent)
        if parent and file.page and file.page not in survey.known_paths and "/uploads/" not in file.page:
            yield ForeignRedirect(file.page, quote(parent))
