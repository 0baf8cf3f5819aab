"""The desk's first page and its lists of posts and pages."""

from datetime import datetime

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.accounts.policies import is_asked_for_second_factor
from inkhorn.accounts.queries import writers
from inkhorn.core import desk
from inkhorn.core.access import Forbidden, holds, open_to
from inkhorn.core.database import session, transaction
from inkhorn.core.errors import InkhornError
from inkhorn.core.links import own_path
from inkhorn.core.paging import page_of
from inkhorn.posts import queries
from inkhorn.posts.forms import MovePostsForm
from inkhorn.posts.models import Post, PostKind, Status
from inkhorn.posts.policies import get_post_for
from inkhorn.posts.views.moves import MOVES
from inkhorn.posts.views.room import bp

PAGE_SIZE = 25
SORTS = {"changed": _l("Last changed"), "published": _l("Date"), "title": _l("Title")}
# Whatever else stands in an address is not carried on: some words mean something to whoever builds one.
FILTERS = ("status", "search", "author_id", "tag_id", "sort")
MOST_AT_ONCE = 200
MOST_OFFERED = 500


@bp.get("/")
@open_to(holds("posts.write"))
def show_desk() -> str:
    shown = queries.with_card()
    drafts = queries.desk_posts(g.actor, status=Status.DRAFT).options(*shown).limit(6)
    scheduled = queries.desk_posts(g.actor, status=Status.SCHEDULED).options(*shown).limit(6)
    published = queries.desk_posts(g.actor, status=Status.PUBLISHED, sort="published").options(*shown).limit(5)
    return render_template(
        "posts/show_desk.html",
        drafts=session().scalars(drafts).unique().all(),
        scheduled=session().scalars(scheduled).unique().all(),
        published=session().scalars(published).unique().all(),
        counts=queries.status_counts(g.actor),
        asks_for_factor=is_asked_for_second_factor(g.actor.user),
        **desk_words(),
    )


@bp.get("/posts/")
@open_to(holds("posts.write"))
def list_posts() -> str:
    return _list(PostKind.POST)


@bp.get("/pages/")
@open_to(holds("posts.write"))
def list_pages() -> str:
    return _list(PostKind.PAGE)


@bp.post("/posts/move")
@open_to(holds("posts.write"))
def move_posts() -> BaseResponse:
    form = MovePostsForm.accepted()
    move = MOVES.get(form.move.data)
    back = request.referrer if _is_ours(request.referrer) else url_for("posts.list_posts")
    if move is None or not form.chosen.data:
        flash(_("Choose some posts first, then what to do with them."))
        return redirect(back or "/", code=303)
    moved, refused = 0, []
    for post_id in form.chosen.data[:MOST_AT_ONCE]:
        try:
            with transaction():
                move.verb(get_post_for(g.actor, post_id, can=move.policy), by=g.actor)
            moved += 1
        except (InkhornError, Forbidden) as error:
            refused.append(str(error))
    flash(_("%(number)s done: %(word)s.", number=moved, word=move.done))
    for sentence in dict.fromkeys(refused):
        flash(sentence, "warning")
    return redirect(back or "/", code=303)


def desk_words() -> dict[str, object]:
    """What every page of posts at the desk is drawn with."""
    return {**desk.desk_words(), "Status": Status}


def is_late(post: Post, now: datetime) -> bool:
    return post.status is Status.SCHEDULED and post.release_at is not None and post.release_at < now


def _list(kind: PostKind) -> str:
    chosen, counts = _chosen(), queries.status_counts(g.actor, kind)
    listed = queries.desk_posts(g.actor, kind=kind, **chosen).options(*queries.with_card())  # type: ignore[arg-type]
    found = page_of(listed, number=request.args.get("page", 1, type=int), size=PAGE_SIZE, counted=True, total=_total(counts, chosen))
    return render_template(
        "posts/list_posts.html" if kind is PostKind.POST else "posts/list_pages.html",
        kind=kind,
        found=found,
        chosen=chosen,
        counts=counts,
        authors=session().scalars(writers().limit(MOST_OFFERED)).all(),
        tags=session().scalars(queries.all_tags().limit(MOST_OFFERED)).all(),
        sorts=SORTS,
        is_late=is_late,
        address=_address,
        **desk_words(),
    )


def _total(counts: dict[Status, int], chosen: dict[str, object]) -> int | None:
    """How long the list is, where its states tell; None where it is narrowed by more."""
    if chosen["search"] or chosen["author_id"] or chosen["tag_id"]:
        return None
    return sum(counts[state] for state in Status if (state is chosen["status"] if chosen["status"] else state is not Status.TRASHED))


def _chosen() -> dict[str, object]:
    status = request.args.get("status", "")
    sort = request.args.get("sort", "changed")
    return {
        "status": Status(status) if status in set(Status) else None,
        "search": request.args.get("search", "").replace("\x00", "")[:200],
        "author_id": _number("author_id"),
        "tag_id": _number("tag_id"),
        "sort": sort if sort in SORTS else "changed",
    }


def _number(name: str) -> int | None:
    value = request.args.get(name, type=int)
    return value if value and 0 < value < 2**31 else None


def _address(**changes: object) -> str:
    """This list with some of its filters changed; the page begins anew unless it is what changes."""
    kept = {name: value for name, value in request.args.items() if name in FILTERS}
    wanted = {name: value for name, value in (kept | changes).items() if value not in (None, "")}
    return url_for(request.endpoint or "posts.list_posts", **wanted)  # type: ignore[arg-type]


def _is_ours(address: str | None) -> bool:
    site = request.host_url.rstrip("/")
    return bool(address and address.startswith(f"{site}/") and own_path(address.removeprefix(site)))
