"""Puts rows of comments together into the thread that readers see."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from inkhorn.comments.models import DEEPEST
from inkhorn.comments.pages.cards import Talk, cards_of
from inkhorn.comments.pages.shapes import CommentCard, Ping, Thread
from inkhorn.comments.pages.words import day_of, iso, when_of
from inkhorn.comments.policies import closes_at, takes_comments
from inkhorn.comments.queries import ping_rows, thread_rows
from inkhorn.core import clock, settings
from inkhorn.core.config import config
from inkhorn.core.errors import NotFound
from inkhorn.core.links import href
from inkhorn.core.paging import FARTHEST_PAGE, refuse_empty
from inkhorn.core.settings import SiteSettings
from inkhorn.core.themes import Feed

PER_PAGE = 50
# The place in the address of a post's page that tells the page of the thread.
ASKED = "comments"
SCRIPT = "comments.js"


def thread_under(talk: Talk, number: int) -> Thread:
    """One page of the thread by two queries, a third for somebody who is signed in, none where nothing was said; NotFound for a page past the end."""
    post, tuned = talk.post, settings.read(SiteSettings)
    is_first, skipped = number == 1, (number - 1) * PER_PAGE
    rows = thread_rows(post.id, size=PER_PAGE, skipped=skipped, member_id=talk.actor.id) if talk.may_have_comments else ()
    refuse_empty(rows, number)
    total, shown = (rows[0].total, rows[0].shown) if rows else (0, 0)
    pages = max(1, -(-shown // PER_PAGE))
    root = href(post.path)
    return Thread(
        title=ngettext("%(num)d comment", "%(num)d comments", total) if total else _("No comments yet"),
        line=_line(post, tuned),
        feed=_feed(post) if post.is_public else None,
        live_address=url_for("comments.show_thread", post_id=post.id, page=number if number > 1 else None),
        stream_address=url_for("comments.follow_thread", post_id=post.id) if holds_streams() else "",
        comments=_nested(cards_of(rows, talk, tuned)),
        token=talk.token,
        paging=_("Page %(number)d of %(pages)d", number=number, pages=pages) if pages > 1 else "",
        earlier_address=_page_address(root, number - 1) if number > 1 else None,
        later_address=_page_address(root, number + 1) if number < pages else None,
        pings=tuple(_ping(row, tuned) for row in ping_rows(post.id)) if is_first and talk.may_have_comments else (),
        form=talk.form,
        sign_in_address=f"/sign-in?next={root}" if talk.form is None and takes_comments(post) and not talk.actor.is_signed_in else "",
        scripts=(SCRIPT,) if talk.form is not None or rows else (),
    )


def holds_streams() -> bool:
    """Whether readers hear of changes at once, as far as there are places."""
    return config().live_streams > 0


def asked_page(told: str | None) -> int:
    """The page of the thread that was asked for; NotFound for what is none."""
    if not told:
        return 1
    if not (told.isascii() and told.isdigit() and len(told) < 7 and 0 < int(told) <= FARTHEST_PAGE):
        raise NotFound
    return int(told)


def _feed(post: Any) -> Feed:
    return Feed(_("Comments on this post"), f"/comments/on/{post.id}/feed.xml", "application/rss+xml")


def page_holding(before: int) -> int:
    """The page on which the comment stands that so many are shown before."""
    return before // PER_PAGE + 1


def _page_address(root: str, number: int) -> str:
    return f"{root}?{ASKED}={number}#comments" if number > 1 else f"{root}#comments"


def _line(post: Any, tuned: SiteSettings) -> str:
    if not post.is_live:
        return ""
    if not takes_comments(post):
        return str(_("Comments are closed."))
    ends = closes_at(post)
    return str(_("Open until %(day)s.", day=day_of(ends, tuned))) if ends else ""


def _nested(cards: Iterable[tuple[int, CommentCard]]) -> tuple[CommentCard, ...]:
    """Hang each on the last that is less deep; at the head of a later page its own may stand on the page before."""
    open_lists: list[tuple[int, list[Any]]] = [(0, [])]
    for depth, card in cards:
        while len(open_lists) > 1 and open_lists[-1][0] >= depth:
            open_lists.pop()
        kept: list[Any] = []
        open_lists[-1][1].append((card, kept))
        if depth < DEEPEST:
            open_lists.append((depth, kept))
    return _frozen(open_lists[0][1])


def _frozen(found: list[Any]) -> tuple[CommentCard, ...]:
    return tuple(replace(card, replies=_frozen(kept)) if kept else card for card, kept in found)


def _ping(row: Any, tuned: SiteSettings) -> Ping:
    is_web = bool(row.website) and row.website.startswith(("http://", "https://"))
    when = when_of(row.created_at, tuned, clock.now())
    name = row.name or row.website or _("Another site")
    return Ping(name=name, address=row.website if is_web else None, when=when, datetime=iso(row.created_at))
