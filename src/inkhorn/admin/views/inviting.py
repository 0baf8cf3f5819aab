"""Invitations: sent to one, many or a file, as an imported author, sent again, taken back."""

from collections.abc import Callable
from functools import wraps

from flask import flash, g, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.accounts.forms.inviting import InviteAuthorForm, InvitePeopleForm
from inkhorn.accounts.forms.people import MoveForm, MoveManyForm
from inkhorn.accounts.models import Invitation, Role
from inkhorn.accounts.policies import can_give_role, get_invitation_for, get_user_for
from inkhorn.accounts.queries import roles
from inkhorn.accounts.services.invitations import inviting
from inkhorn.accounts.services.sessions import is_fresh
from inkhorn.admin.views.moving import MOST_AT_ONCE
from inkhorn.admin.views.people import invitations_page, person_page, team_page, where_from
from inkhorn.admin.views.room import bp, fresh
from inkhorn.core.access import Forbidden, holds, open_to
from inkhorn.core.database import session, transaction
from inkhorn.core.errors import InkhornError, Invalid

VERBS: dict[str, Callable[..., None]] = {"renew": inviting.renew_invitation, "withdraw": inviting.withdraw_invitation}


def file_in_words(view: Callable[[], BaseResponse]) -> Callable[[], BaseResponse]:
    """Take a file for typed lines where a proof is asked for first: the page that asks carries words and no file."""

    @wraps(view)
    def reading() -> BaseResponse:
        if is_fresh(g.session) or not request.files.get("file"):
            return view()
        form = InvitePeopleForm()
        _offer_roles(form)
        try:
            emails = form.all_in_words()
        except Invalid as error:
            return _refused(form, error)
        request.form = ImmutableMultiDict(
            [*((name, told) for name, told in request.form.items(multi=True) if name != "emails"), ("emails", emails)]
        )
        return view()

    return reading


@bp.post("/people/invite")
@open_to(holds("people.manage"))
@file_in_words
@fresh
def invite_many() -> BaseResponse:
    form = InvitePeopleForm()
    _offer_roles(form)
    page = _list_beside()
    if not form.validate():
        return page(form, 422)
    try:
        judged = inviting.judge_list(form.lines(), role=form.role.data, by=g.actor)
    except Invalid as error:
        return _refused(form, error)
    with transaction():
        sent = inviting.invite_many(judged, message=form.message.data or "", by=g.actor)
    if not sent.refused:
        flash(_told(sent))
        return redirect(where_from(url_for("admin.list_invitations")), code=303)
    # Only what did not go out stays in the field, so that it can be mended and sent.
    form.emails.data = "\n".join(each.line.text for each in sent.refused)
    return page(form, 422, sent=sent, told=_told(sent))


@bp.post("/people/<int:user_id>/invite")
@open_to(holds("people.manage"))
@fresh
def invite_person(user_id: int) -> BaseResponse:
    form = InviteAuthorForm()
    _offer_roles(form)
    author = get_user_for(g.actor, user_id)
    if not form.validate():
        return person_page(author, form, 422)
    try:
        inviting.count_letter(form.email.data or "", by=g.actor)
        with transaction():
            inviting.invite_person(author=get_user_for(g.actor, user_id), by=g.actor, **form.offered())
    except InkhornError as error:
        named = form.message if getattr(error, "field", None) == "message" else form.email
        named.errors = [str(error)]
        return person_page(get_user_for(g.actor, user_id), form, error.status)
    flash(_("A letter is on its way to %(email)s.", email=form.email.data))
    return redirect(url_for("admin.show_person", user_id=user_id), code=303)


@bp.post("/people/invitations/<int:invitation_id>/renew")
@open_to(holds("people.manage"))
def renew_invitation(invitation_id: int) -> BaseResponse:
    invitation = _move(invitation_id, "renew")
    flash(_("Another letter is on its way to %(email)s; the earlier ones are worth nothing any more.", email=invitation.email))
    return redirect(where_from(url_for("admin.list_invitations")), code=303)


@bp.post("/people/invitations/<int:invitation_id>/withdraw")
@open_to(holds("people.manage"))
def withdraw_invitation(invitation_id: int) -> BaseResponse:
    invitation = _move(invitation_id, "withdraw")
    flash(_("The invitation of %(email)s is taken back; its link opens nothing.", email=invitation.email))
    return redirect(where_from(url_for("admin.list_invitations")), code=303)


@bp.post("/people/invitations/move")
@open_to(holds("people.manage"))
def move_invitations() -> BaseResponse:
    form, back = MoveManyForm.accepted(), where_from(url_for("admin.list_invitations"))
    verb, done, refused = VERBS.get(form.move.data or ""), 0, []
    if verb is None or not form.chosen.data:
        flash(_("Choose some invitations first, then what to do with them."))
        return redirect(back, code=303)
    for invitation_id in form.chosen.data[:MOST_AT_ONCE]:
        try:
            _do(verb, invitation_id)
            done += 1
        except (InkhornError, Forbidden) as error:
            refused.append(str(error))
    flash(_("%(number)s sent again.", number=done) if form.move.data == "renew" else _("%(number)s taken back.", number=done))
    for sentence in dict.fromkeys(refused):
        flash(sentence, "warning")
    return redirect(back, code=303)


def _move(invitation_id: int, name: str) -> Invitation:
    MoveForm.accepted()
    return _do(VERBS[name], invitation_id)


def _do(verb: Callable[..., None], invitation_id: int) -> Invitation:
    if verb is inviting.renew_invitation:
        # Before the transaction, which would hold up the count and be held up by it.
        inviting.count_letter(get_invitation_for(g.actor, invitation_id).email, by=g.actor)
    with transaction():
        invitation = get_invitation_for(g.actor, invitation_id)
        verb(invitation, by=g.actor)
    return invitation


def _offer_roles(form: InvitePeopleForm | InviteAuthorForm) -> None:
    known: list[Role] = list(session().scalars(roles()))
    form.offer_roles(role for role in known if can_give_role(g.actor, role))


def _list_beside() -> Callable[..., BaseResponse]:
    return invitations_page if request.form.get("from") == "invitations" else team_page


def _refused(form: InvitePeopleForm, error: Invalid) -> BaseResponse:
    (form.file if error.field == "file" else form.emails).errors = [str(error)]
    return _list_beside()(form, 422)


def _told(sent: inviting.Mailing) -> str:
    number = len(sent.invitations)
    if number == 1:
        return str(_("A letter is on its way to %(email)s.", email=sent.invitations[0].email))
    return (
        str(ngettext("%(num)s letter is on its way.", "%(num)s letters are on their way.", number))
        if number
        else str(_("Nobody was invited."))
    )
