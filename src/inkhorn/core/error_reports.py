"""Unexpected errors, reported to Sentry or what speaks like it: where it happened and in which code, and nothing about anybody."""

import logging
import time
import traceback
from typing import Any

from flask import Flask

from inkhorn import __version__
from inkhorn.core.config import Config
from inkhorn.core.extras import extra
from inkhorn.core.logs import Redact, redact_for
from inkhorn.core.statements import where

log = logging.getLogger(__name__)

_CLIENT = "inkhorn.error_reports"
# What an event may hold; whatever else the package gathers stays here.
KEPT = ("event_id", "timestamp", "level", "platform", "exception", "release", "environment", "tags", "sdk", "transaction")
KEPT_OF_FRAMES = ("filename", "function", "module", "lineno", "in_app", "abs_path")
KEPT_OF_ERRORS = ("type", "value", "module", "stacktrace", "mechanism")
SHUTDOWN_SECONDS = 1.0
LONGEST_REASON = 300
# The same error at the same place is reported once in that time.
REST_SECONDS = 60.0


class ErrorReports(logging.Handler):
    """Reports every record that carries an error."""

    def __init__(self, config: Config) -> None:
        super().__init__(logging.ERROR)
        (self._sentry,) = extra("sentry_dsn", "sentry", "sentry_sdk")
        self._redact = redact_for(config)
        self._rests_until: dict[tuple[object, ...], float] = {}
        # A client of our own and nothing of what the package would hook into by itself: neither requests, queries nor breadcrumbs.
        self._client = self._sentry.Client(
            dsn=config.sentry_dsn,
            release=f"inkhorn@{__version__}",
            environment=config.profile,
            default_integrations=False,
            integrations=[],
            auto_enabling_integrations=False,
            send_default_pii=False,
            include_local_variables=False,
            include_source_context=False,
            max_breadcrumbs=0,
            server_name="",
            before_send=lambda event, _hint: stripped(event, self._redact),
            shutdown_timeout=SHUTDOWN_SECONDS,
            send_client_reports=False,
        )

    def emit(self, record: logging.LogRecord) -> None:
        # Its own troubles would only make more of them.
        if not record.exc_info or record.name.startswith(("sentry_sdk", "urllib3")) or self._is_told(record):
            return
        try:
            event, hint = self._sentry.utils.event_from_exception(record.exc_info, client_options=self._client.options)
            event["tags"] = {"event": _named(record), "where": where()}
            self._client.capture_event(event, hint)
        except Exception:
            # A report is never worth a failed request.
            self.handleError(record)

    def _is_told(self, record: logging.LogRecord) -> bool:
        """Whether the same was reported just now: while the database is away, some things are tried every second and fail every time."""
        error, now = (record.exc_info or (None, None, None))[1], time.monotonic()
        frames = list(traceback.walk_tb(error.__traceback__)) if error is not None else []
        place = (frames[-1][0].f_code.co_filename, frames[-1][1]) if frames else ()
        told = (_named(record), where(), type(error).__name__, *place)
        if now < self._rests_until.get(told, 0.0):
            return True
        self._rests_until = {key: until for key, until in self._rests_until.items() if now < until} | {told: now + REST_SECONDS}
        return False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name is logging's
        """Nothing: to log it would report it again."""

    def flush(self) -> None:
        self._client.flush(timeout=SHUTDOWN_SECONDS)

    def close(self) -> None:
        self._client.close(timeout=SHUTDOWN_SECONDS)
        super().close()


def _named(record: logging.LogRecord) -> str:
    """What our own loggers call it, without what is put into the sentence; other people's sentences may hold anything, as the path that was asked."""
    return str(record.msg)[:100] if record.name.startswith("inkhorn.") else record.name


def stripped(event: dict[str, Any], redact: Redact) -> dict[str, Any]:
    """The event with what is on the list alone, and no text in it that looks like a secret."""
    kept = {name: value for name, value in event.items() if name in KEPT}
    errors = kept.get("exception", {}).get("values", [])
    kept["exception"] = {"values": [_error(each, redact) for each in errors]}
    return kept


def _error(error: dict[str, Any], redact: Redact) -> dict[str, Any]:
    kept = {name: value for name, value in error.items() if name in KEPT_OF_ERRORS}
    # What an error says may quote what somebody typed, so only what it is named leaves, and what our own errors say.
    is_ours = str(error.get("module") or "").startswith("inkhorn")
    kept["value"] = redact.clean_text(str(error.get("value") or ""))[:LONGEST_REASON] if is_ours else ""
    frames = (error.get("stacktrace") or {}).get("frames", [])
    kept["stacktrace"] = {"frames": [{name: value for name, value in frame.items() if name in KEPT_OF_FRAMES} for frame in frames]}
    return kept


def init_app(app: Flask, config: Config) -> None:
    root = logging.getLogger()
    for old in [each for each in root.handlers if isinstance(each, ErrorReports)]:
        root.removeHandler(old)
    if config.sentry_dsn:
        app.extensions[_CLIENT] = reports = ErrorReports(config)
        root.addHandler(reports)
