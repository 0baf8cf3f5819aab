"""The room's blueprint, how its sheets are put together, and the work that their puzzles ask for."""

import re
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from flask import Blueprint, Response, g, jsonify, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse
from wtforms import Field
from wtforms import Form as AnyForm
from wtforms.validators import InputRequired, Length

from inkhorn.accounts.identity.providers import providers
from inkhorn.accounts.pages import Hidden, Puzzle, SheetField, SheetPage, Way
from inkhorn.core import captcha, limits
from inkhorn.core.access import everyone, open_to
from inkhorn.core.config import config
from inkhorn.core.errors import InkhornError, NotFound
from inkhorn.core.forms import form_token
from inkhorn.core.headers import own_policy
from inkhorn.core.themes import Link, Meta, render_page

bp = Blueprint("accounts", __name__, template_folder="../templates")

PASSKEY_SCRIPT, PASSWORD_SCRIPT, PUZZLE_SCRIPT = "passkeys.js", "passwords.js", "puzzle.js"
# What may be open to everybody; each form's work is worth nothing for another.
FORM_NAME = re.compile(r"[a-z][a-z_]{0,39}")

Sheet = TypeVar("Sheet", bound=SheetPage)
# Draws one sheet again around what was typed: form, status, and error= for what belongs to no field.
Draw = Callable[..., BaseResponse]


def show_sheet(page: type[Sheet], *, status: int = 200, title: str, **parts: Any) -> Response:
    """Draw a sheet of the theme; kept by nobody, and told to no other site where it was left for."""
    puzzle: Puzzle | None = parts.get("puzzle")
    if puzzle and puzzle.kind == "proof-of-work":
        parts["scripts"] = (*parts.get("scripts", ()), PUZZLE_SCRIPT)
    drawn = page(meta=Meta(title=title), heading=parts.pop("heading", title), **parts)
    response = render_page(drawn, status)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "same-origin"
    if puzzle and puzzle.kind in captcha.SERVICES:
        response.headers["Content-Security-Policy"] = own_policy(captcha.SERVICES[puzzle.kind].sources)
        # The provider asks on whose page its script runs, and is told no more than that.
        response.headers["Referrer-Policy"] = "strict-origin"
    return response


def say_wrong(draw: Draw, form: AnyForm, error: InkhornError) -> BaseResponse:
    """The sheet once more, with the error under its field or, where it belongs to none, above them all."""
    named = getattr(error, "field", None)
    if named in form:
        form[named].errors = [*form[named].errors, str(error)]
        page = draw(form, error.status)
    else:
        page = draw(form, error.status, error=str(error))
    if isinstance(error, limits.TooMany):
        page.headers["Retry-After"] = str(error.retry_after_seconds)
    return page


def puzzle_for(form_name: str) -> Puzzle:
    """What a sheet asks of robots who would send the named form, as the configuration says; a trap and a moment's time at the least."""
    kind = config().captcha
    waiting = captcha.sign_sheet(form_name, again=request.form.get("waiting", ""))
    if kind == "none":
        return Puzzle(kind=kind, waiting=waiting)
    if service := captcha.SERVICES.get(kind):
        words = _("%(service)s tells people from robots here, and needs JavaScript for it.", service=service.name)
        key = config().captcha_site_key or ""
        return Puzzle(kind=kind, address=service.script, widget=service.widget, site_key=key, waiting=waiting, waiting_words=words)
    return Puzzle(
        kind=kind,
        address=url_for("accounts.show_puzzle", form=form_name),
        waiting=waiting,
        waiting_words=_(
            "Your browser cannot do the small sum that keeps robots out. The form takes patience instead: send it %(seconds)s seconds "
            "after this page was opened, or later.",
            seconds=captcha.WAIT_SECONDS,
        ),
        working_words=_("One moment: your browser does a small sum that keeps robots out."),
    )


@bp.get("/puzzle/<form>")
@open_to(everyone)
def show_puzzle(form: str) -> Response:
    if config().captcha != "proof-of-work" or not FORM_NAME.fullmatch(form):
        raise NotFound
    limits.spend(limits.CHALLENGE_PLACE, limits.place_of(request.remote_addr))
    response = jsonify(captcha.make_challenge(form))
    response.headers["Cache-Control"] = "no-store"
    return response


def provider_ways(wanted: str | None) -> tuple[Way, ...]:
    """One button for each provider that is set up; wanted is where somebody goes on to afterwards."""
    return tuple(
        Way(
            label=_("Go on with %(provider)s", provider=provider.label),
            address=url_for("accounts.sign_in_with", provider=provider.name),
            kind="provider",
            hidden=hidden([("next", wanted)]),
        )
        for provider in providers().values()
    )


def fields_of(form: AnyForm, **marks: dict[str, Any]) -> tuple[SheetField, ...]:
    """The form's fields as a theme draws them, in the order named; the caret stands in the first wrong or else the first empty one."""
    drawn = [_field(form[name], mark) for name, mark in marks.items()]
    first = next((each for each in drawn if each["error"]), None) or next((each for each in drawn if not each["value"]), None)
    return tuple(SheetField(**each, is_first=each is first) for each in drawn)


def token_of_form() -> tuple[Hidden, ...]:
    """The hidden token of somebody signed in; nothing for a visitor, whose forms are guarded by where they come from."""
    return (Hidden(name="csrf_token", value=form_token()),) if g.actor.is_signed_in else ()


def hidden(values: Iterable[tuple[str, str | None]]) -> tuple[Hidden, ...]:
    return tuple(Hidden(name=name, value=value) for name, value in values if value)


def _field(field: Field, mark: dict[str, Any]) -> dict[str, Any]:
    kind = mark.get("kind", "text")
    limits = [each.max for each in field.validators if isinstance(each, Length) and each.max > 0]
    aside: Link | None = mark.get("aside")
    return {
        "name": field.name,
        "label": str(mark.get("label") or field.label.text),
        "kind": kind,
        # A password is never sent back.
        "value": "" if kind in ("password", "tick") else str(field.data or ""),
        "is_ticked": bool(field.data) if kind == "tick" else False,
        "autocomplete": mark.get("autocomplete", ""),
        "hint": str(mark.get("hint", "")),
        "error": str(field.errors[0]) if field.errors else "",
        "is_fixed": mark.get("is_fixed", False),
        "is_required": any(isinstance(each, InputRequired) for each in field.validators),
        "longest": min(limits) if limits else None,
        "aside": aside,
    }
