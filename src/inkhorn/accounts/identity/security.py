"""Flask-Security on our models and our sessions; its own pages stay closed until each is opened on purpose."""

from typing import Any

from flask import Flask, current_app, g
from flask_login import AnonymousUserMixin
from flask_principal import AnonymousIdentity, Identity  # type: ignore[import-untyped]
from flask_security import Security
from flask_security.datastore import FSQLALiteUserDatastore
from flask_wtf.csrf import CSRFProtect

from inkhorn.accounts.models import Role, User
from inkhorn.accounts.passwords import LANES, MEMORY_KIB, PASSES
from inkhorn.core.config import Config
from inkhorn.core.database import db
from inkhorn.core.forms import form_token


def init_app(app: Flask, loaded: Config) -> None:
    app.config.from_mapping(security_settings(loaded))
    CSRFProtect(app)
    # Its token lives in Flask's cookie; ours belongs to the session's row.
    app.jinja_env.globals["csrf_token"] = form_token
    app.context_processor(lambda: {"csrf_token": form_token})
    security = Security(app, FSQLALiteUserDatastore(db, User, Role), register_blueprint=False)
    app.extensions["inkhorn.security"] = security
    # Both read Flask's own session, which would make each anonymous page vary by cookie: make_known() tells them instead.
    app.after_request_funcs[None] = [each for each in app.after_request_funcs.get(None, []) if "remember_cookie" not in each.__name__]
    asking = security.principal._on_before_request  # noqa: SLF001 - it would ask before our session is read
    app.before_request_funcs[None] = [each for each in app.before_request_funcs[None] if each != asking]
    app.login_manager.anonymous_user = AnonymousUserMixin  # type: ignore[attr-defined]
    app.login_manager._load_user = lambda: make_known(None)  # type: ignore[attr-defined] # noqa: SLF001 - its only door


def make_known(user: User | None) -> None:
    """Tell Flask-Security and Flask-Login who is there; the row of the session decides, never their cookie."""
    manager = current_app.login_manager  # type: ignore[attr-defined]
    manager._update_request_context_with_user(user)  # noqa: SLF001 - what its own loaders end with
    g.identity = AnonymousIdentity()
    if user is not None:
        current_app.extensions["inkhorn.security"].principal.set_identity(Identity(user.fs_uniquifier))


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
