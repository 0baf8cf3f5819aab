"""Accepting an invitation: from the link of the letter to an account that is signed in."""

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.accounts import passwords
from inkhorn.accounts.forms.inviting import AcceptInvitationForm
from inkhorn.accounts.identity import browsers
from inkhorn.accounts.models import Invitation, User
from inkhorn.accounts.pages import InvitationPage, NoticePage
from inkhorn.accounts.policies import is_staff_role
from inkhorn.accounts.services import doors
from inkhorn.accounts.services.invitations import accepting
from inkhorn.accounts.settings import AccountSettings
from inkhorn.accounts.views.doors import let_in
from inkhorn.accounts.views.room import PASSWORD_SCRIPT, Draw, bp, fields_of, say_wrong, show_sheet
from inkhorn.core.access import everyone, open_to
from inkhorn.core.database import session, transaction
from inkhorn.core.errors import InkhornError
from inkhorn.core.settings import SiteSettings, read
from inkhorn.core.themes import Link, is_safe_address


@bp.get("/invitation/<secret>")
@open_to(everyone)
def follow_invitation(secret: str) -> BaseResponse:
    """Take the secret out of the address bar, where it could be copied or told to another site, and go on."""
    try:
        accepting.invitation_of(secret)
    except accepting.InvitationSpent as error:
        return _spent_sheet(error)
    response = redirect(url_for("accounts.show_invitation"), code=303)
    browsers.hold(response, secret)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@bp.get("/invitation")
@open_to(everyone)
def show_invitation() -> BaseResponse:
    try:
        invitation = accepting.invitation_of(browsers.held())
    except accepting.InvitationSpent as error:
        return _spent_sheet(error)
    return _sheet(invitation)(AcceptInvitationForm(name=invitation.name))


@bp.post("/invitation")
@open_to(everyone)
def accept_invitation() -> BaseResponse:
    form = AcceptInvitationForm(request.form)
    try:
        invitation = accepting.invitation_of(browsers.held())
        draw = _sheet(invitation)
        if not form.validate():
            return draw(form, 422)
        return _accept(invitation, form)
    except accepting.InvitationSpent as error:
        return _spent_sheet(error)
    except InkhornError as error:
        return say_wrong(draw, form, error)


def _accept(invitation: Invitation, form: AcceptInvitationForm) -> BaseResponse:
    secret, visit = browsers.held(), browsers.here_to_stay()
    wanted = accepting.Acceptance(name=form.name.data or "", password=form.password.data or "", accepts_terms=bool(form.terms.data))
    # Before the transaction, since a hash takes long and nobody else is to wait for it.
    password_hash = accepting.judge_acceptance(invitation, wanted)
    with transaction():
        user = accepting.accept_invitation(secret, visit, wanted, password_hash=password_hash)
        opened = doors.admit(user, visit, way="invitation")
    return let_in(opened, wanted=None, is_remembered=False)


def _sheet(invitation: Invitation) -> Draw:
    title, tuned = read(SiteSettings).title, read(AccountSettings)
    inviter = session().get(User, invitation.invited_by_id) if invitation.invited_by_id else None
    least = passwords.LEAST_FOR_STAFF if is_staff_role(accepting.role_of(invitation)) else passwords.LEAST_FOR_READERS
    read_them = Link(_("Read them"), tuned.terms_address) if is_safe_address(tuned.terms_address) else None
    hint = _("At least %(number)s characters; a few words in a row are good.", number=least)
    marks = {
        "email": {"kind": "email", "autocomplete": "username", "is_fixed": True},
        "name": {"autocomplete": "name", "hint": _("As readers should see it.")},
        "password": {"kind": "password", "autocomplete": "new-password", "hint": hint},
        **({"terms": {"kind": "tick", "aside": read_them}} if tuned.terms_address else {}),
    }

    def draw(form: AcceptInvitationForm, status: int = 200, *, error: str = "") -> BaseResponse:
        form.email.data = invitation.email
        return show_sheet(
            InvitationPage,
            status=status,
            title=_("Join %(site)s", site=title),
            name="invitation",
            lead=_lead(invitation, inviter),
            inviter=inviter.name if inviter else "",
            message=invitation.message,
            error=error,
            form_action=url_for("accounts.accept_invitation"),
            fields=fields_of(form, **marks),
            submit=_("Accept and sign in"),
            links=(Link(_("Sign in"), url_for("accounts.sign_in"), note=_("Have an account?")),),
            scripts=(PASSWORD_SCRIPT,),
        )

    return draw


def _lead(invitation: Invitation, inviter: User | None) -> str:
    role, author = accepting.role_of(invitation), session().get(User, invitation.author_id) if invitation.author_id else None
    asked = _("%(name)s asks you to join as %(role)s.", name=inviter.name, role=role.name) if inviter else ""
    kept = _("What stands here under the name of %(name)s becomes yours.", name=author.name) if author else ""
    return " ".join(part for part in (asked or _("You are asked to join as %(role)s.", role=role.name), role.description, kept) if part)


def _spent_sheet(error: accepting.InvitationSpent) -> BaseResponse:
    """What is shown where an invitation opens nothing any more: why, and where to go."""
    return show_sheet(
        NoticePage,
        status=error.status,
        title=_("That invitation has ended"),
        name="spent",
        lead=str(error),
        links=(Link(_("Sign in"), url_for("accounts.sign_in"), note=_("Have an account?")),),
    )
