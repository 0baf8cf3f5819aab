"""Puts what a source says into our terms: texts that fit their columns, paths as the site stores them, a digest of it all."""

import hashlib
import json
import re
import unicodedata
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from inkhorn.core import prose
from inkhorn.core.errors import Invalid
from inkhorn.posts.models import LONGEST_PATH
from inkhorn.posts.services.addresses import tidy_slug
from inkhorn.transfer.manuscript import Manuscript, Problem

LONGEST_KEY = 500
LONGEST_AUTHOR_KEY = 300
LIMITS = {"title": 255, "excerpt": 300, "cover_alt": 500, "cover_caption": 500, "meta_title": 300, "meta_description": 500}
# More than the desk lets a person choose: what a source has is kept.
MOST_TAGS = 500
MOST_AUTHORS = 30
# They are looked up by one query, and databases bound how many values it may carry.
MOST_OLD_PATHS = 500
# Grows when the same manuscript must come out differently, so that a second run brings every post up to date.
FORMAT = 1
_PLAIN_ADDRESS = re.compile(r"^(?:p|page_id|attachment_id)=\d{1,12}$")
_HASHED_BYTES = 64 * 2**20


def digest_of(manuscript: Manuscript) -> str:
    """The same as long as nothing that is carried over has changed, the bytes of its files included."""
    told: dict[str, Any] = asdict(manuscript)
    for name in ("problems", "comments", "files"):
        del told[name]
    told["format"] = FORMAT
    told["files"] = [
        [file.key, list(file.references), file.url, file.alt, file.caption, file_digest(file.path)] for file in manuscript.files
    ]
    return hashlib.sha256(json.dumps(told, default=str, sort_keys=True, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()


@lru_cache(maxsize=4096)
def file_digest(path: Path | None) -> str:
    """SHA-256 of a file; of a large one its size and end, and nothing of one that is not there."""
    try:
        if path is None or not path.is_file():
            return ""
        with path.open("rb") as opened:
            size = path.stat().st_size
            if size <= _HASHED_BYTES:
                return hashlib.file_digest(opened, "sha256").hexdigest()
            opened.seek(-(2**20), 2)
            return f"{size}:{hashlib.sha256(opened.read()).hexdigest()}"
    except OSError:
        return ""


def fit(manuscript: Manuscript) -> list[Problem]:
    """Make every text fit its column, in place; says what was cut. Nothing that a source holds may stop an import."""
    problems = []
    manuscript.key = short_key(writable(manuscript.key), LONGEST_KEY)
    manuscript.author_keys = [short_key(key, LONGEST_AUTHOR_KEY) for key in manuscript.author_keys]
    for name, most in LIMITS.items():
        value = getattr(manuscript, name)
        if value is None:
            continue
        whole = one_line(value)
        if len(whole) > most:
            problems.append(Problem("changed", manuscript.key, "too-long", f"The {name.replace('_', ' ')} was cut at {most} characters."))
            whole = whole[: most - 1].rstrip() + "…"
        setattr(manuscript, name, whole)
    manuscript.body = writable(manuscript.body)
    if len(manuscript.body) > prose.MAX_CHARACTERS:
        why = f"The text was cut at {prose.MAX_CHARACTERS:,} characters."
        problems.append(Problem("changed", manuscript.key, "too-long", why))
        manuscript.body = manuscript.body[: prose.MAX_CHARACTERS]
    if manuscript.language and len(manuscript.language) > 35:
        manuscript.language = None
    if manuscript.canonical_url and (
        len(manuscript.canonical_url) > 2000 or not manuscript.canonical_url.startswith(("http://", "https://"))
    ):
        problems.append(Problem("lost", manuscript.key, "canonical", "Its canonical address is not a web address."))
        manuscript.canonical_url = None
    return problems + _fit_lists(manuscript)


def _fit_lists(manuscript: Manuscript) -> list[Problem]:
    problems = []
    manuscript.old_paths = list(dict.fromkeys(manuscript.old_paths))
    for noun, held, most in (
        ("tags", manuscript.tags, MOST_TAGS),
        ("authors", manuscript.author_keys, MOST_AUTHORS),
        ("old addresses", manuscript.old_paths, MOST_OLD_PATHS),
    ):
        if len(held) > most:
            mark = f"many-{noun.replace(' ', '-')}"
            problems.append(Problem("changed", manuscript.key, mark, f"Of its {len(held)} {noun} the first {most} came over."))
            del held[most:]
    return problems


def short_key(key: str, most: int) -> str:
    """A source's own name for something, short enough for its column and still its own."""
    return key if len(key) <= most else f"{key[: most - 33]}~{hashlib.blake2b(key.encode('utf-8', 'replace'), digest_size=16).hexdigest()}"


def tag_slug(slug: str | None) -> str | None:
    """The slug a source gave a tag, if it can be one here."""
    try:
        return tidy_slug(unquote(slug or ""))
    except Invalid:
        return None


def one_line(text: str) -> str:
    """One line without control characters."""
    return " ".join("".join(letter if letter.isprintable() or letter in "\u200c\u200d\u200e\u200f" else " " for letter in text).split())


def writable(text: str) -> str:
    """Without what no database stores: NUL and halves of characters."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def path_of(address: str) -> str | None:
    """The path as the site stores it: root-relative, percent-decoded, without query; None for what cannot be one.

    WordPress's plain addresses are their query: "/?p=5" stays as it is.
    """
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return None
    if parts.path in ("", "/") and _PLAIN_ADDRESS.match(parts.query):
        return f"/?{parts.query}"
    path = unquote(parts.path)
    path = unicodedata.normalize("NFC", writable(path))
    path = re.sub(r"/{2,}", "/", f"/{path}")
    if len(path) > LONGEST_PATH or path == "/" or any(not letter.isprintable() and letter not in "\u200c\u200d" for letter in path):
        return None
    return path
