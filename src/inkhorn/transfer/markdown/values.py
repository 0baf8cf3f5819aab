"""Reads the values of front matter: dates, lists, words, names of languages, whatever type the author's file gave them."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

_MOMENT = re.compile(
    r"^\s*(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})"
    r"(?:[T\s]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d+)?)?)?"
    r"\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{1,2})?(?:\s+[A-Z]{3,4})?\s*$",
    re.IGNORECASE,
)
_PARTS = ("year", "month", "day", "hour", "minute", "second")
_WORDED = ("%B %d, %Y", "%b %d, %Y", "%d %B %Y", "%d %b %Y", "%a, %d %b %Y %H:%M:%S %z", "%a %b %d %H:%M:%S %Y")
_IN_NAME = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?:-|_|$)")
_IN_PATH = re.compile(r"(?:^|/)(?P<year>(?:19|20)\d{2})/(?P<month>\d{1,2})/(?P<day>\d{1,2})(?:/|$)")
_LANGUAGE = re.compile(r"^[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*$")


def moment_of(value: Any) -> datetime | None:
    """An aware moment out of whatever stands for a date; None where it cannot be read or never was (0000-00-00)."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return datetime.combine(value, time(), UTC)
    if not isinstance(value, str) or len(value) > 60:
        return None
    found = _MOMENT.match(value)
    return _from_match(found) if found else _worded(value)


def _from_match(found: re.Match[str]) -> datetime | None:
    parts = found.groupdict()
    year, month, day, hour, minute, second = (int(parts.get(name) or 0) for name in _PARTS)
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=_zone(parts.get("zone"))).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _zone(text: str | None) -> timezone:
    if not text or text.upper() in ("Z", "UTC", "GMT"):
        return UTC
    digits = text[1:].replace(":", "")
    digits = f"{digits:0>2}".ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset)


def _worded(value: str) -> datetime | None:
    for form in _WORDED:
        try:
            moment = datetime.strptime(value.strip(), form)  # noqa: DTZ007 - the zone is added where there is none
        except ValueError:
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None


def moment_in_name(name: str) -> datetime | None:
    """The date at the start of a file's or folder's name, as in 2014-03-19-hello."""
    found = _IN_NAME.match(name)
    return _from_match(found) if found else None


def without_date(name: str) -> str:
    """The name without the date in front of it."""
    found = _IN_NAME.match(name)
    return name[found.end() :] or name if found else name


def moment_in_path(path: str) -> datetime | None:
    """The date in an address like /2019/05/15/title."""
    found = _IN_PATH.search(path)
    return _from_match(found) if found else None


def words_of(value: Any) -> list[str]:
    """A list of words out of a list, a comma-separated line or a single value; nothing twice."""
    match value:
        case None | bool():
            return []
        case str():
            parts: Iterable[Any] = value.split(",")
        case list() | tuple():
            parts = value
        case dict():
            parts = value.keys()
        case _:
            parts = [value]
    return list(
        dict.fromkeys(" ".join(str(part).split()) for part in parts if isinstance(part, str | int | float | date) and str(part).strip())
    )


def lines_of(value: Any) -> list[str]:
    """Whole entries, in which a comma is a comma: a list, or one entry."""
    if isinstance(value, list | tuple):
        return [str(entry).strip() for entry in value if isinstance(entry, str | int | float) and str(entry).strip()]
    return [value.strip()] if isinstance(value, str) and value.strip() else []


def text_of(value: Any) -> str:
    """One value as one line; nothing for lists and tables."""
    if value is None or isinstance(value, bool | list | dict):
        return ""
    return " ".join(str(value).split())


def is_true(value: Any) -> bool:
    return value is True or (isinstance(value, str) and value.strip().lower() in ("true", "yes", "1"))


def is_false(value: Any) -> bool:
    return value is False or (isinstance(value, str) and value.strip().lower() in ("false", "no", "0"))


def language_of(value: Any) -> str | None:
    """A language tag as BCP 47 writes it, out of "pt_BR", "zh-hans" and the like."""
    tag = text_of(value)
    if not _LANGUAGE.match(tag):
        return None
    first, *rest = tag.replace("_", "-").split("-")
    return "-".join([first.lower(), *(_subtag(part) for part in rest)])


def _subtag(part: str) -> str:
    if len(part) == 2:
        return part.upper()
    return part.title() if len(part) == 4 and part.isalpha() else part.lower()
