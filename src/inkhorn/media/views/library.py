"""The library: everything that was uploaded, found again, described, replaced and tidied up."""

from collections.abc import Callable
from typing import Any

from flask import Response, flash, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.core import desk
from inkhorn.core.access import Actor, Forbidden, holds, open_to
from inkhorn.core.config import config
from inkhorn.core.database import session, transaction
from inkhorn.core.errors import InkhornError
from inkhorn.core.forms import Form, FormRefused
from inkhorn.core.paging import page_of
from inkhorn.media import queries, services
from inkhorn.media.forms import DescribeAssetForm, MoveAssetsForm
from inkhorn.media.models import Asset, Kind
from inkhorn.media.policies import can_change_asset, can_see_library, get_asset_for
from inkhorn.media.views.room import bp, uses_told

PAGE_SIZE = 48
MOST_AT_ONCE = 200
MOST_OFFERED = 300
LONGEST_SEARCH = 200
SORTS = {"newest": _l("Newest first"), "oldest": _l("Oldest first"), "name": _l("By name"), "largest": _l("Largest first")}
# Whatever else stands in an address is not carried on.
# What Quill cuts a cover to: above its text, in a list, and as the first of the front page.
CUTS = {"cover": (16, 9), "list": (1, 1), "lead": (3, 2)}
FILTERS = ("kind", "search", "tag", "by", "used", "alt", "trash", "sort", "view", "page")
MOVES: dict[str, Callable[..., None]] = {"trash": services.trash_asset, "restore": services.restore_asset}


@bp.get("/desk/media/")
@open_to(holds("media.upload"))
def list_assets() -> Response:
    return library_page()


@bp.get("/desk/media/<int:asset_id>")
@open_to(holds("media.upload"))
def show_asset(asset_id: int) -> Response:
    return library_page(get_asset_for(g.actor, asset_id, can=can_see_library))


@bp.post("/desk/media/<int:asset_id>/describe")
@open_to(holds("media.upload"))
def describe_asset(asset_id: int) -> BaseResponse:
    form = DescribeAssetForm()
    shown = get_asset_for(g.actor, asset_id, can=can_change_asset)
    try:
        if not form.validate():
            raise FormRefused(form)
        with transaction():
            asset = get_asset_for(g.actor, asset_id, can=can_change_asset)
            services.describe_asset(
                asset,
                by=g.actor,
                filename=form.filename.data,
                alt=form.alt.data or "",
                caption=form.caption.data or "",
                focus=form.focus,
                tags=(form.tags.data or "").split(","),
                is_for_members=form.is_for_members.data,
            )
    except InkhornError as error:
        if "csrf_token" in form.errors:
            raise
        return library_page(shown, form=form, error=error)
    flash(_("Saved."), "quiet")
    return redirect(here(asset_id), 303)


@bp.post("/desk/media/move")
@open_to(holds("media.upload"))
def move_assets() -> BaseResponse:
    form = MoveAssetsForm.accepted()
    verb, numbers = MOVES.get(form.move.data or ""), (form.chosen.data or [])[:MOST_AT_ONCE]
    if verb is None or not numbers:
        flash(_("Choose some files first, then what to do with them."))
        return redirect(here(), 303)
    moved, refused = _moved(numbers, verb, g.actor)
    for sentence in dict.fromkeys(refused):
        flash(sentence, "warning")
    if moved and verb is services.trash_asset:
        undo = url_for("media.move_assets_back", numbers=".".join(map(str, moved)))
        sentence = ngettext("%(num)s file moved to the trash.", "%(num)s files moved to the trash.", len(moved))
        flash({"sentence": sentence, "undo": undo, "see": None}, "undo")  # type: ignore[arg-type]
    elif moved:
        flash(_taken_back(moved))
    return redirect(here(), 303)


@bp.post("/desk/media/restore/<string:numbers>")
@open_to(holds("media.upload"))
def move_assets_back(numbers: str) -> BaseResponse:
    """Undo a move to the trash."""
    Form.accepted()
    moved, refused = _moved(_numbers(numbers), services.restore_asset, g.actor)
    for sentence in dict.fromkeys(refused):
        flash(sentence, "warning")
    flash(_taken_back(moved))
    return redirect(here(), 303)


def _taken_back(moved: list[int]) -> str:
    return str(ngettext("%(num)s file taken back.", "%(num)s files taken back.", len(moved)))


def _moved(numbers: list[int], verb: Callable[..., None], by: Actor) -> tuple[list[int], list[str]]:
    moved, refused = [], []
    for number in numbers:
        try:
            with transaction():
                verb(get_asset_for(by, number, can=can_change_asset), by=by)
            moved.append(number)
        except (InkhornError, Forbidden) as error:
            refused.append(str(error))
    return moved, refused


def library_page(
    asset: Asset | None = None, *, form: DescribeAssetForm | None = None, error: InkhornError | None = None, problem: str = ""
) -> Response:
    """The library as the address asks for it, with a panel beside it for one upload."""
    wanted = _wanted()
    found = page_of(queries.library(wanted), number=request.args.get("page", 1, type=int), size=PAGE_SIZE, counted=True)
    counts, trashed, size_bytes = queries.library_counts()
    page = render_template(
        "media/show_asset.html" if asset else "media/list_assets.html",
        found=found,
        wanted=wanted,
        used=queries.used_among([each.id for each in found.items]),
        counts=counts,
        trashed=trashed,
        size_bytes=size_bytes,
        sorts=SORTS,
        people=session().scalars(queries.uploaders().limit(MOST_OFFERED)).unique().all(),
        tags=session().scalars(queries.all_asset_tags().limit(MOST_OFFERED)).all(),
        is_list=request.args.get("view") == "list",
        problem=problem,
        limits={"whole": config().max_upload_mb, "parts": config().max_media_mb},
        address=address,
        acting=acting,
        thumbnail_of=queries.thumbnail_of,
        Kind=Kind,
        **(_panel(asset, form, error) if asset else {}),
        **desk.desk_words(),
    )
    response = make_response(page, error.status if error else 200)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _panel(asset: Asset, form: DescribeAssetForm | None, error: InkhornError | None) -> dict[str, Any]:
    field = getattr(error, "field", None)
    told = form or DescribeAssetForm.showing(asset)
    across, down = (each.data if each.data in range(101) else 50 for each in (told.focus_across, told.focus_down))
    if form is not None and error and field in form and not form[field].errors:
        form[field].errors = [str(error)]
    return {
        "asset_shown": asset,
        "form": told,
        "cuts": {name: queries.cut_of(asset, across, down, ratio=ratio) for name, ratio in CUTS.items()},
        "may_change": can_change_asset(g.actor, asset),
        "uses": uses_told(asset, g.actor),
        "picture": queries.picture_of(asset) if asset.kind is Kind.IMAGE and asset.width else None,
    }


def _wanted() -> queries.Wanted:
    told = request.args
    kind, sort, by = told.get("kind", ""), told.get("sort", ""), told.get("by", type=int)
    return queries.Wanted(
        kind=Kind(kind) if kind in set(Kind) else None,
        search=told.get("search", "").replace("\x00", "")[:LONGEST_SEARCH],
        tag=told.get("tag", "").replace("\x00", "")[:60],
        by_id=by if by and 0 < by < 2**31 else None,
        is_unused=told.get("used") == "nowhere",
        has_no_alt=told.get("alt") == "none",
        is_trashed=told.get("trash") == "yes",
        sort=sort if sort in SORTS else "newest",
    )


def _numbers(told: str) -> list[int]:
    return [int(each) for each in told.split(".")[:MOST_AT_ONCE] if each.isascii() and each.isdigit() and len(each) < 10]


def address(asset_id: int | None = None, **changes: object) -> str:
    """The library with some of its filters changed, and the panel of one upload where one is named."""
    kept = {name: value for name, value in request.args.items() if name in FILTERS and (name != "page" or asset_id is not None)}
    wanted = {name: value for name, value in (kept | changes).items() if value not in (None, "", False)}
    if asset_id is None:
        return url_for("media.list_assets", **wanted)  # type: ignore[arg-type]
    return url_for("media.show_asset", asset_id=asset_id, **wanted)  # type: ignore[arg-type]


def here(asset_id: int | None = None) -> str:
    """Back to the list as it was filtered, which its forms carry in their own address."""
    return address(asset_id)


def acting(endpoint: str, **values: Any) -> str:
    """The address of a form that leads back to the list as it is filtered now."""
    kept: dict[str, Any] = {name: value for name, value in request.args.items() if name in FILTERS}
    return url_for(endpoint, **values, **kept)
