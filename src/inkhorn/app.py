"""The application factory: every room named once, lowest first."""

from flask import Flask, Response, g, render_template, request
from flask_babel import Babel

import inkhorn.accounts.tasks
import inkhorn.media.listeners
import inkhorn.media.tasks
import inkhorn.posts.listeners
import inkhorn.posts.tasks
import inkhorn.posts.views.editor
import inkhorn.posts.views.moves
import inkhorn.posts.views.preview
import inkhorn.posts.views.versions
from inkhorn.accounts.identity import security, sessions
from inkhorn.accounts.views import bp as accounts
from inkhorn.core import assets, guard, headers, logs, themes
from inkhorn.core.config import Config, ConfigError, load_config
from inkhorn.core.database import db, tune_engine
from inkhorn.feeds.views import bp as feeds
from inkhorn.media.views import bp as media
from inkhorn.posts.views.room import bp as posts
from inkhorn.site.views import bp as site

# Who reacts to what, lowest room first; a listener hears as soon as its module is imported.
LISTENERS = (inkhorn.media.listeners, inkhorn.posts.listeners)
# The timetable: importing a room's tasks registers its jobs.
TASKS = (inkhorn.accounts.tasks, inkhorn.media.tasks, inkhorn.posts.tasks)


def create_app(config: Config | None = None) -> Flask:
    """Build the application; may be called any number of times in a process."""
    loaded = config or load_config()
    if not loaded.secret_key:
        raise ConfigError(
            "secret_key is missing; start once with `inkhorn run`, which makes one, or set it to 32 random characters or more."
        )
    app = Flask("inkhorn", static_folder=None, template_folder="templates")
    app.extensions["inkhorn.config"] = loaded
    app.config.from_mapping(flask_settings(loaded))
    logs.init_app(app, loaded)
    db.init_app(app)
    with app.app_context():
        tune_engine(db.engine)
    Babel(app)
    headers.init_app(app, loaded)
    security.init_app(app, loaded)
    sessions.init_app(app)
    guard.init_app(app)
    assets.init_app(app)
    themes.init_app(app)
    for room in (accounts, media, posts, feeds, site):
        app.register_blueprint(room)
    app.extensions["inkhorn.error_painter"] = paint_error
    return app


def paint_error(status: int, message: str) -> Response:
    """An error in the look of its surface: the desk's for those at the desk, the theme's for everybody else."""
    is_at_desk = request.path.startswith(("/desk", "/setup")) or (request.path.startswith("/admin") and _is_somebody_signed_in())
    if not is_at_desk:
        return themes.paint_error(status, message)
    return Response(render_template("errors/desk.html", status=status, message=message), content_type="text/html; charset=utf-8")


def _is_somebody_signed_in() -> bool:
    # A request can be refused before anybody was recognised.
    return "actor" in g and g.actor.is_signed_in


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
    """Address and pool: a connection for each thread that answers or works, and a few to spare."""
    if loaded.uses_sqlite:
        return {"url": loaded.database_url, "connect_args": {"check_same_thread": False}}
    threads = max(loaded.web_threads, loaded.job_threads)
    return {"url": loaded.driver_url, "pool_size": threads + 2, "max_overflow": 4, "pool_pre_ping": True}
