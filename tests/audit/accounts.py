"""What leaves an entry about people, how they come in, and what they may do."""

from collections.abc import Callable

from sqlalchemy import select

from inkhorn.accounts.models import Session
from inkhorn.accounts.services import people, profiles, roles, sessions
from inkhorn.accounts.services.profiles import ProfileChanges
from inkhorn.accounts.services.setup import make_setup_link
from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from tests.audit.stage import Act, Deed, Stage
from tests.factories.accounts import PASSWORD, browser_of, make_user


def _done(verb: Callable[..., object], *what: object, **how: object) -> Deed:
    def deed() -> None:
        with transaction():
            verb(*what, **how)

    return deed


def _role(stage: Stage, verb: Callable[..., object], **how: object) -> Deed:
    ada = stage.cast.ada
    with transaction():
        made = roles.make_role(name="proofreader", description="", permissions=["desk.open"], demands_second_factor=None, by=ada)
    return _done(verb, made, by=ada, **how)


def _sign_in(stage: Stage, password: str) -> Deed:
    make_user(password=PASSWORD)
    visitor = stage.app.test_client()
    return lambda: visitor.post("/sign-in", data={"email": "ida@example.org", "password": password})


def _set_up(stage: Stage) -> Deed:
    with transaction():
        token = make_setup_link()
    fields = {"site_title": "Ebbe", "name": "Ida", "email": "ida@example.org", "password": PASSWORD, "timezone": "UTC", "language": "en"}
    return lambda: stage.app.test_client().post(f"/setup/{token}", data=fields)


def _restore(stage: Stage) -> Deed:
    _done(people.suspend_user, stage.cast.wren.user, by=stage.cast.ada)()
    return _done(people.restore_user, stage.cast.wren.user, by=stage.cast.ada)


def _hand_over(stage: Stage) -> Deed:
    owner = make_user(role="owner")
    return _done(roles.hand_over, stage.cast.ada.user, by=House(), owner=owner)


def _end_session(stage: Stage) -> Deed:
    browser_of(stage.app, stage.cast.wren.user)
    opened = session().scalars(select(Session).where(Session.user_id == stage.cast.wren.id)).first()
    return _done(sessions.end_own_session, stage.cast.wren.user, opened.id, by=stage.cast.wren)


ACTS: dict[str, Act] = {
    "accounts.created": lambda _stage: make_user,
    "accounts.site_set_up": _set_up,
    "accounts.signed_in": lambda stage: _sign_in(stage, PASSWORD),
    "accounts.sign_in_refused": lambda stage: _sign_in(stage, "wrong password 7"),
    "accounts.signed_out": lambda stage: stage.presses("wren", "/sign-out"),
    "accounts.session_ended": _end_session,
    "accounts.sessions_ended": lambda stage: _done(sessions.end_sessions_of, stage.cast.wren.user, by=stage.cast.ada),
    "accounts.suspended": lambda stage: _done(people.suspend_user, stage.cast.wren.user, by=stage.cast.ada),
    "accounts.restored": _restore,
    "accounts.profile_changed": lambda stage: _done(
        profiles.change_profile, stage.cast.wren.user, ProfileChanges(name="Wren Two"), by=stage.cast.wren
    ),
    "accounts.username_changed": lambda stage: _done(profiles.choose_username, stage.cast.wren.user, "wren-two", by=stage.cast.wren),
    "accounts.role_changed": lambda stage: _done(roles.change_role, stage.cast.wren.user, "editor", by=stage.cast.ada),
    "accounts.role_made": lambda stage: _done(
        roles.make_role, name="proofreader", description="", permissions=["desk.open"], demands_second_factor=None, by=stage.cast.ada
    ),
    "accounts.role_redefined": lambda stage: _role(stage, roles.redefine_role, description="", permissions=[], demands_second_factor=None),
    "accounts.role_removed": lambda stage: _role(stage, roles.remove_role),
    "accounts.handed_over": _hand_over,
}
