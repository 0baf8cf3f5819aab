"""Agreeing to a change of address: either mailbox does, by the link of the letter that it was sent."""

from flask import g, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse
from wtforms import Form

from inkhorn.accounts.identity import browsers
from inkhorn.accounts.models import OneTimeToken, Purpose
from inkhorn.accounts.pages import ConfirmPage, NoticePage
from inkhorn.accounts.services import credentials, tokens
from inkhorn.accounts.views.links import spent_sheet
from inkhorn.accounts.views.room import Draw, bp, say_wrong, show_sheet, token_of_form
from inkhorn.core.access import everyone, open_to
from inkhorn.core.database import transaction
from inkhorn.core.errors import InkhornError
from inkhorn.core.themes import Link


@bp.get("/new-address")
@open_to(everyone)
def show_new_email() -> BaseResponse:
    try:
        token = tokens.token_of(browsers.held(), Purpose.NEW_EMAIL, Purpose.OLD_EMAIL)
    except tokens.LinkSpent as error:
        return spent_sheet(error)
    return _new_email_sheet(token)(Form())


@bp.post("/new-address")
@open_to(everyone)
def confirm_new_email() -> BaseResponse:
    try:
        token = tokens.token_of(browsers.held(), Purpose.NEW_EMAIL, Purpose.OLD_EMAIL)
        with transaction():
            is_changed = credentials.confirm_new_email(token, by=g.actor)
    except tokens.LinkSpent as error:
        return spent_sheet(error)
    except InkhornError as error:
        return say_wrong(_new_email_sheet(token), Form(), error)
    done = _("The address is changed.") if is_changed else _("Agreed. Now follow the link in the other letter, and the change is made.")
    account = Link(_("Your account"), url_for("accounts.show_sign_in_ways"))
    response = show_sheet(NoticePage, title=_("Change of address"), name="new_email_agreed", lead=done, links=(account,))
    browsers.let_go(response)
    return response


def _new_email_sheet(token: OneTimeToken) -> Draw:
    def draw(_form: Form, status: int = 200, *, error: str = "") -> BaseResponse:
        return show_sheet(
            ConfirmPage,
            status=status,
            title=_("Change of address"),
            name="new_email",
            lead=_("Shall %(email)s be the address of this account?", email=token.email),
            error=error,
            form_action=url_for("accounts.confirm_new_email"),
            hidden=token_of_form(),
            submit=_("Yes, change it"),
        )

    return draw
