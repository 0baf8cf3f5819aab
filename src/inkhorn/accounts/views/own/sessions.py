"""Where one is signed in: listed, and ended one by one or all but this, once one has proved that it is oneself."""

from flask import Response, flash, g, redirect, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.accounts.identity.freshness import fresh
from inkhorn.accounts.policies import get_user_for
from inkhorn.accounts.queries import sessions_and_places
from inkhorn.accounts.services import sessions
from inkhorn.accounts.views.own.account import own_page
from inkhorn.accounts.views.room import bp
from inkhorn.core.access import open_to, signed_in
from inkhorn.core.database import session, transaction
from inkhorn.core.devices import device_of
from inkhorn.core.forms import Form

# Whoever has more browsers than this ends the others all at once.
MOST_SHOWN = 100


@bp.get("/account/sessions")
@open_to(signed_in)
def list_sessions() -> Response:
    kept = session().execute(sessions_and_places(get_user_for(g.actor, g.actor.id), g.session_id).limit(MOST_SHOWN))
    opened = [row for row in kept if sessions.is_live(row.Session)]
    return own_page("accounts/list_sessions.html", opened=opened, device_of=device_of)


# Whoever took a cookie must not lock out whom they took it from (ASVS 7.5.2).
@bp.post("/account/sessions/<int:session_id>/end")
@open_to(signed_in)
@fresh
def end_own_session(session_id: int) -> BaseResponse:
    Form.accepted()
    with transaction():
        sessions.end_own_session(get_user_for(g.actor, g.actor.id), session_id, by=g.actor)
    flash(_("That browser is signed out."))
    return redirect(url_for("accounts.list_sessions"), code=303)


@bp.post("/account/sessions/end-others")
@open_to(signed_in)
@fresh
def end_other_sessions() -> BaseResponse:
    Form.accepted()
    with transaction():
        ended = sessions.end_other_sessions(get_user_for(g.actor, g.actor.id), this=g.session_id, by=g.actor)
    flash(ngettext("%(num)d other browser is signed out.", "%(num)d other browsers are signed out.", ended))
    return redirect(url_for("accounts.list_sessions"), code=303)
