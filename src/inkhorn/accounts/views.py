"""Setting the site up, signing in and signing out."""

from typing import Any

from babel import Locale, UnknownLocaleError
from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.accounts.forms import SetupForm, SignInForm
from inkhorn.accounts.identity import sessions
from inkhorn.accounts.models import User
from inkhorn.accounts.pages import SignInPage
from inkhorn.accounts.services import doors, setup
from inkhorn.accounts.services.sessions import open_session
from inkhorn.core.access import everyone, open_to, signed_in
from inkhorn.core.database import transaction
from inkhorn.core.errors import InkhornError, Invalid
from inkhorn.core.forms import Form
from inkhorn.core.headers import refuse_foreign_origin
from inkhorn.core.links import own_path
from inkhorn.core.themes import Meta, render_page
from inkhorn.core.zones import known_zone

bp = Blueprint("accounts", __name__, template_folder="templates")


@bp.route("/sign-in", methods=["GET", "POST"])
@open_to(everyone)
def sign_in() -> BaseResponse:
    if request.method == "POST":
        return _answer_sign_in(SignInForm(request.form))
    wanted = own_path(request.args.get("next"))
    if g.actor.is_signed_in:
        return redirect(wanted or url_for("posts.show_desk"), code=303)
    return _sign_in_page(next=wanted, reason=_("Sign in to go on.") if wanted else None)


@bp.post("/sign-out")
@open_to(signed_in)
def sign_out() -> BaseResponse:
    Form.accepted()
    with transaction():
        doors.sign_out(g.session_id, by=g.actor)
    response = redirect("/", code=303)
    sessions.forget(response)
    g.session = None
    return response


@bp.get("/setup/<token>")
@open_to(everyone)
def set_up(token: str) -> BaseResponse:
    setup.refuse_closed_link(token)
    return _setup_page(SetupForm(language=_guessed_language()), token)


@bp.post("/setup/<token>")
@open_to(everyone)
def claim_setup(token: str) -> BaseResponse:
    refuse_foreign_origin()
    setup.refuse_closed_link(token)
    form = SetupForm(request.form)
    if not form.validate():
        return _setup_page(form, token, 422)
    try:
        session_token = _claim(form, token)
    except Invalid as error:
        field = next((each for each in form if each.name == error.field), form.email)
        field.errors = [*field.errors, str(error)]
        return _setup_page(form, token, 422)
    response = redirect(url_for("posts.write_post"), code=303)
    sessions.remember(response, session_token, is_remembered=False)
    return response


def _answer_sign_in(form: SignInForm) -> BaseResponse:
    refuse_foreign_origin()
    wanted = own_path(form.next.data)
    typed = {"email": form.email.data or "", "next": wanted, "is_remembering": form.is_remembered.data}
    if not form.validate():
        return _sign_in_page(422, error=str(next(iter(form.errors.values()))[0]), **typed)
    try:
        user, token = _try_door(form)
    except InkhornError as error:
        page = _sign_in_page(error.status, error=str(error), **typed)
        if isinstance(error, doors.TooManyTries):
            page.headers["Retry-After"] = str(error.retry_after_seconds)
        return page
    response = redirect(wanted or (url_for("posts.show_desk") if user.holds("posts.write") else "/"), code=303)
    sessions.remember(response, token, is_remembered=form.is_remembered.data)
    return response


def _try_door(form: SignInForm) -> tuple[User, str]:
    email, address = form.email.data or "", request.remote_addr
    with transaction():
        tries_left = doors.count_try(email=email, address=address)
    # Between the two, since a hash takes long and nobody else is to wait for it.
    user_id = doors.check_password(email=email, password=form.password.data or "")
    with transaction():
        opened = _open_door(form, user_id) if user_id is not None else None
        if opened is None:
            doors.note_refusal(email=email, address=address)
    if opened is None:
        raise doors.WrongPassword(tries_left)
    return opened


def _open_door(form: SignInForm, user_id: int) -> tuple[User, str] | None:
    opened = doors.sign_in(
        user_id,
        password=form.password.data or "",
        address=request.remote_addr,
        device=request.user_agent.string,
        is_remembered=form.is_remembered.data,
    )
    if opened is not None and g.session_id is not None:
        doors.sign_out(g.session_id, by=g.actor)
    return opened


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
        return open_session(user, address=request.remote_addr, device=request.user_agent.string)


def _sign_in_page(status: int = 200, **fields: Any) -> Response:
    page = SignInPage(form_action=url_for("accounts.sign_in"), meta=Meta(title=_("Sign in")), **fields)
    response = render_page(page, status)
    response.headers["Cache-Control"] = "no-store"
    return response


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
