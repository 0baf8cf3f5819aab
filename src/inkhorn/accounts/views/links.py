"""Links from letters: looked at by GET, which uses nothing up, and acted on by the page they lead to."""

from flask import redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.accounts.identity import browsers
from inkhorn.accounts.models import Purpose, User
from inkhorn.accounts.pages import NoticePage
from inkhorn.accounts.services.doors import AccountClosing
from inkhorn.accounts.services.tokens import LinkSpent, issue_token, token_of
from inkhorn.accounts.views.room import bp, show_sheet
from inkhorn.core.access import everyone, open_to
from inkhorn.core.database import session, transaction
from inkhorn.core.themes import Link

# Where each kind of link is acted on.
PAGES = {
    Purpose.CONFIRM: "accounts.show_confirmation",
    Purpose.RESET: "accounts.show_new_password",
    Purpose.LINK: "accounts.show_link",
    Purpose.NEW_EMAIL: "accounts.show_new_email",
    Purpose.OLD_EMAIL: "accounts.show_new_email",
    Purpose.REOPEN: "accounts.show_reopening",
}


@bp.get("/link/<secret>")
@open_to(everyone)
def follow_link(secret: str) -> BaseResponse:
    """Take the secret out of the address bar, where it could be copied or told to another site, and go on."""
    try:
        token = token_of(secret, *PAGES)
    except LinkSpent as error:
        return spent_sheet(error)
    response = redirect(url_for(PAGES[token.purpose]), code=303)
    browsers.hold(response, secret)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@bp.app_errorhandler(AccountClosing)
def lead_to_reopening(error: AccountClosing) -> BaseResponse:
    """Where somebody goes on who has proved who they are, whichever way, and whose account is being closed: it can be kept."""
    with transaction():
        user = session().get_one(User, error.user_id)
        issued = issue_token(Purpose.REOPEN, user=user)
        issued.row.expires_at = user.closes_at or issued.row.expires_at
    response = redirect(url_for(PAGES[Purpose.REOPEN]), code=303)
    browsers.hold(response, issued.secret)
    return response


def spent_sheet(error: LinkSpent) -> BaseResponse:
    """What is shown where a link or code is worth nothing any more: why, and where a new one is to be had."""
    return show_sheet(
        NoticePage,
        status=error.status,
        title=_("That link has ended"),
        name="spent",
        lead=str(error),
        links=(
            Link(_("Sign in"), url_for("accounts.sign_in")),
            Link(_("Ask for a new password"), url_for("accounts.forgot_password")),
        ),
    )
