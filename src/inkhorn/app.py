"""The application factory: every room named once, lowest first."""

from collections.abc import Callable
from typing import Any

from flask import Flask, Request, Response, g, render_template, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_babel import Babel

import inkhorn.accounts.listeners
import inkhorn.accounts.tasks.clearing
import inkhorn.accounts.tasks.closing
import inkhorn.accounts.tasks.doors
import inkhorn.accounts.tasks.inviting
import inkhorn.accounts.tasks.letters
import inkhorn.accounts.tasks.proofs
import inkhorn.accounts.views.agreeing
import inkhorn.accounts.views.by_mail
import inkhorn.accounts.views.confirming
import inkhorn.accounts.views.doors
import inkhorn.accounts.views.inviting
import inkhorn.accounts.views.joining
import inkhorn.accounts.views.links
import inkhorn.accounts.views.oauth
import inkhorn.accounts.views.own.account
import inkhorn.accounts.views.own.closing
import inkhorn.accounts.views.own.credentials
import inkhorn.accounts.views.own.factors
import inkhorn.accounts.views.own.identities
import inkhorn.accounts.views.own.keys
import inkhorn.accounts.views.own.passkeys
import inkhorn.accounts.views.own.proving
import inkhorn.accounts.views.own.sessions
import inkhorn.accounts.views.recovering
import inkhorn.accounts.views.second
import inkhorn.accounts.views.setting_up
import inkhorn.admin.tasks
import inkhorn.admin.views.audit
import inkhorn.admin.views.backups
import inkhorn.admin.views.inviting
import inkhorn.admin.views.jobs
import inkhorn.admin.views.keys
import inkhorn.admin.views.letter
import inkhorn.admin.views.mail
import inkhorn.admin.views.moving
import inkhorn.admin.views.own_data
import inkhorn.admin.views.people
import inkhorn.admin.views.probes
import inkhorn.admin.views.records
import inkhorn.admin.views.roles
import inkhorn.admin.views.settings
import inkhorn.api.setting_up
import inkhorn.comments.events
import inkhorn.comments.listeners
import inkhorn.comments.tasks.forgetting
import inkhorn.comments.tasks.telling
import inkhorn.comments.views.banning
import inkhorn.comments.views.confirming
import inkhorn.comments.views.deciding
import inkhorn.comments.views.leaving
import inkhorn.comments.views.listening
import inkhorn.comments.views.moderating
import inkhorn.comments.views.own
import inkhorn.comments.views.queue
import inkhorn.comments.views.reading
import inkhorn.comments.views.writing
import inkhorn.core.cdn
import inkhorn.core.mail.delivering
import inkhorn.core.mail.trying
import inkhorn.core.replays
import inkhorn.media.listeners
import inkhorn.media.tasks
import inkhorn.media.views.albums
import inkhorn.media.views.bringing
import inkhorn.media.views.episodes
import inkhorn.media.views.files
import inkhorn.media.views.library
import inkhorn.media.views.parts
import inkhorn.media.views.portraits
import inkhorn.media.views.shows
import inkhorn.media.views.uploading
import inkhorn.posts.listeners
import inkhorn.posts.tasks
import inkhorn.posts.views.editor
import inkhorn.posts.views.moves
import inkhorn.posts.views.preview
import inkhorn.posts.views.versions
import inkhorn.search.listeners
import inkhorn.search.tasks
import inkhorn.site.searching.addresses
import inkhorn.site.sound_views
import inkhorn.transfer.events
import inkhorn.transfer.tasks
from inkhorn.accounts.identity import browsers, security, sessions
from inkhorn.accounts.identity.programs import bearers
from inkhorn.accounts.views.room import bp as accounts
from inkhorn.admin.views.room import bp as admin
from inkhorn.comments.views.room import bp as comments
from inkhorn.core import (
    assets,
    cors,
    error_reports,
    generations,
    guard,
    headers,
    large_files,
    limits,
    links,
    logs,
    methods,
    replica,
    statements,
    themes,
    tracing,
)
from inkhorn.core.config import Config, ConfigError
from inkhorn.core.config_loading import load_config
from inkhorn.core.database import db, tune_engine
from inkhorn.core.metrics import watching
from inkhorn.core.starting import refuse_unfinished
from inkhorn.feeds.views import bp as feeds
from inkhorn.media.views.room import bp as media
from inkhorn.posts.views.room import bp as posts
from inkhorn.site.views import bp as site

# Who reacts to what, lowest room first; a listener hears as soon as its module is imported.
LISTENERS = (
    inkhorn.accounts.listeners,
    inkhorn.media.listeners,
    inkhorn.posts.listeners,
    inkhorn.comments.listeners,
    inkhorn.search.listeners,
)
# What may be noted in the audit log is declared where these are imported; the other rooms' events are, by who sends them.
EVENTS = (inkhorn.comments.events, inkhorn.transfer.events)
# The timetable: importing a room's tasks registers its jobs.
TASKS = (
    inkhorn.core.cdn,
    inkhorn.core.mail.delivering,
    inkhorn.core.mail.trying,
    inkhorn.core.replays,
    inkhorn.accounts.tasks.clearing,
    inkhorn.accounts.tasks.closing,
    inkhorn.accounts.tasks.doors,
    inkhorn.accounts.tasks.inviting,
    inkhorn.accounts.tasks.letters,
    inkhorn.accounts.tasks.proofs,
    inkhorn.media.tasks,
    inkhorn.posts.tasks,
    inkhorn.comments.tasks.forgetting,
    inkhorn.comments.tasks.telling,
    inkhorn.search.tasks,
    inkhorn.transfer.tasks,
    inkhorn.admin.tasks,
)


class Notes(SecureCookieSessionInterface):
    """Flask's own session in a signed cookie; for who carries none, nothing is prepared to read it."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)


class Application(Flask):
    """Flask without what it asks of each function at every request: whether it is asynchronous. None here is."""

    session_interface = Notes()
    url_rule_class = links.Route

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


def create_app(config: Config | None = None) -> Flask:
    """Build the application; may be called any number of times in a process."""
    loaded = config or load_config()
    if not loaded.secret_key:
        raise ConfigError(
            "secret_key is missing; start once with `inkhorn run`, which makes one, or set it to 32 random characters or more."
        )
    refuse_unfinished(loaded.data)
    app = Application("inkhorn", static_folder=None, template_folder="templates")
    app.extensions["inkhorn.config"] = loaded
    app.config.from_mapping(flask_settings(loaded))
    logs.init_app(app, loaded)
    error_reports.init_app(app, loaded)
    tracing.init_app(app, loaded)
    db.init_app(app)
    with app.app_context():
        tune_engine(db.engine)
    watching.init_app(app, loaded)
    generations.init_app(app, loaded)
    replica.init_app(app, loaded)
    Babel(app)
    links.init_app(app)
    large_files.init_app(app, loaded)
    headers.init_app(app, loaded)
    cors.init_app(app)
    methods.init_app(app)
    security.init_app(app, loaded)
    sessions.init_app(app)
    bearers.init_app(app)
    browsers.init_app(app)
    guard.init_app(app)
    limits.init_app(app, loaded)
    assets.init_app(app)
    themes.init_app(app)
    for room in (accounts, media, posts, comments, feeds, site, admin):
        app.register_blueprint(room)
    inkhorn.api.setting_up.init_app(app)
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
        "SQLALCHEMY_ENGINES": {"default": engine_settings(loaded)}
        | ({replica.NAME: replica.engine_settings(loaded)} if loaded.replica_url else {}),
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
    """Address and pool: a connection for each thread that answers or works, and a few to spare. Errors name no values of rows, for they are logged."""
    timing = statements.connect_args(loaded)
    if loaded.uses_sqlite:
        return {"url": loaded.database_url, "connect_args": {"check_same_thread": False} | timing, "hide_parameters": True}
    threads = max(loaded.web_threads, loaded.job_threads)
    pool = {"pool_size": threads + 2, "max_overflow": 4, "pool_pre_ping": True}
    return {"url": loaded.driver_url, "connect_args": timing | statements.patience(loaded.driver_url), "hide_parameters": True} | pool
