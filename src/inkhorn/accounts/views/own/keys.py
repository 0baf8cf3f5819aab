"""Keys of one's own, and the programs one signed in: made, shown once, listed, ended."""

from flask import Response, flash, g, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.accounts.forms.programs import EndForm, KeyForm
from inkhorn.accounts.identity.freshness import fresh
from inkhorn.accounts.policies import KEY_WORDS, PERMISSIONS, get_key_for, get_user_for
from inkhorn.accounts.queries import families_of, keys_of
from inkhorn.accounts.services.programs import keys, refreshing
from inkhorn.accounts.views.own.account import own_page
from inkhorn.accounts.views.room import bp
from inkhorn.core.access import open_to, signed_in
from inkhorn.core.database import session, transaction
from inkhorn.core.errors import InkhornError

MOST_SHOWN = 100


@bp.get("/account/keys")
@open_to(signed_in)
def list_keys() -> Response:
    return _page(KeyForm(formdata=None))


@bp.post("/account/keys")
@open_to(signed_in)
@fresh
def make_personal_key() -> Response:
    form, is_sound = KeyForm.sent()
    if not is_sound:
        return _page(form, 422)
    try:
        with transaction():
            made = keys.make_personal_key(
                get_user_for(g.actor, g.actor.id),
                name=form.name.data or "",
                permissions=form.permissions.data or (),
                days=form.days or keys.USUAL_DAYS,
                by=g.actor,
            )
    except InkhornError as error:
        form[getattr(error, "field", None) or "name"].errors = [str(error)]
        return _page(form, error.status)
    return own_page("accounts/list_keys.html", made=made, words=PERMISSIONS)


@bp.post("/account/keys/<int:key_id>/revoke")
@open_to(signed_in)
@fresh
def revoke_key(key_id: int) -> BaseResponse:
    EndForm.accepted()
    with transaction():
        key = get_key_for(g.actor, key_id)
        name = key.name
        keys.revoke_key(key, by=g.actor)
    flash(_("The key “%(name)s” opens nothing any more.", name=name))
    return redirect(url_for("accounts.list_keys"), code=303)


@bp.post("/account/programs/<int:family_id>/end")
@open_to(signed_in)
@fresh
def end_own_program(family_id: int) -> BaseResponse:
    EndForm.accepted()
    with transaction():
        refreshing.end_own_program(get_user_for(g.actor, g.actor.id), family_id, by=g.actor)
    flash(_("That program is signed out."))
    return redirect(url_for("accounts.list_keys"), code=303)


def _page(form: KeyForm, status: int = 200) -> Response:
    programs = session().scalars(families_of(g.actor.id).limit(MOST_SHOWN)).all()
    return own_page(
        "accounts/list_keys.html",
        status,
        form=form,
        offered=[(word, PERMISSIONS[word]) for word in PERMISSIONS if word in KEY_WORDS and g.actor.may(word)],
        keys=session().scalars(keys_of(g.actor.id).limit(MOST_SHOWN)).all(),
        programs=[each for each in programs if refreshing.is_live(each)],
        words=PERMISSIONS,
    )
