"""Flask-Security on our models and our sessions; its own pages stay closed until each is opened on purpose."""

from typing import Any

from flask import Flask, g
from flask_login import AnonymousUserMixin
from flask_security import Security
from flask_security.datastore import FSQLALiteUserDatastore
from flask_wtf.csrf import CSRFProtect

from inkhorn.accounts.models import Role, User
from inkhorn.accounts.passwords import LANES, MEMORY_KIB, PASSES
from inkhorn.core.config import Config
from inkhorn.core.database import db


def init_app(app: Flask, loaded: Config) -> None:
    app.config.from_mapping(security_settings(loaded))
    CSRFProtect(app)
    security = Security(app, FSQLALiteUserDatastore(db, User, Role), register_blueprint=False)
    app.extensions["inkhorn.security"] = security
    # It reads Flask's session after every request, which would make each anonymous page vary by cookie.
    app.after_request_funcs[None] = [each for each in app.after_request_funcs.get(None, []) if "remember_cookie" not in each.__name__]
    # Its cookie says nothing to us: who is signed in is told by our own session row alone.
    app.login_manager.request_loader(user_of_request)  # type: ignore[attr-defined]
    app.login_manager.user_loader(lambda _key: user_of_request(None))  # type: ignore[attr-defined]
    app.login_manager.anonymous_user = AnonymousUserMixin  # type: ignore[attr-defined]


def user_of_request(_request: Any) -> User | None:
    """The user whom our session names, for whatever of Flask-Security or Flask-Login asks."""
    return getattr(getattr(g, "actor", None), "user", None)


def security_settings(loaded: Config) -> dict[str, Any]:
    """Defaults a reviewer would choose; generic answers, no look-ups of names, argon2id that fits a small server."""
    return {
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_SCHEMES": ["argon2"],
        "SECURITY_PASSWORD_SINGLE_HASH": ["argon2"],
        "SECURITY_PASSWORD_SALT": loaded.secret_key,
        "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": {
            "argon2__memory_cost": MEMORY_KIB,
            "argon2__time_cost": PASSES,
            "argon2__parallelism": LANES,
        },
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
        "SECURITY_CSRF_PROTECT_MECHANISMS": ["session", "basic"],
        "SECURITY_SEND_REGISTER_EMAIL": False,
        "SECURITY_REGISTERABLE": False,
        "SECURITY_RECOVERABLE": False,
        "SECURITY_TRACKABLE": False,
    }
