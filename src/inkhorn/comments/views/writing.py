"""Writing under a post: by people with an account at once, by guests after a look at it that also keeps robots out."""

import secrets

from flask import g, jsonify, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.accounts.views.room import fields_of, hidden, puzzle_for, say_wrong, show_sheet, token_of_form
from inkhorn.comments.forms import CommentForm
from inkhorn.comments.models import Comment, State
from inkhorn.comments.pages.shapes import CommentPage
from inkhorn.comments.pages.writing import KEY_BYTES, gets_replies, hint_of_fate, hint_of_words
from inkhorn.comments.policies import can_answer_comment, can_comment_on, get_comment_for, get_post_to_comment_for
from inkhorn.comments.services import posting
from inkhorn.comments.views.room import address_of, answered_card, back_link, back_to, bp, refuse_foreign_token, say
from inkhorn.core import captcha, limits, remarks
from inkhorn.core.access import everyone, open_to
from inkhorn.core.database import transaction
from inkhorn.core.errors import InkhornError, NotFound
from inkhorn.core.guard import wants_problem
from inkhorn.posts.models import Post

FORM = "comment"
SENT_SCRIPT = "commented.js"


@bp.post("/comments/on/<int:post_id>")
@open_to(everyone)
def post_comment(post_id: int) -> BaseResponse:
    post, form = get_post_to_comment_for(g.actor, post_id), CommentForm(request.form)
    try:
        refuse_foreign_token()
        if not form.validate():
            return _wrong(post, form)
        is_guest = not g.actor.is_signed_in
        if is_guest:
            limits.spend(limits.COMMENT_LOOK, limits.place_of(request.remote_addr))
        if is_guest and "waiting" not in request.form and not wants_problem():
            # The form under the thread is the same for everybody, so that pages can be kept; what tells people from robots comes now.
            return _sheet(post, form, is_look=True)
        proof = captcha.check(FORM, request.form, address=request.remote_addr) if is_guest else ""
        with transaction():
            comment = posting.post_comment(get_post_to_comment_for(g.actor, post_id), _wanted(form, proof), by=g.actor)
    except InkhornError as error:
        return _wrong(post, form, error)
    return _answer(comment)


@bp.get("/comments/<int:comment_id>/answer")
@open_to(everyone)
def answer_comment(comment_id: int) -> BaseResponse:
    comment = get_comment_for(g.actor, comment_id)
    if not can_answer_comment(g.actor, comment):
        raise NotFound(_("This comment cannot be answered by you, or not any more."))
    return _sheet(comment.post, CommentForm(parent=str(comment.id), wants_replies=g.actor.is_signed_in))


@bp.get("/comments/sheet")
@open_to(everyone)
def show_sheet_values() -> BaseResponse:
    """What the form under a thread asks of a guest's browser, fetched by the script when it is first touched."""
    puzzle = puzzle_for(FORM)
    response = jsonify({"waiting": puzzle.waiting, "work": puzzle.address if puzzle.kind == "proof-of-work" else "", "kind": puzzle.kind})
    response.headers["Cache-Control"] = "no-store"
    return response


def _wanted(form: CommentForm, proof: str) -> posting.NewComment:
    # A guest's sheet is drawn anew for each, and is as good as a key.
    key = (form.key.data or "") if g.actor.is_signed_in else request.form.get("waiting", "")
    return posting.NewComment(
        body=form.body.data or "",
        parent_id=form.parent_id,
        name=form.name.data or "",
        email=form.email.data or "",
        wants_replies=bool(form.wants_replies.data),
        key=key,
        proof=proof,
    )


def _answer(comment: Comment) -> BaseResponse:
    """Where it stands; or what has to happen first, which is told of spam as of everything else."""
    if comment.state is State.APPROVED:
        if not wants_problem():
            return back_to(comment)
        return jsonify(state="approved", number=comment.id, address=address_of(comment), message=_("Your comment is on the page."))
    if comment.user_id is None:
        title = _("Confirm your address")
        lead = _("A letter is on its way to you. Follow its link, and your comment goes on to the site.")
    else:
        title = _("Thank you")
        lead = _("Your comment waits for a person to read it, and appears after that.")
    if wants_problem():
        return jsonify(state="unconfirmed" if comment.user_id is None else "waiting", number=comment.id, message=f"{title}. {lead}")
    return say(comment.post, title, lead, name="commented", scripts=(SENT_SCRIPT,))


def _wrong(post: Post, form: CommentForm, error: InkhornError | None = None) -> BaseResponse:
    """The form once more with the words kept; for the script the error alone, which it puts in place itself."""
    if wants_problem():
        if error is not None:
            raise error
        field, (first, *_rest) = next(iter(form.errors.items()))
        return _problem(str(first), str(field))
    if error is None:
        return _sheet(post, form, 422)
    if not can_comment_on(g.actor, post):
        return say(post, _("No comments here"), str(error), name="closed", status=error.status)

    def draw(again: CommentForm, status: int, *, error: str = "") -> BaseResponse:
        return _sheet(post, again, status, error=error)

    return say_wrong(draw, form, error)


def _problem(message: str, field: str) -> BaseResponse:
    response = jsonify(type="about:blank", title="Unprocessable", status=422, detail=message, errors=[{"detail": message, "field": field}])
    response.status_code, response.content_type = 422, "application/problem+json"
    return response


def _sheet(post: Post, form: CommentForm, status: int = 200, *, error: str = "", is_look: bool = False) -> BaseResponse:
    is_guest = not g.actor.is_signed_in
    marks: dict[str, dict[str, object]] = {"body": {"kind": "area", "hint": hint_of_words(g.actor)}}
    if is_guest:
        marks |= {"name": {"autocomplete": "name"}, "email": {"kind": "email", "autocomplete": "email"}}
    if gets_replies(g.actor):
        marks |= {"wants_replies": {"kind": "tick"}}
    parent = _parent(form)
    key = form.key.data or secrets.token_hex(KEY_BYTES)
    return show_sheet(
        CommentPage,
        status=status,
        title=_("Look it over") if is_look else _("Reply to %(name)s", name=parent.name) if parent else _("Write a comment"),
        name="comment",
        lead=_("This is how it will look. Send it, or change it first.") if is_look else hint_of_fate(g.actor),
        error=error,
        answered=answered_card(parent),
        preview=_preview(form) if is_look else Markup(""),
        form_action=url_for("comments.post_comment", post_id=post.id),
        hidden=(*token_of_form(), *hidden([("parent", form.parent.data), ("key", None if is_guest else key)])),
        fields=fields_of(form, **marks),
        puzzle=puzzle_for(FORM) if is_guest else None,
        submit=_("Send the comment"),
        links=(back_link(post),),
    )


def _preview(form: CommentForm) -> Markup:
    words = posting.tidy_body(form.body.data or "")
    return Markup(remarks.render_remark(words).html)  # noqa: S704 - sanitised there


def _parent(form: CommentForm) -> Comment | None:
    if form.parent_id is None:
        return None
    try:
        comment = get_comment_for(g.actor, form.parent_id)
    except NotFound:
        return None
    return comment if comment.is_approved else None
