"""The application factory: every room named once, lowest first."""

import importlib
from types import ModuleType

from flask import Flask
from flask_babel import Babel

from inkhorn.accounts.identity import security, sessions
from inkhorn.core import guard, headers
from inkhorn.core.config import Config, load_config
from inkhorn.core.database import db, tune_engine


def _room(name: str) -> ModuleType | None:
    # TEMPORARY while rooms are being built; explicit imports follow.
    try:
        return importlib.import_module(f"inkhorn.{name}")
    except ModuleNotFoundError as error:
        if error.name and error.name.startswith("inkhorn"):
            print("missing room:", error.name)
            return None
        raise


def create_app(config: Config | None = None) -> Flask:
    """Build the application; may be called any number of times in a process."""
    loaded = config or load_config()
    app = Flask("inkhorn", static_folder=None, template_folder="templates")
    app.extensions["inkhorn.config"] = loaded
    app.config.from_mapping(flask_settings(loaded))
    if logs := _room("core.logs"):
        logs.init_app(app, loaded)
    db.init_app(app)
    with app.app_context():
        tune_engine(db.engine)
    Babel(app)
    headers.init_app(app, loaded)
    security.init_app(app, loaded)
    sessions.init_app(app)
    guard.init_app(app)
    if assets := _room("core.assets"):
        assets.init_app(app)
    if themes := _room("core.themes"):
        themes.init_app(app)
    for name in ("accounts.listeners", "media.listeners", "posts.listeners", "accounts.tasks", "media.tasks", "posts.tasks"):
        _room(name)
    for name in ("accounts.views", "media.views", "posts.views.editor", "feeds.views", "site.views"):
        if views := _room(name):
            app.register_blueprint(views.bp)
    return app


def flask_settings(loaded: Config) -> dict[str, object]:
    """What Flask and its extensions are told, all of it out of our one configuration."""
    https = loaded.uses_https
    return {
        "SECRET_KEY": loaded.secret_key,
        "DEBUG": loaded.is_development,
        "TESTING": loaded.is_testing,
        "PROPAGATE_EXCEPTIONS": False,
        "SQLALCHEMY_ENGINES": {"default": engine_settings(loaded)},
        "MAX_CONTENT_LENGTH": loaded.max_form_mb * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": loaded.max_form_mb * 1024 * 1024,
        "MAX_FORM_PARTS": 2000,
        "SESSION_COOKIE_NAME": "__Host-inkhorn-notes" if https else "inkhorn-notes",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": https,
        "WTF_CSRF_CHECK_DEFAULT": False,
        "BABEL_DEFAULT_LOCALE": "en",
    }


def engine_settings(loaded: Config) -> dict[str, object]:
    """Address and pool: a connection for each thread that answers, and a few to spare."""
    if loaded.uses_sqlite:
        return {"url": loaded.database_url, "connect_args": {"check_same_thread": False}}
    url = loaded.database_url.replace("postgresql://", "postgresql+psycopg://", 1)
    return {"url": url, "pool_size": loaded.web_threads + 2, "max_overflow": 4, "pool_pre_ping": True}
