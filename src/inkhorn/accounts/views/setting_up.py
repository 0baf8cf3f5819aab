"""The first run: one page that makes the owner and names the site."""

from babel import Locale, UnknownLocaleError
from flask import Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.accounts.forms.doors import SetupForm
from inkhorn.accounts.identity import browsers, sessions
from inkhorn.accounts.services import setup
from inkhorn.accounts.services.sessions import open_session
from inkhorn.accounts.views.room import bp
from inkhorn.core.access import everyone, open_to
from inkhorn.core.database import transaction
from inkhorn.core.errors import InkhornError
from inkhorn.core.zones import known_zone


@bp.get("/setup/<token>")
@open_to(everyone)
def set_up(token: str) -> BaseResponse:
    setup.refuse_closed_link(token)
    return _setup_page(SetupForm(language=_guessed_language()), token)


@bp.post("/setup/<token>")
@open_to(everyone)
def claim_setup(token: str) -> BaseResponse:
    setup.refuse_closed_link(token)
    form = SetupForm(request.form)
    if not form.validate():
        return _setup_page(form, token, 422)
    try:
        session_token = _claim(form, token)
    except setup.SetupClosed:
        raise
    except InkhornError as error:
        field = next((each for each in form if each.name == getattr(error, "field", None)), form.email)
        field.errors = [*field.errors, str(error)]
        return _setup_page(form, token, error.status)
    response = redirect(url_for("posts.write_post"), code=303)
    sessions.remember(response, session_token, is_remembered=False)
    return response


def _claim(form: SetupForm, token: str) -> str:
    with transaction():
        user = setup.claim_setup(
            token,
            email=form.email.data,
            name=form.name.data,
            password=form.password.data,
            site_title=form.site_title.data,
            language=_known_language(form.language.data),
            timezone=known_zone(form.timezone.data),
        )
        return open_session(user, browsers.here_to_stay(), way="setup")


def _setup_page(form: SetupForm, token: str, status: int = 200) -> Response:
    response = Response(render_template("accounts/set_up.html", form=form, token=token), status=status)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def _guessed_language() -> str:
    return _known_language(request.accept_languages.best or "en")


def _known_language(tag: str | None) -> str:
    try:
        return str(Locale.parse(tag or "en", sep="-")).replace("_", "-")
    except (ValueError, UnknownLocaleError, TypeError):
        return "en"
