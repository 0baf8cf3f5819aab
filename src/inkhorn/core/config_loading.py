"""The three layers of the configuration, defaults, inkhorn.toml and INKHORN_* variables, made into one Config or refused in a sentence."""

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from inkhorn.core.config import Config, ConfigError, Profile, settings_of_config
from inkhorn.core.config_checks import refuse_nonsense

PROFILES: tuple[Profile, ...] = ("development", "testing", "staging", "production")
FILE_NAME = "inkhorn.toml"
PREFIX = "INKHORN_"


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
    refuse_nonsense(loaded)
    return loaded


def _from_file(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, UnicodeDecodeError) as error:
        mend = (
            "run this as the account that owns it, or correct its permissions"
            if isinstance(error, PermissionError)
            else "make it readable UTF-8 text or remove it"
        )
        raise ConfigError(f"{path} cannot be read ({_reason(error)}); {mend}.") from error
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not valid TOML: {error}. Mend that line.") from error
    for key, value in table.items():
        if isinstance(value, dict):
            raise ConfigError(f"{path}: [{key}] begins a section, and this file has none; take that line away and leave the settings.")
        _refuse_unknown(key, str(path))
    if "data" in table:
        raise ConfigError(f'{path}: data = "{table["data"]}" cannot stand in the folder it names; give --data or INKHORN_DATA instead.')
    return {key: value for key, value in table.items() if value != ""}


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    known = {each.name for each in settings_of_config()}
    for name, value in sorted(environ.items()):
        if not name.startswith(PREFIX):
            continue
        key = name.removeprefix(PREFIX).lower()
        # The names of some settings end so themselves.
        if key.endswith("_file") and key not in known:
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
        meant = get_close_matches(key, known, n=1)
        ask = f'did you mean "{meant[0]}"? Known' if meant else "known"
        raise ConfigError(f'{where}: there is no setting "{key}"; {ask} are {", ".join(sorted(known))}.')


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
    # Only host names and origins come in lists, and browsers send those in small letters.
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


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
