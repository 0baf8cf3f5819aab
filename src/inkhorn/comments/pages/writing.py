"""The form under a thread, and the same on a sheet of its own."""

import secrets
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from inkhorn.accounts.identity.actor import Person
from inkhorn.accounts.pages import Hidden, SheetField
from inkhorn.accounts.settings import is_wanted
from inkhorn.comments.models import LONGEST_BODY, LONGEST_EMAIL, LONGEST_NAME
from inkhorn.comments.pages.shapes import CommentForm
from inkhorn.comments.policies import can_write_under
from inkhorn.comments.queries import has_approved_comment
from inkhorn.comments.settings import CommentSettings
from inkhorn.core import settings
from inkhorn.core.access import Actor
from inkhorn.core.forms import form_token
from inkhorn.core.links import href

KEY_BYTES = 12


def form_under(post: Any, actor: Actor) -> CommentForm | None:
    """Where the actor writes under a post they read; None where they may not. For visitors it is the same for all, so that pages can be kept."""
    if not can_write_under(actor, post):
        return None
    is_guest = not actor.is_signed_in
    return CommentForm(
        action=url_for("comments.post_comment", post_id=post.id),
        hidden=() if is_guest else own_values(),
        body=SheetField(name="body", label=_("Comment"), kind="area", hint=hint_of_words(actor), longest=LONGEST_BODY),
        fields=_guest_fields() if is_guest else (),
        wants_replies=_box_for_replies(actor),
        hint=hint_of_fate(actor),
        sign_in_address=f"/sign-in?next={href(post.path)}" if is_guest else "",
        sheet_address=url_for("comments.show_sheet_values") if is_guest else "",
    )


def own_values() -> tuple[Hidden, ...]:
    """The token of somebody signed in, and a key by which the form is one comment however often it is sent."""
    return (Hidden(name="csrf_token", value=form_token()), Hidden(name="key", value=secrets.token_hex(KEY_BYTES)))


def gets_replies(actor: Actor) -> bool:
    """Whether letters about replies reach the actor at all; a member says so in the profile."""
    return not isinstance(actor, Person) or is_wanted(actor.user.notices, "comment_reply")


def _box_for_replies(actor: Actor) -> SheetField | None:
    if not gets_replies(actor):
        return None
    label = _("E-mail me when someone replies")
    return SheetField(name="wants_replies", label=label, kind="tick", is_ticked=actor.is_signed_in, is_required=False)


def hint_of_words(actor: Actor) -> str:
    minutes = settings.read(CommentSettings).edit_minutes
    markdown = _("Markdown works: *emphasis*, links, > quotes.")
    edits = _("You can edit for %(minutes)d minutes.", minutes=minutes) if minutes and actor.is_signed_in else ""
    return f"{markdown} {edits}".strip()


def hint_of_fate(actor: Actor) -> str:
    """What becomes of a comment before readers see it."""
    if actor.may("comments.moderate"):
        return ""
    words = [_("We write to your address once to see that it is yours.")] if not actor.is_signed_in else []
    if settings.read(CommentSettings).holds_first and not _has_appeared(actor):
        words.append(_("First comments are read by a person before they appear."))
    return " ".join(words)


def _has_appeared(actor: Actor) -> bool:
    return isinstance(actor, Person) and has_approved_comment(user_id=actor.user.id)


def _guest_fields() -> tuple[SheetField, ...]:
    return (
        SheetField(name="name", label=_("Name"), autocomplete="name", longest=LONGEST_NAME),
        SheetField(name="email", label=_("E-mail, never shown"), kind="email", autocomplete="email", longest=LONGEST_EMAIL),
    )
