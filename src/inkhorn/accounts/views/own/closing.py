"""One's data and the end of one's account: asked for, and undone by link or by signing in."""

from flask import Response, g, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.accounts.events import belongings_counted
from inkhorn.accounts.forms.account import CloseAccountForm
from inkhorn.accounts.identity import browsers, sessions
from inkhorn.accounts.identity.freshness import fresh
from inkhorn.accounts.models import OneTimeToken, Purpose, User
from inkhorn.accounts.pages import NoticePage
from inkhorn.accounts.policies import get_user_for
from inkhorn.accounts.queries import heirs
from inkhorn.accounts.services import closing, people, tokens
from inkhorn.accounts.views.links import spent_sheet
from inkhorn.accounts.views.own.account import own_page
from inkhorn.accounts.views.room import bp, show_sheet, token_of_form
from inkhorn.core.access import everyone, open_to, signed_in
from inkhorn.core.database import session, transaction
from inkhorn.core.errors import Invalid
from inkhorn.core.themes import Link

MOST_OFFERED = 500


@bp.get("/account/data")
@open_to(signed_in)
def show_own_data() -> Response:
    return own_page("accounts/show_own_data.html", is_owner=_is_owner())


# Whoever finds a browser open must not close the account in it.
@bp.get("/account/close")
@open_to(signed_in)
@fresh
def show_closing() -> BaseResponse:
    if _is_owner():
        return redirect(url_for("accounts.show_own_data"), code=303)
    return _closing_page(CloseAccountForm(formdata=None))


@bp.post("/account/close")
@open_to(signed_in)
@fresh
def close_account() -> BaseResponse:
    form = CloseAccountForm.accepted()
    heir_id = _heir_of(form)
    try:
        with transaction():
            closing.close_account(get_user_for(g.actor, g.actor.id), heir_id=heir_id, by=g.actor)
    except Invalid as error:
        form.heir_id.errors = [str(error)]
        return _closing_page(form, error.status)
    response = redirect(url_for("accounts.show_closed"), code=303)
    sessions.forget(response)
    g.session = None
    return response


@bp.get("/account/closed")
@open_to(everyone)
def show_closed() -> Response:
    return show_sheet(
        NoticePage,
        title=_("Your account is closed"),
        name="closed",
        lead=_("You have fourteen days to change your mind: follow the link in the letter that is on its way to you, or sign in as usual."),
        links=(Link(_("To the front page"), "/"),),
    )


@bp.get("/account/reopen")
@open_to(everyone)
def show_reopening() -> BaseResponse:
    try:
        user = _closing_user(tokens.token_of(browsers.held(), Purpose.REOPEN))
    except tokens.LinkSpent as error:
        return spent_sheet(error)
    return show_sheet(
        NoticePage,
        title=_("Keep your account?"),
        name="reopening",
        lead=_("The account of %(name)s is closed and ends on %(day)s.", name=user.name, day=people.last_day(user)),
        form_action=url_for("accounts.reopen_account"),
        hidden=token_of_form(),
        submit=_("Keep my account"),
    )


@bp.post("/account/reopen")
@open_to(everyone)
def reopen_account() -> BaseResponse:
    try:
        with transaction():
            closing.reopen_account(tokens.token_of(browsers.held(), Purpose.REOPEN), browsers.here())
    except tokens.LinkSpent as error:
        return spent_sheet(error)
    page = show_sheet(
        NoticePage,
        title=_("Your account is open again"),
        name="reopened",
        lead=_("Nothing is lost. Sign in as you always did."),
        links=(Link(_("Sign in"), url_for("accounts.sign_in")),),
    )
    browsers.let_go(page)
    return page


def _closing_page(form: CloseAccountForm, status: int = 200) -> Response:
    user = get_user_for(g.actor, g.actor.id)
    kept = [answer for _room, answer in belongings_counted.send(user) if answer and answer.number]
    form.heir_id.choices = [(heir.id, heir.name) for heir in session().scalars(heirs(user).limit(MOST_OFFERED))] if kept else []
    words = [each.words for each in sorted(kept, key=lambda each: -each.number)]
    return own_page("accounts/show_closing.html", status, here="accounts.show_own_data", form=form, belongings=words)


def _heir_of(form: CloseAccountForm) -> int | None:
    """Whom everything goes to; 0, which nobody is, where somebody was to be chosen and was not."""
    has_something = any(answer and answer.number for _room, answer in belongings_counted.send(g.actor.user))
    if not has_something or form.becomes.data == "nothing":
        return None
    return form.heir_id.data or 0


def _is_owner() -> bool:
    role = g.actor.user.role
    return role is not None and role.name == "owner"


def _closing_user(token: OneTimeToken) -> User:
    if token.user is None or token.user.closes_at is None:
        raise tokens.LinkSpent(_("This account is not being closed any more."))
    return token.user
