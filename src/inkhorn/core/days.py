"""Days in words, as each language has them."""

from datetime import date
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date


@lru_cache(maxsize=64)
def locale_of(language: str) -> Locale:
    """The nearest locale that dates can be written in; plain English is British here."""
    tag = "en-GB" if language.lower() == "en" else language
    for candidate in (tag, tag.split("-")[0]):
        try:
            return Locale.parse(candidate, sep="-")
        except (ValueError, UnknownLocaleError):
            continue
    return Locale("en", "GB")


# Formatting a date costs more than drawing the whole entry around it.
@lru_cache(maxsize=4096)
def full_date(day: date, language: str) -> str:
    return format_date(day, "long", locale=locale_of(language))
