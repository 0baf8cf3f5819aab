"""The public addresses: home, lists, archive, and every path at which a post ever stood."""

from collections.abc import Callable
from urllib.parse import quote

from flask import Blueprint, Response, g, redirect, request, url_for
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.core.access import Forbidden, SignInNeeded, everyone, open_to, signed_in
from inkhorn.core.database import session
from inkhorn.core.errors import Gone, NotFound
from inkhorn.core.links import PATH_SAFE, href
from inkhorn.core.methods import refuse_other_method, stands_last
from inkhorn.core.themes import Page, accent_sheet, accent_version, is_safe_address, render_page
from inkhorn.posts.models import LONGEST_PATH, Audience, Post, Status
from inkhorn.posts.policies import can_edit_post, can_see_post, get_post_for
from inkhorn.posts.queries import address_at
from inkhorn.site import listing, queries
from inkhorn.site.answers import kept, private, shown
from inkhorn.site.following import follow_box, following_page
from inkhorn.site.reading import reading_page

bp = Blueprint("site", __name__)


@bp.record
def offer_suggestions(state: BlueprintSetupState) -> None:
    state.app.extensions["inkhorn.suggestions"] = listing.suggestions


@bp.get("/")
@open_to(everyone)
def show_home() -> BaseResponse:
    if request.query_string and (found := _reading_at([_with_query("/")])):
        return _answer_with(found)
    return shown(listing.home_page())


@bp.get("/page/<int:number>/")
@open_to(everyone)
def show_older(number: int) -> BaseResponse:
    return redirect("/", code=301) if number == 1 else listed(lambda: listing.older_page(number))


@bp.get("/tag/<slug>/")
@bp.get("/tag/<slug>/page/<int:number>/")
@open_to(everyone)
def show_tag(slug: str, number: int = 1) -> BaseResponse:
    tag = queries.tag_at(slug)
    return listed(lambda: listing.tag_page(tag, number))


@bp.get("/author/<slug>/")
@bp.get("/author/<slug>/page/<int:number>/")
@open_to(everyone)
def show_author(slug: str, number: int = 1) -> BaseResponse:
    author = queries.author_at(slug)
    if author is None and number > 1 and (moved := address_at(f"/author/{slug}/")) and moved.target:
        return led_on(f"{moved.target}page/{number}/")
    return listed(lambda: listing.author_page(author, number, follow=follow_box(author, g.actor, request.path) if author else None))


@bp.get("/following/")
@bp.get("/following/page/<int:number>/")
@open_to(signed_in)
def show_following(number: int = 1) -> BaseResponse:
    return private(render_page(following_page(g.actor.user, number)))


@bp.get("/series/<slug>/")
@bp.get("/series/<slug>/page/<int:number>/")
@open_to(everyone)
def show_series(slug: str, number: int = 1) -> BaseResponse:
    series = queries.series_at(slug)
    return listed(lambda: listing.series_page(series, number))


@bp.get("/archive/")
@bp.get("/archive/page/<int:number>/")
@open_to(everyone)
def show_archive(number: int = 1) -> BaseResponse:
    return listed(lambda: listing.archive_page(number))


@bp.get("/theme/accent.css")
@open_to(everyone)
def show_accent() -> BaseResponse:
    response = Response(accent_sheet(), content_type="text/css; charset=utf-8")
    # A page from before may ask for the colour from before: nobody may keep the present one under that name for a year.
    is_it = request.args.get("v") == accent_version()
    return kept(response, "public, max-age=31536000, immutable" if is_it else "public, max-age=60")


@bp.get("/preview/<int:post_id>/")
@open_to(signed_in)
def preview_post(post_id: int) -> BaseResponse:
    post = get_post_for(g.actor, post_id, can=can_edit_post)
    notice = _("This is a preview. Readers cannot see it yet.") if not post.is_live else _("This is a preview of what readers see.")
    return private(render_page(reading_page(queries.reading_of(post.id), edit_address=_edit_address(post.id), notice=notice)))


@bp.get("/<readers:path>")
@open_to(everyone)
@stands_last
def show_post(path: str) -> BaseResponse:
    """Whatever stands, stood or leads on at any other path."""
    asked = request.path
    if len(asked) > LONGEST_PATH or "\0" in asked:
        raise NotFound
    wanted = [asked, *_variants(asked)]
    if request.query_string:
        wanted.insert(0, _with_query(asked))
    found = _reading_at(wanted)
    if found is None:
        refuse_other_method()
        return _show_hidden(wanted)
    return _answer_with(found)


def _reading_at(paths: list[str]) -> queries.AnyRow | None:
    return queries.reading_at([path for path in paths if 0 < len(path) <= LONGEST_PATH and "\0" not in path])


def _with_query(path: str) -> str:
    return f"{path}?{request.query_string.decode('utf-8', 'replace')}"


def _variants(path: str) -> list[str]:
    """How else people write the same address: with or without the last slash, index.html or .html."""
    bare = path.removesuffix("/")
    for ending in ("/index.html", "/index.htm", "/index.php", ".html", ".htm"):
        bare = bare.removesuffix(ending)
    return [form for form in (f"{bare}/", bare, f"{bare}.html", f"{bare}/index.html") if form not in (path, "")]


def _answer_with(row: queries.AnyRow) -> BaseResponse:
    """What a known address answers: the post itself, the way to where it stands now, or that it is gone."""
    if row.target is not None:
        return led_on(row.target)
    if row.post_id is None or row.id is None or row.status is Status.TRASHED:
        raise Gone
    if not row.is_public and not _may_see(row.id):
        if row.is_live and row.audience is Audience.MEMBERS:
            raise members_only()
        raise NotFound
    if row.path != request.path or row.asked != row.path:
        return led_on(href(row.path))
    if g.actor.is_signed_in:
        return _shown_to_author(row)
    return shown(reading_page(row))


def _show_hidden(paths: list[str]) -> BaseResponse:
    """A draft has no public address yet; whoever may edit it is shown the preview at the one it will have."""
    if g.actor.is_signed_in:
        for path in paths:
            post = session().scalars(select(Post).where(Post.path == path)).one_or_none()
            if post is not None and can_edit_post(g.actor, post):
                return redirect(url_for("site.preview_post", post_id=post.id), code=302)
    raise NotFound


def _may_see(post_id: int) -> bool:
    if not g.actor.is_signed_in:
        return False
    post = session().get(Post, post_id)
    return post is not None and can_see_post(g.actor, post)


def _shown_to_author(row: queries.AnyRow) -> BaseResponse:
    post = session().get(Post, row.id)
    edits = post is not None and can_edit_post(g.actor, post)
    return private(render_page(reading_page(row, edit_address=_edit_address(row.id) if edits else None, notice=_notice_of(row))))


def members_only() -> Exception:
    return Forbidden(_("This is for members. Ask the site to make your account a member’s.")) if g.actor.is_signed_in else SignInNeeded()


def _notice_of(row: queries.AnyRow) -> str:
    if not row.is_live:
        return str(_("Readers cannot see this: it is not published."))
    if row.audience is Audience.PRIVATE:
        return str(_("Only its authors and the editors see this."))
    return ""


def _edit_address(post_id: int) -> str:
    return url_for("posts.edit_post", post_id=post_id)


def led_on(target: str) -> BaseResponse:
    if not is_safe_address(target):
        raise NotFound
    # Browsers keep a 301 for ever otherwise. Where an author moves a post back, one that is kept for but an hour leads readers in a circle.
    return kept(redirect(quote(target, safe=f"{PATH_SAFE}%?#[]"), code=301), "public, max-age=0, must-revalidate")


def listed(draw: Callable[[], Page]) -> BaseResponse:
    """The list; where there is none, whatever an old site had at this address."""
    try:
        page = draw()
    except NotFound:
        return show_post(request.path)
    return shown(page)
