"""Structured logs: one line for each event, with the request's or the job's number and without anybody's secrets."""

import fcntl
import logging
import logging.handlers
import re
import secrets
import time
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, g, request

from inkhorn.core.access_log import AccessLog, Line
from inkhorn.core.config import Config, ConfigError, settings_of_config
from inkhorn.core.leaving_out import leaving_out

# Its coloured traces stay closed; with what they want a start took 70 modules more (29 November 2026).
with leaving_out("rich"):
    import structlog
    from structlog.contextvars import bind_contextvars, clear_contextvars, get_contextvars
    from structlog.typing import EventDict, Processor, WrappedLogger

log = logging.getLogger(__name__)

REQUEST_ID_HEADER = "X-Request-ID"
ROTATE_BYTES = 10_000_000
KEPT_FILES = 5
REDACTED = "[redacted]"

_SAFE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_SECRET_NAME = re.compile(
    r"passw|secret|token|cookie|authori[sz]ation|api_?key|credential|database_url|replica_url|broker_url|cdn_purge", re.IGNORECASE
)
_SECRET_TEXT = re.compile(
    r"""(?ix)
      (?P<before> \b(?:[\w-]*(?:password|passwd|secret|token|api_?key|authorization|cookie)[\w-]*)["']?\s*[=:]\s*["']? (?:(?:bearer|basic)\s+)?
                | \bbearer\s+ | /(?:setup|link|invitation|following|reset|confirm)/ )
      (?P<secret> (?!<) [^\s"'&;,)}\]@]+ )"""
)
_SECRET_ADDRESS = re.compile(r"(://[^\s:/@]+:)[^\s/@]+(?=@)")
_OUR_MARK = "_inkhorn"
ACCESS_LOG = "inkhorn.access_log"


class Redact:
    """Blots out values under telling names, telling phrases in any text, and the configuration's own secrets wherever they stand."""

    def __init__(self, literals: tuple[str, ...] = ()) -> None:
        self._literals = tuple(literal for literal in literals if len(literal) >= 6)

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        for key, value in event.items():
            event[key] = self._clean(key, value)
        return event

    def _clean(self, key: str, value: Any) -> Any:
        if _SECRET_NAME.search(key) and value is not None:
            return REDACTED
        if isinstance(value, str):
            return self.clean_text(value)
        if isinstance(value, dict):
            return {name: self._clean(str(name), item) for name, item in value.items()}
        if isinstance(value, list | tuple):
            return [self._clean("", item) for item in value]
        return value

    def clean_text(self, text: str) -> str:
        """The text without what looks like a secret."""
        for literal in self._literals:
            text = text.replace(literal, REDACTED)
        text = _SECRET_ADDRESS.sub(rf"\1{REDACTED}", text)
        return _SECRET_TEXT.sub(lambda found: found["before"] + REDACTED, text)


class SharedFileHandler(logging.handlers.WatchedFileHandler):
    """Writes to a file that several processes share; whoever finds it too large turns it over, once."""

    def emit(self, record: logging.LogRecord) -> None:
        super().emit(record)
        try:
            if self.stream and self.stream.tell() > ROTATE_BYTES:
                self._turn_over()
        except OSError:
            self.handleError(record)

    def _turn_over(self) -> None:
        path = Path(self.baseFilename)
        with path.with_name(path.name + ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if path.exists() and path.stat().st_size > ROTATE_BYTES:
                for number in range(KEPT_FILES - 1, 0, -1):
                    older = path.with_name(f"{path.name}.{number}")
                    if older.exists():
                        older.replace(path.with_name(f"{path.name}.{number + 1}"))
                path.replace(path.with_name(path.name + ".1"))
            self.reopenIfNeeded()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name is logging's
        """A full disk must not stop the site: the line is lost and the next one tries again."""


class HouseFormatter(structlog.stdlib.ProcessorFormatter):
    """Gives every record the house's form, but for those that have it already."""

    def format(self, record: logging.LogRecord) -> str:
        return record.ready if isinstance(record, Line) else super().format(record)


def told_with_each_line() -> dict[str, Any]:
    """What every line of the log says of the request or the job that is worked on."""
    return get_contextvars()


def configure(config: Config) -> AccessLog | None:
    """Point the root logger where the configuration says; may be called again with another one. What writes a line for each request, if any does."""
    handler = _file_handler(config.log_file) if config.log_file else logging.StreamHandler()
    redact = redact_for(config)
    handler.setFormatter(_formatter(config, redact))
    setattr(handler, _OUR_MARK, True)
    root = logging.getLogger()
    for old in [each for each in root.handlers if hasattr(each, _OUR_MARK)]:
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
    root.setLevel(config.log_level.upper())
    # Their news at "info" is ours to tell, once.
    for name in ("alembic", "werkzeug", "PIL", "asyncio", "celery"):
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    if not config.writes_access_log or root.level > logging.INFO:
        return None
    return AccessLog(handler, is_json=config.log_format == "json", addresses=config.log_addresses, clean=redact.clean_text)


def _file_handler(path: Path) -> logging.Handler:
    try:
        return SharedFileHandler(path, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f'log_file = "{path}" cannot be written ({error.strerror}); correct the path or its permissions.') from error


def redact_for(config: Config) -> Redact:
    """What blots out this configuration's secrets, wherever they stand."""
    literals = tuple(str(getattr(config, each.name) or "") for each in settings_of_config() if each.metadata.get("secret"))
    # An address of the default SQLite file is no secret.
    return Redact(tuple(each for each in literals if not each.startswith("sqlite:")))


def _formatter(config: Config, redact: Redact) -> logging.Formatter:
    is_json = config.log_format == "json"
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        structlog.processors.format_exc_info,
    ]
    last: Processor = structlog.processors.JSONRenderer() if is_json else structlog.dev.ConsoleRenderer(colors=False)
    return HouseFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, redact, last],
    )


def init_app(app: Flask, config: Config) -> None:
    app.extensions[ACCESS_LOG] = configure(config)
    app.before_request(begin_request)
    app.after_request(end_request)
    app.teardown_request(_forget_request)


def access_log_of(app: Flask) -> AccessLog | None:
    """What writes a line for each request, if any does."""
    found: AccessLog | None = app.extensions.get(ACCESS_LOG)
    return found


def given_number(sent: str) -> str:
    """The number that a proxy sent, if it is a plain word; else nothing."""
    return sent if sent and _SAFE_ID.fullmatch(sent) else ""


def begin_request() -> None:
    """Give the request its number: the one a proxy sent, if it is a plain word, else our own."""
    g.request_id = given_number(request.headers.get(REQUEST_ID_HEADER, "")) or secrets.token_hex(8)
    g.request_began = time.perf_counter()
    clear_contextvars()
    bind_contextvars(request_id=g.request_id)


def end_request(response: Response) -> Response:
    if "request_id" not in g:
        return response
    response.headers[REQUEST_ID_HEADER] = g.request_id
    writer = access_log_of(current_app)
    if writer is not None:
        writer.write(
            number=g.request_id,
            method=request.method,
            # The rule rather than the path: some paths carry a token.
            route=request.url_rule.rule if request.url_rule else writer.clean(request.path),
            endpoint=request.endpoint,
            status=response.status_code,
            began=g.request_began,
            bytes=0 if request.method == "HEAD" or response.is_streamed else response.calculate_content_length(),
            user=g.get("actor_id"),
            address=request.remote_addr,
        )
    return response


def _forget_request(_error: BaseException | None) -> None:
    clear_contextvars()
