"""The editor: writing, saving, and what happens when two people save at once."""

from flask import Response, flash, g, make_response, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.accounts.queries import writers
from inkhorn.core.access import Forbidden, holds, open_to
from inkhorn.core.config import config
from inkhorn.core.database import session, transaction
from inkhorn.core.errors import InkhornError
from inkhorn.core.forms import FormRefused
from inkhorn.media import services as media
from inkhorn.posts import queries
from inkhorn.posts.forms import PostForm, local_time, zone_hint
from inkhorn.posts.models import Post, PostKind, Revision
from inkhorn.posts.policies import can_edit_post, can_publish_post, can_purge_post, can_trash_post, get_post_for
from inkhorn.posts.services import publishing, writing
from inkhorn.posts.services.writing import RevisionConflict
from inkhorn.posts.views.desk import desk_words
from inkhorn.posts.views.moves import back_to, say_published
from inkhorn.posts.views.room import bp
from inkhorn.posts.views.versions import compared

LONGEST_COPY_NUMBER = 20


@bp.get("/posts/write")
@open_to(holds("posts.write"))
def write_post() -> Response:
    kind = PostKind.PAGE if request.args.get("kind") == "page" else PostKind.POST
    return _editor_page(
        _offered(PostForm(formdata=None, kind=kind.value, takes_comments=kind is PostKind.POST, author_ids=[g.actor.id])), None
    )


@bp.post("/posts/write")
@open_to(holds("posts.write"))
def draft_post() -> BaseResponse:
    form = _sent_form()
    try:
        _refuse_invalid(form)
        cover_id = _kept_cover(form)
        with transaction():
            post = writing.draft_post(by=g.actor, kind=PostKind(form.kind.data or "post"))
            writing.revise_post(post, form.changes(cover_id=cover_id), by=g.actor, against=post.revision)
            _go_on(post, form)
    except InkhornError as error:
        return _editor_page(form, None, error)
    return _saved(post, form)


@bp.get("/posts/<int:post_id>/edit")
@open_to(holds("posts.write"))
def edit_post(post_id: int) -> Response:
    post = get_post_for(g.actor, post_id, can=can_edit_post)
    return _editor_page(_offered(PostForm.showing(post)), post)


@bp.post("/posts/<int:post_id>/revise")
@open_to(holds("posts.write"))
def revise_post(post_id: int) -> BaseResponse:
    form = _sent_form()
    shown = get_post_for(g.actor, post_id, can=can_edit_post)
    try:
        _refuse_invalid(form)
        cover_id = _kept_cover(form)
        with transaction():
            post = get_post_for(g.actor, post_id, can=can_edit_post)
            writing.revise_post(post, form.changes(cover_id=cover_id), by=g.actor, against=form.revision.data or 0)
            _go_on(post, form)
    except RevisionConflict as conflict:
        return _conflict_page(form, conflict, cover_id)
    except InkhornError as error:
        return _editor_page(form, shown, error)
    return _saved(post, form)


def _sent_form() -> PostForm:
    # A picture may come along, so this form may be as large as an upload.
    request.max_content_length = (config().max_upload_mb + config().max_form_mb) * 1024 * 1024
    return _offered(PostForm())


def _offered(form: PostForm) -> PostForm:
    form.offer_authors(list(session().scalars(writers())))
    return form


def _refuse_invalid(form: PostForm) -> None:
    if not form.validate():
        raise FormRefused(form)


def _kept_cover(form: PostForm) -> int | None:
    """The number of the picture that came with the form, stored; None when none came."""
    sent = form.cover.data
    if not sent or not getattr(sent, "filename", ""):
        return None
    with media.receive(sent.stream, filename=sent.filename) as incoming, transaction():
        return int(media.store_asset(incoming, by=g.actor, alt=form.cover_alt.data or "").id)


def _go_on(post: Post, form: PostForm) -> None:
    """Publish what was just saved, in the same transaction, where the panel's button was pressed."""
    if form.then.data != "publish":
        return
    if not can_publish_post(g.actor, post):
        raise Forbidden
    publishing.publish_post(post, by=g.actor, at=form.moment())


def _saved(post: Post, form: PostForm) -> BaseResponse:
    copy = form.copy.data or ""
    if copy.isascii() and copy.isdigit() and len(copy) <= LONGEST_COPY_NUMBER:
        flash(f"{post.id}.{post.revision}.{copy}", "copy_taken")
    if form.then.data == "publish":
        say_published(post)
    else:
        flash(_("Saved."), "quiet")
    return back_to(post)


def _editor_page(form: PostForm, post: Post | None, error: InkhornError | None = None) -> Response:
    """The editor with what was typed, whatever was wrong with it."""
    field = getattr(error, "field", None)
    if error and field in form and not form[field].errors:
        form[field].errors = [str(error)]
    page = render_template(
        "posts/edit_post.html" if post else "posts/write_post.html",
        form=form,
        post=post,
        error=error,
        zone_hint=zone_hint(),
        release_words=_release_words(post),
        may_publish=can_publish_post(g.actor, post) if post else g.actor.may("posts.publish"),
        may_trash=bool(post and can_trash_post(g.actor, post)),
        may_purge=bool(post and can_purge_post(g.actor, post)),
        series=session().scalars(queries.all_series()).all(),
        tags=session().scalars(queries.all_tags().limit(500)).all(),
        **desk_words(),
    )
    response = make_response(page, error.status if error else 200)
    response.headers["Cache-Control"] = "no-store"
    return response


def _release_words(post: Post | None) -> str:
    moment = local_time(post.release_at) if post and post.release_at else None
    return f"{moment:%-d %B %Y, %H:%M}" if moment else ""


def _conflict_page(form: PostForm, conflict: RevisionConflict, cover_id: int | None) -> Response:
    theirs: Post = conflict.post
    last = session().get(Revision, (theirs.id, theirs.revision))
    page = render_template(
        "posts/revise_post.html",
        form=form,
        post=theirs,
        who=last.writer if last else "",
        when=local_time(last.saved_at) if last else None,
        differences=compared(form.body.data or "", theirs.body),
        carried=_carried(cover_id),
        **desk_words(),
    )
    return make_response(page, conflict.status)


def _carried(cover_id: int | None) -> list[tuple[str, str]]:
    """Whatever else was sent, tags and schedule and all, for the next try."""
    shown = ("csrf_token", "revision", "title", "body")
    sent = [(name, value) for name, value in request.form.items(multi=True) if name not in shown]
    return [*sent, ("cover_id", str(cover_id))] if cover_id else sent
