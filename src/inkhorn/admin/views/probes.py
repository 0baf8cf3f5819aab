"""What machines ask to know whether this process lives, and whether it can answer readers; no word of either is a secret. And how it fares, told for a token."""

import hmac

from flask import Response, current_app, jsonify, request
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext as _
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from inkhorn.admin.figures import gather
from inkhorn.admin.views.room import bp
from inkhorn.core import revisions
from inkhorn.core.access import everyone, open_to
from inkhorn.core.config import config
from inkhorn.core.database import revision
from inkhorn.core.errors import NotFound
from inkhorn.core.metrics.text import CONTENT_TYPE, written
from inkhorn.core.metrics.watching import shelf_of


@open_to(everyone)
def show_health() -> Response:
    """That the process answers: nothing else is asked, so that nobody kills it because the database is away."""
    return _told("alive")


@open_to(everyone)
def show_readiness() -> Response:
    """That readers may be sent here: the database answers, in the form that this version wants."""
    try:
        stands_at = revision()
    except SQLAlchemyError:
        return _told("not ready", "The database does not answer.")
    if stands_at != revisions.head():
        return _told("not ready", "The database is of another version; run: inkhorn migrate")
    return _told("ready")


@open_to(everyone)
def show_figures() -> Response:
    """The figures of all processes of this machine, for Prometheus; whoever shows the token of the configuration is told them."""
    shelf, token = shelf_of(current_app), config().metrics_token
    if shelf is None or not token:
        raise NotFound
    shown = request.headers.get("Authorization", "")
    if not hmac.compare_digest(shown.encode(), f"Bearer {token}".encode()):
        raise Unauthorized(_("Show the token of the setting metrics_token."), www_authenticate=WWWAuthenticate("bearer"))
    answer = Response(written(gather(shelf)), content_type=CONTENT_TYPE)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _told(status: str, reason: str = "") -> Response:
    answer = jsonify({"status": status} | ({"reason": reason} if reason else {}))
    answer.status_code = 503 if reason else 200
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.record
def stand_outside_the_room(state: BlueprintSetupState) -> None:
    """Where those who ask expect them, whatever stands before the room's own addresses."""
    state.app.add_url_rule("/healthz", "admin.show_health", show_health, methods=["GET"])
    state.app.add_url_rule("/metrics", "admin.show_figures", show_figures, methods=["GET"])
    state.app.add_url_rule("/readyz", "admin.show_readiness", show_readiness, methods=["GET"])
