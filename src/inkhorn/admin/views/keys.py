"""Every key of the site: those of people and of integrations, and new ones for integrations."""

from flask import Response, flash, g, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.accounts.forms.programs import EndForm, IntegrationKeyForm
from inkhorn.accounts.policies import KEY_WORDS, PERMISSIONS, can_revoke_key, get_key_for
from inkhorn.accounts.queries import all_keys
from inkhorn.accounts.services.programs import keys
from inkhorn.admin.views.room import asked_page, bp, fresh, list_address
from inkhorn.core.access import holds, open_to
from inkhorn.core.database import transaction
from inkhorn.core.desk import show_desk_page
from inkhorn.core.errors import InkhornError
from inkhorn.core.paging import page_of

PAGE_SIZE = 50


@bp.get("/keys")
@open_to(holds("keys.manage"))
def list_keys() -> Response:
    return _page(IntegrationKeyForm(formdata=None))


@bp.post("/keys")
@open_to(holds("keys.manage"))
@fresh
def make_integration_key() -> Response:
    form, is_sound = IntegrationKeyForm.sent()
    if not is_sound:
        return _page(form, 422)
    try:
        with transaction():
            permissions = form.permissions.data or ()
            made = keys.make_integration_key(name=form.name.data or "", permissions=permissions, days=form.days, by=g.actor)
    except InkhornError as error:
        form[getattr(error, "field", None) or "name"].errors = [str(error)]
        return _page(form, error.status)
    return show_desk_page("admin/list_keys.html", made=made, words=PERMISSIONS)


@bp.post("/keys/<int:key_id>/revoke")
@open_to(holds("keys.manage"))
@fresh
def revoke_key(key_id: int) -> BaseResponse:
    EndForm.accepted()
    with transaction():
        key = get_key_for(g.actor, key_id)
        name = key.name
        keys.revoke_key(key, by=g.actor)
    flash(_("The key “%(name)s” opens nothing any more.", name=name))
    return redirect(url_for("admin.list_keys"), code=303)


def _page(form: IntegrationKeyForm, status: int = 200) -> Response:
    return show_desk_page(
        "admin/list_keys.html",
        status,
        form=form,
        offered=[(word, PERMISSIONS[word]) for word in PERMISSIONS if word in KEY_WORDS and g.actor.may(word)],
        found=page_of(all_keys(), number=asked_page(), size=PAGE_SIZE, counted=True),
        may_revoke=can_revoke_key,
        address=list_address,
        words=PERMISSIONS,
    )
