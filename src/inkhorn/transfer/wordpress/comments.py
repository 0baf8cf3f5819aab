"""The comments of a WordPress item: threads, states and dates as they were, their words as Markdown of the kind that comments may have."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Literal, get_args

from inkhorn.core.html_to_markdown import autoparagraph, html_to_markdown
from inkhorn.transfer.manuscript import ForeignComment, Problem
from inkhorn.transfer.wordpress.dates import moment
from inkhorn.transfer.wordpress.entries import Entry
from inkhorn.transfer.wordpress.survey import Survey, plain

Kind = Literal["comment", "pingback", "trackback"]
State = Literal["waiting", "approved", "spam", "trashed"]
# WordPress itself keeps 65,525 bytes; more is no comment, and reading it would take long.
MOST_CHARACTERS = 65_525
_STATES: dict[str, State] = {
    "1": "approved",
    "approve": "approved",
    "approved": "approved",
    "0": "waiting",
    "hold": "waiting",
    "spam": "spam",
    "trash": "trashed",
    "post-trashed": "trashed",
}
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,15})\b[^<>]*>")
_COMMENT = re.compile(r"<!--[^<>]*-->")
_KEPT = frozenset("a b blockquote br code del em i li ol p pre s strong ul".split())
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6", "dt", "th", "summary"))
_BLOCKS = frozenset("address article aside dd details div dl figure footer header hr main section table tbody td tfoot thead tr".split())


def comments_of(entry: Entry, key: str, survey: Survey) -> tuple[list[ForeignComment], list[Problem]]:
    """Every comment of the item, each after the one it answers, and what a person should know about them."""
    made = [_comment_of(fields, key, survey) for fields in entry.comments]
    problems = list(_problems_of(entry.comments, made, key))
    return list(_in_order(_each_key_once(made))), problems


def _comment_of(fields: dict[str, str], post_key: str, survey: Survey) -> ForeignComment:
    def said(name: str) -> str:
        return fields.get(f"wp:comment_{name}", "").strip()

    parent, number = said("parent"), said("user_id")
    website = said("author_url")
    return ForeignComment(
        key=said("id") or _digest_of(fields, post_key),
        parent_key=parent if parent not in ("", "0") else None,
        kind=kind_of(fields),
        state=_STATES.get(said("approved").lower(), "waiting"),
        name=plain(said("author")),
        email=said("author_email").lower(),
        website=website if website.startswith(("http://", "https://")) else None,
        author_key=survey.logins.get(number) if number not in ("", "0") else None,
        text=markdown_of(fields.get("wp:comment_content", "")),
        written_at=_written_at(fields),
    )


def kind_of(fields: dict[str, str]) -> Kind:
    """What people wrote, or the word of another site; plugins' own kinds are what people wrote."""
    said = fields.get("wp:comment_type", "").strip().lower()
    return next((kind for kind in get_args(Kind) if kind == said), "comment")


def markdown_of(content: str) -> str:
    """The words with emphasis, links, lists, quotes and code; of other elements only what they hold."""
    text = _COMMENT.sub("", content[:MOST_CHARACTERS]).replace("\r\n", "\n").replace("\r", "\n")
    return html_to_markdown(autoparagraph(_TAG.sub(_within_reach, text))).markdown.strip()


def _within_reach(tag: re.Match[str]) -> str:
    name = tag[2].lower()
    if name in _KEPT:
        return tag[0]
    if name in _HEADINGS:
        return "</strong>\n\n" if tag[1] else "\n\n<strong>"
    return "\n\n" if name in _BLOCKS else ""


def _written_at(fields: dict[str, str]) -> datetime | None:
    return moment(fields.get("wp:comment_date_gmt", "")) or moment(fields.get("wp:comment_date", ""))


def _digest_of(fields: dict[str, str], post_key: str) -> str:
    told = "\n".join((post_key, *(fields.get(f"wp:comment_{name}", "") for name in ("author", "date", "date_gmt", "content"))))
    return f"digest:{hashlib.sha256(told.encode('utf-8', 'replace')).hexdigest()[:16]}"


def _each_key_once(comments: Iterable[ForeignComment]) -> list[ForeignComment]:
    """The first of each number; an export that holds a comment twice holds it once here."""
    return list({comment.key: comment for comment in reversed(list(comments))}.values())[::-1]


def _in_order(comments: list[ForeignComment]) -> Iterator[ForeignComment]:
    """Parents before their answers, else as the export has them; whoever answers what is not here, or each other in a ring, answers nobody."""
    known = {comment.key: comment for comment in comments}
    answers: dict[str | None, list[ForeignComment]] = {}
    for comment in comments:
        answers.setdefault(comment.parent_key if comment.parent_key in known else None, []).append(comment)
    given: set[str] = set()
    # A stack, since a hostile thread may be as deep as it is long; the reader of it cuts rings by what was given already.
    for first in (*answers.get(None, ()), *comments):
        stack = [first]
        while stack:
            comment = stack.pop()
            if comment.key in given:
                continue
            given.add(comment.key)
            yield comment
            stack += reversed(answers.get(comment.key, ()))


def _problems_of(raw: list[dict[str, str]], made: list[ForeignComment], key: str) -> Iterator[Problem]:
    known = {comment.key for comment in made}
    for fields, comment in zip(raw, made, strict=True):
        where = f"{key}, comment {comment.key[:40]}"
        if comment.parent_key is not None and comment.parent_key not in known:
            yield Problem("changed", where, "comment-parent", "It answers a comment that the export does not hold; it stands on its own.")
        if comment.written_at is None:
            yield Problem("changed", where, "comment-date", "It has no date; it gets that of its post.")
        if len(fields.get("wp:comment_content", "")) > MOST_CHARACTERS:
            yield Problem("lost", where, "comment-too-long", f"Its words beyond {MOST_CHARACTERS:,} characters were left out.")
    if len(known) < len(made):
        yield Problem(
            "lost", key, "comment-twice", f"{len(made) - len(known)} comments stand in the export more than once; each came once."
        )
