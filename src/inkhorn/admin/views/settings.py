"""The settings, one page for each section."""

from dataclasses import asdict
from typing import Any

from flask import abort, flash, g, redirect, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.accounts.models import Role
from inkhorn.accounts.policies import is_staff_role
from inkhorn.admin.forms import FORMS, AccountsForm, SettingsForm, SiteForm, digest_of
from inkhorn.admin.locked import locked_beside
from inkhorn.admin.views.room import bp, fresh
from inkhorn.core import languages, settings, themes, zones
from inkhorn.core.access import holds, open_to
from inkhorn.core.config import config
from inkhorn.core.database import session, transaction
from inkhorn.core.desk import show_desk_page
from inkhorn.core.settings import Section


@bp.get("/settings/<section>")
@open_to(holds("settings.change"))
def edit_settings(section: str) -> BaseResponse:
    form = _form_of(section).showing(_now(section))
    return _page(section, form)


@bp.post("/settings/<section>")
@open_to(holds("settings.change"))
@fresh
def save_settings(section: str) -> BaseResponse:
    form = _form_of(section)(data=asdict(_now(section)))
    _offer_choices(form)
    if not form.validate():
        return _page(section, form, 422)
    with transaction():
        now = _now(section)
        if form.drawn.data == digest_of(now):
            settings.write(form.values(), by=g.actor)
            is_saved = True
        else:
            is_saved = form.values() == now
    if not is_saved:
        form.drawn.data = digest_of(now)
        return _page(section, form, 409, now=now)
    flash(_("Saved."))
    return redirect(url_for("admin.edit_settings", section=section), code=303)


def _form_of(section: str) -> type[SettingsForm]:
    return FORMS.get(section) or abort(404)


def _now(section: str) -> Section:
    return settings.read(FORMS[section].section)


def _offer_choices(form: SettingsForm) -> None:
    if isinstance(form, SiteForm):
        form.offer(languages=languages.language_names(), zones=zones.zone_names(), themes=themes.theme_names())
    if isinstance(form, AccountsForm):
        roles = session().scalars(select(Role).order_by(Role.id))
        form.offer(roles=[role.name for role in roles if not is_staff_role(role)])


def _page(section: str, form: SettingsForm, status: int = 200, *, now: Section | None = None) -> BaseResponse:
    _offer_choices(form)
    changed: dict[str, Any] = {}
    if now is not None:
        theirs, ours = asdict(now), asdict(form.values())
        changed = {name: theirs[name] for name in theirs if theirs[name] != ours[name]}
    return show_desk_page(
        "admin/edit_settings.html", status, section=section, form=form, locked=locked_beside(section, config()), changed=changed
    )
