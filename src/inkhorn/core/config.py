"""Configuration: defaults, then inkhorn.toml, then INKHORN_* variables, made into one frozen Config or refused in a sentence."""

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from flask import current_app

Profile = Literal["development", "testing", "staging", "production"]
PROFILES: tuple[Profile, ...] = ("development", "testing", "staging", "production")
FILE_NAME = "inkhorn.toml"
PREFIX = "INKHORN_"
LEAST_SECRET_CHARACTERS = 32


class ConfigError(Exception):
    """The start is refused; str() is one line that names the key, the value and the mend."""


def _setting(default: Any, meaning: str, *, secret: bool = False) -> Any:
    return field(default=default, metadata={"help": meaning, "secret": secret})


@dataclass(frozen=True, kw_only=True)
class Config:
    """Every value the program is started with; `origins` tells where each came from."""

    profile: Profile = _setting("production", "How careful to be: development, testing, staging or production.")
    data: Path = _setting(Path("data"), "The folder that holds the database, the media, the secret key and the settings file.")
    secret_key: str = _setting(
        "", "Signs cookies and links; made and kept in the data folder when absent. At least 32 characters.", secret=True
    )
    database_url: str = _setting("", "SQLAlchemy address of the database; empty means inkhorn.sqlite3 in the data folder.", secret=True)
    site_url: str | None = _setting(None, "Address readers use, such as https://example.org; empty means the one they asked for.")
    host: str = _setting("127.0.0.1", "Address to listen on.")
    port: int = _setting(8000, "Port to listen on.")
    web_workers: int = _setting(2, "Web server processes.")
    web_threads: int = _setting(
        2, "Requests that each web process answers at once; more pay only where requests wait for something outside."
    )
    job_threads: int = _setting(2, "Background jobs that run at once in the embedded runner.")
    broker_url: str | None = _setting(None, "Redis or RabbitMQ for Celery workers; empty means the embedded runner.", secret=True)
    trusted_proxies: int = _setting(0, "How many proxies in front set X-Forwarded-*; 0 ignores those headers.")
    allowed_hosts: tuple[str, ...] = _setting(
        (),
        "Host names this site answers to besides those of loopback; empty means that of site_url, "
        "and without one plain IP addresses where it listens to other machines.",
    )
    hsts_subdomains: bool = _setting(
        False, "Have browsers insist on https for every host under this one too; only where all of them speak it."
    )
    insecure_http: bool = _setting(
        False, "Serve plain http to other machines in staging and production; only behind a proxy that speaks https."
    )
    max_upload_mb: int = _setting(20, "Largest picture or file that may be uploaded, in megabytes.")
    max_form_mb: int = _setting(4, "Largest form that is read, in megabytes; uploads have their own limit.")
    log_level: str = _setting("info", "Least important line that is logged: debug, info, warning or error.")
    log_format: str = _setting("", "json or console; empty means console in development and json elsewhere.")
    log_file: Path | None = _setting(None, "File to log to, rotated at 10 MB; empty means standard error.")
    origins: Mapping[str, str] = field(default_factory=dict, metadata={"internal": True})

    @property
    def is_development(self) -> bool:
        return self.profile == "development"

    @property
    def is_testing(self) -> bool:
        return self.profile == "testing"

    @property
    def is_production(self) -> bool:
        return self.profile in ("production", "staging")

    @property
    def uses_https(self) -> bool:
        return bool(self.site_url and self.site_url.startswith("https://"))

    @property
    def uses_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def driver_url(self) -> str:
        """The database's address as SQLAlchemy wants it, with the driver that we ship."""
        return re.sub(r"^postgresql://", "postgresql+psycopg://", self.database_url)

    @property
    def sqlite_path(self) -> Path | None:
        return Path(self.database_url.removeprefix("sqlite:///")) if self.uses_sqlite else None


def config() -> Config:
    """The configuration of the running application."""
    running: Config = current_app.extensions["inkhorn.config"]
    return running


def settings_of_config() -> list[Any]:
    """The dataclass fields that people set, in order; metadata has "help" and "secret"."""
    return [each for each in fields(Config) if not each.metadata.get("internal")]


def load_config(
    *, data: Path | None = None, environ: Mapping[str, str] | None = None, overrides: Mapping[str, Any] | None = None
) -> Config:
    """Read the three layers; ConfigError on an unknown key or a value that makes no sense. Writes nothing."""
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    folder = Path(data or environ.get(f"{PREFIX}DATA") or "data").expanduser().absolute()
    for source, layer in (
        (FILE_NAME, _from_file(folder / FILE_NAME)),
        ("environment", _from_environment(environ)),
        ("override", dict(overrides or {})),
    ):
        for key, value in layer.items():
            values[key] = _convert(key, value, source)
            origins[key] = source
    values["data"] = folder
    origins["data"] = "command line" if data else origins.get("data", "default")
    _fill_in(values, origins, folder)
    loaded = Config(**values, origins=origins)
    _refuse_nonsense(loaded)
    return loaded


def _from_file(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read ({_reason(error)}); make it readable UTF-8 text or remove it.") from error
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not valid TOML: {error}. Mend that line.") from error
    for key in table:
        _refuse_unknown(key, str(path))
    if "data" in table:
        raise ConfigError(f'{path}: data = "{table["data"]}" cannot stand in the folder it names; give --data or INKHORN_DATA instead.')
    return {key: value for key, value in table.items() if value != ""}


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in sorted(environ.items()):
        if not name.startswith(PREFIX):
            continue
        key = name.removeprefix(PREFIX).lower()
        if key.endswith("_file") and key != "log_file":
            key = key.removesuffix("_file")
            found[key] = _secret_from(name, Path(value))
        elif value != "":
            found[key] = value
        _refuse_unknown(key, name)
    return found


def _secret_from(name: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{name} names {path}, which cannot be read ({_reason(error)}); correct the path or its permissions.") from error


def _refuse_unknown(key: str, where: str) -> None:
    known = {each.name for each in settings_of_config()}
    if key not in known:
        raise ConfigError(f'{where}: there is no setting "{key}"; known are {", ".join(sorted(known))}.')


def _convert(key: str, value: Any, source: str) -> Any:
    wanted = Config.__dataclass_fields__[key].type
    try:
        return _CONVERTERS[str(wanted) if not isinstance(wanted, type) else wanted.__name__](value)
    except (ValueError, TypeError) as error:
        shown = "********" if Config.__dataclass_fields__[key].metadata.get("secret") else value
        raise ConfigError(f'{key} = "{shown}" (from {source}) makes no sense: {error}.') from error


def _as_int(value: Any) -> int:
    if isinstance(value, bool) or not re.fullmatch(r"-?\d{1,9}", str(value).strip()):
        raise ValueError("give a whole number")
    return int(value)


def _as_bool(value: Any) -> bool:
    words = {"true": True, "yes": True, "1": True, "on": True, "false": False, "no": False, "0": False, "off": False}
    if str(value).lower() not in words:
        raise ValueError("give true or false")
    return words[str(value).lower()]


def _as_names(value: Any) -> tuple[str, ...]:
    items = value if isinstance(value, list | tuple) else str(value).split(",")
    # Only host names come in lists, and browsers send those in small letters.
    return tuple(str(item).strip().lower() for item in items if str(item).strip())


def _as_text(value: Any) -> str:
    if not isinstance(value, str | Path):
        raise ValueError("give text in quotes")
    return str(value)


def _as_profile(value: Any) -> str:
    if value not in PROFILES:
        raise ValueError(f"choose one of {', '.join(PROFILES)}")
    return str(value)


_CONVERTERS: dict[str, Callable[[Any], Any]] = {
    "int": _as_int,
    "bool": _as_bool,
    "str": _as_text,
    "str | None": _as_text,
    "Path": lambda value: Path(_as_text(value)).expanduser().absolute(),
    "pathlib.Path | None": lambda value: Path(_as_text(value)).expanduser().absolute(),
    "tuple[str, ...]": _as_names,
    str(Profile): _as_profile,
}


def _fill_in(values: dict[str, Any], origins: dict[str, str], folder: Path) -> None:
    key_file = folder / "secret_key"
    if not values.get("secret_key") and key_file.exists():
        values["secret_key"] = _secret_from("The data folder", key_file)
        origins["secret_key"] = str(key_file)
    if not values.get("database_url"):
        values["database_url"] = f"sqlite:///{folder / 'inkhorn.sqlite3'}"
    if not values.get("log_format"):
        values["log_format"] = "console" if values.get("profile") in ("development", "testing") else "json"
    if not values.get("allowed_hosts") and values.get("site_url"):
        values["allowed_hosts"] = (urlsplit(values["site_url"]).hostname or "",)


def _refuse_nonsense(loaded: Config) -> None:
    bounds = {"port": (0, 65535), "web_workers": (1, 64), "web_threads": (1, 256), "job_threads": (1, 64), "trusted_proxies": (0, 10)}
    bounds |= {"max_upload_mb": (1, 4096), "max_form_mb": (1, 64)}
    for key, (least, most) in bounds.items():
        if not least <= getattr(loaded, key) <= most:
            raise ConfigError(f"{key} = {getattr(loaded, key)} is out of bounds; give a number from {least} to {most}.")
    if loaded.secret_key and (len(loaded.secret_key) < LEAST_SECRET_CHARACTERS or len(set(loaded.secret_key)) < 10):
        raise ConfigError(
            f"secret_key is too weak; give at least {LEAST_SECRET_CHARACTERS} random characters, or remove it and one is made."
        )
    if loaded.site_url:
        parts = urlsplit(loaded.site_url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/") or parts.query:
            raise ConfigError(f'site_url = "{loaded.site_url}" is no address of a site; give one like https://example.org.')
    if loaded.log_level not in ("debug", "info", "warning", "error"):
        raise ConfigError(f'log_level = "{loaded.log_level}" is unknown; choose debug, info, warning or error.')
    if loaded.log_format not in ("json", "console"):
        raise ConfigError(f'log_format = "{loaded.log_format}" is unknown; choose json or console.')
    if not re.match(r"(sqlite:///|postgresql(\+psycopg)?://)", loaded.database_url):
        raise ConfigError("database_url must begin with sqlite:/// or postgresql://; correct it.")
    if loaded.broker_url and not loaded.broker_url.startswith(("redis://", "rediss://", "amqp://", "amqps://")):
        raise ConfigError("broker_url must begin with redis://, rediss://, amqp:// or amqps://; correct it.")


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
