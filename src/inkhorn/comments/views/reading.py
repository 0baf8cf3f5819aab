"""Where a comment stands, and the thread by itself, which the script puts in place of the one on the page."""

from hashlib import blake2s

from flask import g, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.comments.pages.cards import Talk
from inkhorn.comments.pages.shapes import ThreadPage
from inkhorn.comments.pages.threads import asked_page, thread_under
from inkhorn.comments.pages.writing import form_under
from inkhorn.comments.policies import get_comment_for, get_post_to_comment_for
from inkhorn.comments.views.room import address_of, bp
from inkhorn.core.access import everyone, open_to
from inkhorn.core.links import href
from inkhorn.core.themes import render_page


@bp.get("/comments/<int:comment_id>")
@open_to(everyone)
def show_comment(comment_id: int) -> BaseResponse:
    comment = get_comment_for(g.actor, comment_id)
    # One that waits is seen by nobody else, and stands on no page of the thread for certain.
    response = redirect(address_of(comment) if comment.is_shown else f"{href(comment.post.path)}#comments", code=302)
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("/comments/on/<int:post_id>")
@open_to(everyone)
def show_thread(post_id: int) -> BaseResponse:
    post = get_post_to_comment_for(g.actor, post_id)
    thread = thread_under(Talk(post, g.actor, form_under(post, g.actor)), asked_page(request.args.get("page")))
    response = render_page(ThreadPage(thread=thread))
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Cache-Control"] = "private, no-cache"
    # Its words alone are compared: each drawing of a form has a key of its own.
    response.set_etag(blake2s(repr((thread.title, thread.line, thread.comments)).encode(), digest_size=12).hexdigest())
    return response.make_conditional(request)
