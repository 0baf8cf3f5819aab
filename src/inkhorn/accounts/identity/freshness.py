"""Asking again who somebody is before what is sensitive, without losing what they were about to do."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, TypeVar

from flask import Response, g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.accounts.forms.factors import ProofForm
from inkhorn.accounts.identity.proving import prove, ways_of
from inkhorn.accounts.services import sessions
from inkhorn.core import guard
from inkhorn.core.access import Forbidden
from inkhorn.core.desk import show_desk_page
from inkhorn.core.errors import InkhornError
from inkhorn.core.forms import READING, FormRefused
from inkhorn.core.limits import TooMany
from inkhorn.core.links import own_path

View = TypeVar("View", bound=Callable[..., Any])
Carried = list[tuple[str, str]]

# What the page that asks adds to a form; no other form has fields that begin so.
OWN = "proof_"


class ProofNeeded(InkhornError):
    """A program wants what a person must first prove to be them for."""

    status = 403

    def __init__(self) -> None:
        super().__init__(_("Prove first that it is you: open /account/proof in this browser."))


def fresh(view: View) -> View:
    """Let a view run only for somebody who has proved within ten minutes who they are; others are asked, in place.

    It stands under @open_to(...), on pages (GET) and on acts (POST):

        @bp.post("/account/keys/<int:key_id>/revoke")
        @open_to(signed_in)
        @fresh
        def revoke_key(key_id: int) -> Response: ...

    A page leads to "Is it still you?" and back. An act is held: the same question is drawn at its own address with the whole form in it, and
    once it is answered the view runs in that very request, as if nothing had come between. What the page does not carry are files, which a view
    reads into words before (see admin.invite_many), and every field with "password" in its name; a form with such fields should be guarded where
    it is shown too, so that they are asked for only once.
    The answer renews the token of the session; a view that hands out another one itself, by sessions.remember(), wins. Programs get 403.
    """

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if g.session is None:
            raise Forbidden
        if sessions.is_fresh(g.session):
            return view(*args, **kwargs)
        refused = _ask()
        return view(*args, **kwargs) if refused is None else refused

    return guarded  # type: ignore[return-value]


def _ask() -> BaseResponse | None:
    """The page that asks; None once the answer was right and the form is as it was before."""
    if guard.wants_problem():
        raise ProofNeeded
    here = own_path(request.full_path.rstrip("?"))
    if request.method in READING:
        return redirect(url_for("accounts.show_proof", next=here), code=303)
    form, is_sound = ProofForm.sent()
    carried = carried_of(request.form.items(multi=True))
    if not any(name.startswith(OWN) for name in request.form):
        return proof_page(form, action=here or "/", carried=carried, status=403)
    if refused := judge(form, is_sound=is_sound):
        return proof_page(form, action=here or "/", carried=carried, error=refused)
    request.form = ImmutableMultiDict([(name, value) for name, value in request.form.items(multi=True) if not name.startswith(OWN)])
    return None


def judge(form: ProofForm, *, is_sound: bool) -> InkhornError | None:
    """None where the form proves who sent it; what to say where it does not."""
    try:
        if not is_sound:
            raise FormRefused(form)
        prove(form)
    except InkhornError as error:
        return error
    return None


def carried_of(sent: Iterable[tuple[str, str]]) -> Carried:
    """What goes along with the proof; what was secret is not written into a page."""
    return [(name, value) for name, value in sent if not name.startswith(OWN) and name != "csrf_token" and "password" not in name.lower()]


def proof_page(
    form: ProofForm, *, action: str, carried: Carried, status: int = 200, error: InkhornError | None = None, notice: str = ""
) -> Response:
    """The page that asks whether it is still they, with what was about to be done in it, unseen."""
    field = getattr(error, "field", None)
    if error is not None and field in form:
        form[field].errors = [str(error)]
    response = show_desk_page(
        "accounts/show_proof.html",
        error.status if error else status,
        form=form,
        ways=ways_of(g.actor.user),
        action=action,
        carried=carried,
        error="" if form.errors else str(error or ""),
        notice=notice,
        user=g.actor.user,
    )
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after_seconds)
    return response
