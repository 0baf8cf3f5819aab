"""Signing in by address or username and password, and signing out."""

from flask import g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.accounts.forms.doors import SignInForm
from inkhorn.accounts.identity import browsers, passkeys, sessions
from inkhorn.accounts.models import Registration, User
from inkhorn.accounts.pages import SignInPage, Way
from inkhorn.accounts.services import doors, registering
from inkhorn.accounts.services.doors import Admitted, Found, Halfway
from inkhorn.accounts.settings import AccountSettings
from inkhorn.accounts.views.room import PASSKEY_SCRIPT, bp, fields_of, hidden, provider_ways, show_sheet, token_of_form
from inkhorn.core import settings
from inkhorn.core.access import everyone, open_to, signed_in
from inkhorn.core.database import session, transaction
from inkhorn.core.errors import InkhornError
from inkhorn.core.forms import Form
from inkhorn.core.limits import TooMany
from inkhorn.core.links import own_path
from inkhorn.core.themes import Link


@bp.get("/sign-in")
@open_to(everyone)
def sign_in() -> BaseResponse:
    wanted = own_path(request.args.get("next"))
    if g.actor.is_signed_in:
        return redirect(wanted or home_of(g.actor.user), code=303)
    return sign_in_sheet(SignInForm(next=wanted), lead=_("Sign in to go on.") if wanted else "")


@bp.post("/sign-in")
@open_to(everyone)
def try_sign_in() -> BaseResponse:
    form = SignInForm(request.form)
    if not form.validate():
        return sign_in_sheet(form, 422)
    visit, login = browsers.here(), form.email.data or ""
    try:
        counted = doors.count_try(login, visit)
        # Outside any transaction, since a hash takes long and nobody else is to wait for it.
        found = doors.check_password(login, form.password.data or "")
        if found is None:
            raise doors.WrongPassword(counted.left)
        if found.kind == "registration":
            # Nothing is forgiven: whoever asked with somebody else's address would get new tries at that account.
            return _lead_to_confirmation(found.id)
        doors.forgive_try(counted)
        opened = _open_door(found, form)
    except InkhornError as error:
        with transaction():
            doors.note_refusal(login, visit, error)
        return _refused(form, error)
    return let_in(opened, wanted=own_path(form.next.data), is_remembered=bool(form.is_remembered.data))


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


def let_in(opened: Admitted | Halfway, *, wanted: str | None, is_remembered: bool) -> BaseResponse:
    """What a browser is answered that got past a first proof: in it goes, or on to the second."""
    if isinstance(opened, Halfway):
        response = redirect(url_for("accounts.show_second_factor", next=wanted), code=303)
        browsers.hold(response, opened.secret)
        return response
    if g.session_id is not None:
        # Whoever signs in again in the same browser leaves the session before.
        with transaction():
            doors.sign_out(g.session_id, by=g.actor)
    response = redirect(wanted or home_of(opened.user), code=303)
    sessions.remember(response, opened.token, is_remembered=is_remembered)
    browsers.let_go(response)
    return response


def home_of(user: User) -> str:
    """Where somebody finds themselves after signing in who wanted nowhere else."""
    return url_for("posts.show_desk") if user.holds("desk.open") else "/"


def sign_in_sheet(form: SignInForm, status: int = 200, *, error: str = "", lead: str = "") -> BaseResponse:
    tuned, wanted = settings.read(AccountSettings), own_path(form.next.data)
    by_mail = Way(
        label=_("Send me a link by e-mail"), address=url_for("accounts.ask_for_link"), kind="mail", hidden=hidden([("next", wanted)])
    )
    return show_sheet(
        SignInPage,
        status=status,
        title=_("Sign in"),
        name="sign_in",
        lead=lead or _("To write, and to look after what is written here."),
        error=error,
        form_action=url_for("accounts.try_sign_in"),
        hidden=(*token_of_form(), *hidden([("next", wanted)])),
        fields=fields_of(
            form,
            email={"kind": "text", "label": _("E-mail address or username"), "autocomplete": "username"},
            password={
                "kind": "password",
                "autocomplete": "current-password",
                "aside": Link(_("Forgotten it?"), url_for("accounts.forgot_password")),
            },
            is_remembered={"kind": "tick"},
        ),
        submit=_("Sign in"),
        ways=(
            *passkey_way(_("Sign in with a passkey"), "accounts.sign_in_by_passkey", wanted),
            *((by_mail,) if tuned.links_by_mail else ()),
            *provider_ways(wanted),
        ),
        links=(Link(_("Join"), url_for("accounts.join"), note=_("No account yet?")),) if tuned.registration == "open" else (),
        scripts=(PASSKEY_SCRIPT,),
    )


def passkey_way(label: str, endpoint: str, wanted: str | None) -> tuple[Way, ...]:
    """The button for passkeys, whose options stand at /options below its address; none where the site has no name to bind them to."""
    if passkeys.party() is None:
        return ()
    return (Way(label=label, address=url_for(endpoint), kind="passkey", hidden=hidden([("next", wanted)])),)


def _open_door(found: Found, form: SignInForm) -> Admitted | Halfway:
    visit = browsers.here_to_stay()
    newer = doors.newer_hash(found, form.password.data or "")
    with transaction():
        user = session().get(User, found.id, populate_existing=True)
        if user is None:
            raise doors.AccountSuspended
        doors.keep_newer_hash(user, found, newer)
        return doors.admit(user, visit, way="password", is_remembered=bool(form.is_remembered.data), wanted=own_path(form.next.data))


def _lead_to_confirmation(registration_id: int) -> BaseResponse:
    """Somebody who has yet to confirm and knows the password may confirm here, or ask for another letter."""
    visit = browsers.here_to_stay()
    with transaction():
        waiting = session().get(Registration, registration_id)
        if waiting is not None and visit.browser is not None:
            registering.go_on_in(waiting, visit.browser)
    return redirect(url_for("accounts.show_confirmation"), code=303)


def _refused(form: SignInForm, error: InkhornError) -> BaseResponse:
    page = sign_in_sheet(form, error.status, error=str(error))
    if isinstance(error, TooMany):
        page.headers["Retry-After"] = str(error.retry_after_seconds)
    return page
