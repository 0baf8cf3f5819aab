"""Where a moderator's letter leads: the comment with its reason, and buttons that decide. The link is worth this one comment, for a week."""

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.accounts.identity.letters import person_by_letter
from inkhorn.accounts.models import User
from inkhorn.accounts.pages import Hidden, Way
from inkhorn.accounts.views.room import fields_of, say_wrong, show_sheet
from inkhorn.comments.forms import AnswerForm
from inkhorn.comments.models import Comment, State
from inkhorn.comments.pages.shapes import CommentPage
from inkhorn.comments.policies import can_moderate_comment
from inkhorn.comments.queries import comment_with_post
from inkhorn.comments.services import moderating
from inkhorn.comments.services.posting import NewComment, post_comment
from inkhorn.comments.views.room import answered_card, back_to, bp, say
from inkhorn.core import tokens
from inkhorn.core.access import Actor, everyone, open_to
from inkhorn.core.database import session, transaction
from inkhorn.core.errors import Gone, InkhornError

PURPOSE = "comments.decide"
LIFE_SECONDS = 7 * 24 * 60 * 60


@bp.get("/comments/decide/<token>")
@open_to(everyone)
def show_decision(token: str) -> BaseResponse:
    comment, _moderator = _read(token)
    return _sheet(token, comment, AnswerForm())


@bp.post("/comments/decide/<token>")
@open_to(everyone)
def decide_comment(token: str) -> BaseResponse:
    form = AnswerForm(request.form)
    comment, moderator = _read(token)
    if not form.validate():
        return _sheet(token, comment, form, 422)
    try:
        with transaction():
            # Held from here on: of two presses the second finds what the first decided.
            comment, moderator = _read(token)
            if comment.state is not State.WAITING:
                return _sheet(token, comment, form)
            _decide(comment, form, moderator)
    except InkhornError as error:
        return say_wrong(lambda again, status, *, error="": _sheet(token, comment, again, status, error=error), form, error)
    if comment.is_approved:
        return back_to(comment)
    return say(comment.post, _("Done"), _("The comment is not shown."), name="decided")


def _decide(comment: Comment, form: AnswerForm, moderator: Actor) -> None:
    verbs = {"spam": moderating.call_spam, "trash": moderating.trash}
    if (verb := verbs.get(request.form.get("verdict", ""))) is not None:
        verb(comment, by=moderator)
        return
    moderating.approve(comment, by=moderator)
    if answer := (form.answer.data or "").strip():
        wanted = NewComment(body=answer, parent_id=comment.id, wants_replies=True, key=request.form.get("key", ""))
        post_comment(comment.post, wanted, by=moderator)


def _sheet(token: str, comment: Comment, form: AnswerForm, status: int = 200, *, error: str = "") -> BaseResponse:
    if comment.state is not State.WAITING:
        words = _("This comment waits no more: somebody has decided already.")
        return say(comment.post, _("Already decided"), words, name="decided")
    address = url_for("comments.decide_comment", token=token)
    ways = (("spam", _("It is spam")), ("trash", _("Put it in the trash")))
    return show_sheet(
        CommentPage,
        status=status,
        title=_("A comment waits"),
        name="decide_comment",
        lead=comment.reason,
        error=error,
        answered=answered_card(comment),
        form_action=address,
        fields=fields_of(form, answer={"kind": "area"}),
        submit=_("Approve"),
        ways=tuple(Way(label=label, address=address, hidden=(Hidden(name="verdict", value=verdict),)) for verdict, label in ways),
    )


def _read(token: str) -> tuple[Comment, Actor]:
    """The comment, and whoever was written to, as long as they may moderate still; Gone otherwise."""
    told = tokens.read(PURPOSE, token, max_age_seconds=LIFE_SECONDS)
    comment_id, user_id = told if isinstance(told, list) and len(told) == 2 else (None, None)
    user = session().get(User, user_id) if isinstance(user_id, int) else None
    comment = comment_with_post(comment_id) if isinstance(comment_id, int) else None
    moderator = person_by_letter(user) if user is not None else None
    if comment is None or moderator is None or not can_moderate_comment(moderator, comment):
        raise Gone(_("That link has ended. The desk has the comments that wait."))
    return comment, moderator
