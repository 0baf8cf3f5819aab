"""Packages that only some installations have, loaded when a setting asks for them."""

from importlib import import_module
from typing import Any

from inkhorn.core.config import ConfigError


def extra(setting: str, name: str, *modules: str) -> tuple[Any, ...]:
    """The modules; ConfigError with the remedy where the setting is there and the package is not."""
    try:
        return tuple(import_module(each) for each in modules)
    except ImportError as error:
        raise ConfigError(
            f"{setting} is set, but the package it needs is not installed ({error.name or error}). "
            f"Run: pip install 'inkhorn[{name}]', or take the setting away."
        ) from error
