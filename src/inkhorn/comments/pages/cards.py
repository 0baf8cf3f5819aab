"""One comment as a theme knows it, with what its reader may do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from inkhorn.comments.models import State
from inkhorn.comments.pages.shapes import CommentAct, CommentCard, CommentForm
from inkhorn.comments.pages.words import initials_of, iso, when_of
from inkhorn.comments.queries import liked_by
from inkhorn.comments.settings import CommentSettings
from inkhorn.core import clock, settings
from inkhorn.core.access import Actor
from inkhorn.core.forms import form_token
from inkhorn.core.links import href
from inkhorn.core.settings import SiteSettings
from inkhorn.core.themes import Link
from inkhorn.media.queries import portrait_at

PORTRAIT_HUES = 6


@dataclass(frozen=True)
class Talk:
    """What a thread must know of its post and its reader."""

    # The post's row or object: id, path, is_live, is_public, takes_comments and published_at.
    post: Any
    actor: Actor
    form: CommentForm | None
    # False where it is known that nothing was said so far, in any state.
    may_have_comments: bool = True

    @property
    def token(self) -> str:
        return form_token() if self.actor.is_signed_in else ""

    @property
    def may_answer(self) -> bool:
        return self.form is not None


def bare_card(row: Any) -> CommentCard:
    """One comment by itself, without what one may do with it; for whoever may see it, whatever its state."""
    return _card(row, settings.read(SiteSettings), clock.now())


def cards_of(rows: Sequence[Any], talk: Talk, tuned: SiteSettings) -> Iterator[tuple[int, CommentCard]]:
    likes = liked_by(talk.actor.id, (row.id for row in rows)) if talk.actor.id is not None and rows else set()
    now, edit_minutes = clock.now(), settings.read(CommentSettings).edit_minutes
    for row in rows:
        card = _card(row, tuned, now, reads_waiting=_reads_waiting(row, talk.actor))
        if row.state is State.APPROVED:
            card = replace(card, **_doings(row, card, talk, is_liked=row.id in likes, is_young=_is_young(row, now, edit_minutes)))
        elif card.is_waiting and row.user_id == talk.actor.id and _is_young(row, now, edit_minutes):
            card = replace(card, ways=(_edit_link(row),))
        yield row.depth, card


def _reads_waiting(row: Any, actor: Actor) -> bool:
    """Whoever wrote it, and moderators; a thread keeps its place for everybody once approved ones hang on it."""
    return (actor.id is not None and row.user_id == actor.id) or actor.may("comments.moderate")


def _is_young(row: Any, now: datetime, minutes: int) -> bool:
    return bool(now < row.created_at + timedelta(minutes=minutes))


def _card(row: Any, tuned: SiteSettings, now: datetime, *, reads_waiting: bool = True) -> CommentCard:
    shared: dict[str, Any] = {
        "number": row.id,
        "address": url_for("comments.show_comment", comment_id=row.id),
        "when": when_of(row.created_at, tuned, now),
        "datetime": iso(row.created_at),
    }
    if row.state not in (State.APPROVED, State.WAITING):
        words = _("The person who wrote this has removed it.") if row.withdrawn_at else _("A moderator has removed this.")
        return CommentCard(name=_("Deleted"), is_gone=True, html=Markup("<p>{}</p>").format(words), **shared)
    if row.state is State.WAITING and not reads_waiting:
        words = _("A comment that waits to be read.")
        return CommentCard(name=_("Somebody"), is_gone=True, html=Markup("<p>{}</p>").format(words), **shared)
    name = row.user_name or row.name or _("Somebody")
    return CommentCard(
        name=name,
        profile=f"/author/{href(row.slug)}/" if row.is_author else None,
        initials=initials_of(name),
        hue=sum((row.slug or name).encode()) % PORTRAIT_HUES,
        portrait=portrait_at(row.portrait_key) if row.portrait_key else None,
        portrait_small=portrait_at(row.portrait_key, is_small=True) if row.portrait_key else None,
        is_author=bool(row.is_author),
        is_pinned=row.is_pinned,
        is_waiting=row.state is State.WAITING,
        edited=_("edited") if row.edited_at else "",
        html=Markup(row.html),  # noqa: S704 - made and sanitised by core.remarks when it was saved
        likes=ngettext("%(num)d like", "%(num)d likes", row.likes) if row.likes else "",
        **shared,
    )


def _doings(row: Any, card: CommentCard, talk: Talk, *, is_liked: bool, is_young: bool) -> dict[str, Any]:
    """What this reader may do with an approved comment."""
    actor = talk.actor
    is_own = actor.id is not None and row.user_id == actor.id
    acts, ways = [], []
    if is_own and is_young:
        ways.append(_edit_link(row))
    elif is_own and not actor.may("comments.moderate"):
        ways.append(Link(_("Remove"), url_for("comments.edit_comment", comment_id=row.id)))
    if not is_own and actor.may("comments.write"):
        verb = "comments.unlike_comment" if is_liked else "comments.like_comment"
        acts.append(_act(_("Like"), card, url_for(verb, comment_id=row.id), is_on=is_liked))
    if actor.may("comments.moderate"):
        if row.depth == 1:
            verb = "comments.unpin_comment" if row.is_pinned else "comments.pin_comment"
            acts.append(_act(_("Unpin") if row.is_pinned else _("Pin"), card, url_for(verb, comment_id=row.id)))
        acts.append(_act(_("Remove"), card, url_for("comments.trash_comment", comment_id=row.id)))
    elif not is_own:
        ways.append(Link(_("Report"), url_for("comments.report_comment", comment_id=row.id)))
    answer = url_for("comments.answer_comment", comment_id=row.id) if talk.may_answer else None
    return {"answer_address": answer, "ways": tuple(ways), "acts": tuple(acts)}


def _edit_link(row: Any) -> Link:
    return Link(_("Edit"), url_for("comments.edit_comment", comment_id=row.id))


def _act(label: str, card: CommentCard, address: str, *, is_on: bool | None = None) -> CommentAct:
    return CommentAct(label=label, about=_("the comment by %(name)s", name=card.name), address=address, is_on=is_on)
