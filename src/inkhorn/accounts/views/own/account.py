"""Everybody's own account: what one says of oneself, whom one follows, and how each section is drawn."""

from typing import Any

from flask import Response, flash, g, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.accounts.events import author_sought, is_answered
from inkhorn.accounts.forms.account import FollowForm, ProfileForm
from inkhorn.accounts.models import User
from inkhorn.accounts.policies import get_author_for, get_user_for
from inkhorn.accounts.services import following, profiles
from inkhorn.accounts.views.room import bp
from inkhorn.core import limits
from inkhorn.core.access import open_to, signed_in
from inkhorn.core.database import transaction
from inkhorn.core.desk import local_time, show_desk_page
from inkhorn.core.errors import InkhornError
from inkhorn.core.forms import Form
from inkhorn.core.links import own_path


@bp.get("/account/")
@open_to(signed_in)
def show_account() -> Response:
    return profile_page()


@bp.post("/account/profile")
@open_to(signed_in)
def change_profile() -> BaseResponse:
    form = ProfileForm.of(_myself(), is_sent=True)
    if not form.validate():
        return profile_page(form, 422)
    try:
        if form.has_new_username:
            # Names that are taken cost a try as well, or this would be the place to find out which are.
            limits.spend(limits.USERNAME, str(g.actor.id))
        with transaction():
            user = _myself()
            profiles.choose_username(user, form.username.data or "", by=g.actor)
            profiles.change_profile(user, form.changes(), by=g.actor)
    except InkhornError as error:
        return _profile_refused(form, error)
    flash(_("Your profile is saved."))
    return redirect(url_for("accounts.show_account"), code=303)


@bp.post("/author/<username>/follow")
@open_to(signed_in)
def follow_author(username: str) -> BaseResponse:
    form = FollowForm.accepted()
    with transaction():
        author = get_author_for(g.actor, username)
        following.follow_author(_myself(), author, by=g.actor)
    return redirect(own_path(form.next.data) or url_for("site.show_author", slug=author.username), code=303)


@bp.post("/author/<username>/unfollow")
@open_to(signed_in)
def unfollow_author(username: str) -> BaseResponse:
    form = FollowForm.accepted()
    with transaction():
        author = get_author_for(g.actor, username)
        following.unfollow_author(_myself(), author, by=g.actor)
    return redirect(own_path(form.next.data) or url_for("site.show_author", slug=author.username), code=303)


@bp.post("/following/address")
@open_to(signed_in)
def renew_following_key() -> BaseResponse:
    Form.accepted()
    with transaction():
        following.renew_following_key(_myself(), by=g.actor)
    return redirect(url_for("site.show_following"), code=303)


def profile_page(form: ProfileForm | None = None, status: int = 200, *, picture_error: str = "") -> Response:
    """The first section; the room of pictures draws it too, where one of them was refused."""
    user = _myself()
    return own_page(
        "accounts/show_account.html",
        status,
        here="accounts.show_account",
        form=form or ProfileForm.of(user),
        picture_error=picture_error,
        is_author=is_answered(author_sought, user),
        most_bio=profiles.LONGEST_BIO,
    )


def own_page(template: str, status: int = 200, **values: Any) -> Response:
    """A page of one's own account, its moments on one's own clock."""
    user = _myself()
    return show_desk_page(template, status, user=user, local_time=lambda moment: local_time(moment, user.timezone), **values)


def _myself() -> User:
    return get_user_for(g.actor, g.actor.id)


def _profile_refused(form: ProfileForm, error: InkhornError) -> Response:
    named = "username" if isinstance(error, limits.TooMany) else getattr(error, "field", None)
    if named not in form:
        raise error
    form[named].errors = [*form[named].errors, str(error)]
    page = profile_page(form, error.status)
    if isinstance(error, limits.TooMany):
        page.headers["Retry-After"] = str(error.retry_after_seconds)
    return page
