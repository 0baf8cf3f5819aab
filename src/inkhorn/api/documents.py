"""The description of each version: as programs read it, and as a page on which it can be tried."""

import json
from typing import Any

from flask import Blueprint, Flask, Response, current_app, render_template, request
from flask_babel import gettext as _

from inkhorn.api.answers import caching
from inkhorn.api.asking import BadQuestion, refuse_unknown, single_values
from inkhorn.api.reference import by_tag, operations
from inkhorn.api.room import DESCRIPTIONS, Description, Surface
from inkhorn.core import settings
from inkhorn.core.access import everyone, open_to

bp = Blueprint("api", __name__, url_prefix="/api", template_folder="templates")


def description_of(app: Flask, version: str) -> dict[str, Any]:
    """The OpenAPI document of a version."""
    described: Description = app.extensions[DESCRIPTIONS][version]
    return described.read()


def add_description(surface: Surface) -> None:
    """Serve the version's description beside its operations, which it does not describe itself."""

    @open_to(everyone)
    def describe() -> Response:
        told = json.dumps(description_of(current_app, surface.version), ensure_ascii=False, separators=(",", ":"))
        response = Response(told, content_type="application/json")
        response.headers["Cache-Control"] = "public, max-age=300"
        response.add_etag()
        response.make_conditional(request)
        return response

    surface.record(lambda state: state.add_url_rule("/openapi.json", endpoint="describe", view_func=describe, methods=["GET"]))


@bp.get("/docs")
@open_to(everyone)
def show_docs() -> Response:
    """The page: a list of operations without scripts, to be tried with them."""
    given = single_values()
    refuse_unknown(given, {"version"})
    versions = list(current_app.extensions[DESCRIPTIONS])
    version = given.get("version", versions[0])
    if version not in versions:
        raise BadQuestion("version", f"There is no such version; there are {', '.join(versions)}.")
    page = render_template(
        "api/show_docs.html",
        version=version,
        versions=versions,
        groups=by_tag(operations(description_of(current_app, version))),
        site=settings.read(settings.SiteSettings),
        notice="" if version == versions[0] else _("A preview: it may change until it is finished."),
    )
    response = Response(page, content_type="text/html; charset=utf-8")
    response.headers["Cache-Control"] = caching()
    return response
