"""Turns one item of a WordPress export into a manuscript."""

import re
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Literal
from urllib.parse import unquote, urlsplit

from inkhorn.core.prose.references import references_in, replace_references
from inkhorn.transfer.manuscript import ForeignFile, ForeignTag, Manuscript, Problem
from inkhorn.transfer.wordpress.bodies import body_of
from inkhorn.transfer.wordpress.comments import comments_of
from inkhorn.transfer.wordpress.dates import published_at, updated_at
from inkhorn.transfer.wordpress.entries import Entry
from inkhorn.transfer.wordpress.survey import Survey, creator_of, plain
from inkhorn.transfer.wordpress.uploads import Uploads

Status = Literal["draft", "scheduled", "published", "unpublished", "trashed"]
_STATUS: dict[str, Status] = {
    "publish": "published",
    "future": "scheduled",
    "draft": "draft",
    "auto-draft": "draft",
    "pending": "draft",
    "private": "draft",
    "trash": "trashed",
}
_TRASHED_SLUG = re.compile(r"__trashed(?:-\d+)?$")
_UNTRANSLATED = re.compile(r"%%?\w+%%?")


def manuscript_of(entry: Entry, key: str, survey: Survey, uploads: Uploads) -> Manuscript:
    """The item with its text as Markdown, its files, its old addresses and what a person should know about it."""
    number, title = entry.get("wp:post_id"), plain(entry.get("title"))
    where = f"{entry.get('wp:post_type') or 'post'} {key} “{title[:80]}”"
    body = body_of(entry.fields.get("content:encoded", ""), number=number, where=where, survey=survey)
    made = Manuscript(
        key=key,
        kind="page" if entry.get("wp:post_type") == "page" else "post",
        title=title,
        slug=_TRASHED_SLUG.sub("", unquote(entry.get("wp:post_name"))).strip() or None,
        body=replace_references(body.markdown, lambda wording: _inner_link(wording, survey)),
        excerpt=plain(entry.get("excerpt:encoded")),
        updated_at=updated_at(entry),
        is_featured=entry.get("wp:is_sticky") == "1",
        problems=body.problems,
    )
    made.comments, told = comments_of(entry, key, survey)
    made.problems += told
    _set_status(made, entry, where)
    _set_date(made, entry, where)
    _set_authors_and_tags(made, entry, where, survey)
    _set_search_words(made, entry)
    made.old_paths = _old_paths(made, entry, survey)
    _set_files(made, entry, where, survey, uploads)
    return made


def _set_status(made: Manuscript, entry: Entry, where: str) -> None:
    said = entry.get("wp:status")
    made.status = _STATUS.get(said, "draft")
    why = ""
    if entry.get("wp:post_password"):
        made.status, why = ("trashed" if made.status == "trashed" else "draft"), "It was protected by a password; it is a draft now."
    elif said == "private":
        why = "It was private; it is a draft now."
    elif said == "pending":
        why = "It was waiting for review; it is a draft now."
    elif said not in _STATUS:
        why = f"Its state “{said[:40]}” is not known here; it is a draft now." if said else "It has no state; it is a draft now."
    if why:
        made.problems.append(Problem("changed", where, "state", why))


def _set_date(made: Manuscript, entry: Entry, where: str) -> None:
    made.published_at, is_guessed = published_at(entry)
    if made.published_at is None and made.status == "scheduled":
        made.status = "draft"
        made.problems.append(Problem("changed", where, "state", "It was scheduled without a date; it is a draft now."))
    if made.status in ("published", "scheduled"):
        if is_guessed:
            why = "Its date came without a time zone; it was read as UTC."
            made.problems.append(Problem("changed", where, "date", why))
        if made.published_at is None:
            made.problems.append(Problem("changed", where, "date", "It has no date; it gets the time of this import."))


def _set_authors_and_tags(made: Manuscript, entry: Entry, where: str, survey: Survey) -> None:
    keys = [
        survey.author_key(term.slug.removeprefix("cap-")) or survey.author_key(term.name) for term in entry.terms if term.domain == "author"
    ]
    keys = [key for key in keys if key] or [survey.author_key(creator_of(entry))]
    made.author_keys = list(dict.fromkeys(key for key in keys if key))
    seen: set[str] = set()
    others: dict[str, list[str]] = {}
    for term in entry.terms:
        slug, name = unquote(term.slug).strip(), plain(term.name)
        if term.domain in ("category", "post_tag", "tag"):
            mark = (slug or name).casefold()
            if mark and mark not in seen and name.casefold() not in seen:
                made.tags.append(ForeignTag(name or slug, slug or None, survey.descriptions.get(slug, "")))
            seen |= {mark, name.casefold()}
        elif term.domain != "author":
            others.setdefault(term.domain, []).append(name or slug)
    for domain, names in others.items():
        what = "post-format" if domain == "post_format" else "taxonomy"
        why = f"“{', '.join(names)[:200]}” belongs to “{domain[:60]}”, which has no equal here."
        made.problems.append(Problem("lost", where, what, why))


def _set_search_words(made: Manuscript, entry: Entry) -> None:
    title = entry.first_meta("_yoast_wpseo_title", "rank_math_title", "_aioseop_title")
    description = entry.first_meta("_yoast_wpseo_metadesc", "rank_math_description", "_aioseop_description")
    # Plugins' placeholders such as %%title%% mean "the usual".
    made.meta_title = plain(title) if title and not _UNTRANSLATED.search(title) else None
    made.meta_description = plain(description) if description and not _UNTRANSLATED.search(description) else None
    canonical = entry.first_meta("_yoast_wpseo_canonical", "rank_math_canonical_url")
    made.canonical_url = canonical if canonical.startswith(("http://", "https://")) else None


def _old_paths(made: Manuscript, entry: Entry, survey: Survey) -> list[str]:
    """Every path at which readers found it: only what was public has any."""
    if entry.get("wp:status") != "publish":
        return []
    number, paths = entry.get("wp:post_id"), []
    link, guid = entry.get("link"), entry.get("guid")
    path = survey.own_path(link)
    if path and not _query(link):
        paths.append(path)
        parent = path.rstrip("/").rpartition("/")[0]
        paths += [
            f"{parent}/{unquote(slug)}{'/' if path.endswith('/') else ''}" for slug in entry.meta.get("_wp_old_slug", []) if slug.strip()
        ]
    guid_path = survey.own_path(guid) if guid.startswith(("http://", "https://")) else None
    if guid_path and not _query(guid):
        paths.append(guid_path)
    for address in (link, guid):
        if _query(address) and re.fullmatch(r"(?:p|page_id)=\d+", _query(address)):
            shown = survey.own_path(address)
            paths += [f"{shown}?{_query(address)}"] if shown else []
    if number:
        paths.append(f"{survey.root}/?p={number}")
        if made.kind == "page":
            paths.append(f"{survey.root}/?page_id={number}")
    return [path for path in dict.fromkeys(paths) if path != "/"]


def _query(address: str) -> str:
    try:
        return urlsplit(address).query
    except ValueError:
        return ""


def _inner_link(wording: str, survey: Survey) -> str | None:
    """The path of a link to another post of the same site, so that it stays inside wherever the site stands."""
    if not wording.startswith(("http://", "https://")):
        return None
    path = survey.own_path(wording)
    if path is None or path not in survey.known_paths:
        return None
    parts = urlsplit(wording)
    return f"{parts.path}{f'#{parts.fragment}' if parts.fragment else ''}" if not parts.query else None


def _set_files(made: Manuscript, entry: Entry, where: str, survey: Survey, uploads: Uploads) -> None:
    files: dict[str, ForeignFile] = {}
    cover = survey.attachments.get(entry.first_meta("_thumbnail_id"))
    if cover is not None:
        made.cover, made.cover_alt, made.cover_caption = cover.url, cover.alt, cover.caption
        _add(files, uploads.file_of(cover))
    elif entry.first_meta("_thumbnail_id"):
        why = f"Its cover is the file {entry.first_meta('_thumbnail_id')[:20]}, which the export does not hold."
        made.problems.append(Problem("lost", where, "missing-file", why))
    for wording in dict.fromkeys(wording for _start, _end, wording in references_in(made.body)):
        if file := uploads.file_for(wording):
            _add(files, file)
    for number in survey.children.get(entry.get("wp:post_id"), []) if entry.get("wp:post_id") else []:
        _add(files, uploads.file_of(survey.attachments[number]))
    made.files = [file for file in files.values() if file.path or file.url]
    for file in files.values():
        if not file.path and not file.url:
            name = file.filename or PurePosixPath(file.references[0]).name
            why = f"The file “{name[:100]}” was not found; the text names it at its old address {file.references[0][:300]}."
            made.problems.append(Problem("lost", where, "missing-file", why))


def _add(files: dict[str, ForeignFile], file: ForeignFile) -> None:
    known = files.get(file.key)
    files[file.key] = replace(known, references=tuple(dict.fromkeys(known.references + file.references))) if known else file
