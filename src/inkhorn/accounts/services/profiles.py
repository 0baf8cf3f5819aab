"""What people say of themselves, and the username they go by."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy.exc import IntegrityError

from inkhorn.accounts.events import is_answered, profile_changed, username_changed, username_wanted
from inkhorn.accounts.models import User
from inkhorn.accounts.services.people import JOINERS, RESERVED, tidy_name
from inkhorn.accounts.settings import LANGUAGES, NOTICES, is_wanted
from inkhorn.core import audit
from inkhorn.core.access import Actor
from inkhorn.core.database import session
from inkhorn.core.errors import Conflict, Invalid
from inkhorn.core.zones import zone_names

LONGEST_BIO = 250
LONGEST_LINK = 500
MOST_LINKS = 8
USERNAME_LEAST, USERNAME_MOST = 2, 40


class UsernameTaken(Conflict):
    """Somebody has that username."""

    field = "username"

    def __init__(self, username: str) -> None:
        super().__init__(f"Somebody else is “{username}” already. Choose another one.")


@dataclass(frozen=True, kw_only=True)
class ProfileChanges:
    """What somebody says of themselves; None leaves a value as it is."""

    name: str | None = None
    bio: str | None = None
    website: str | None = None
    links: list[str] | None = None
    language: str | None = None
    timezone: str | None = None
    notices: dict[str, bool] | None = None


def change_profile(user: User, changes: ProfileChanges, *, by: Actor) -> None:
    """Keep what somebody says of themselves; Invalid names the field that cannot be kept."""
    tidied: dict[str, Callable[[Any], Any]] = {
        "name": tidy_name,
        "bio": tidy_bio,
        "website": tidy_website,
        "links": tidy_links,
        # What an import or a registration brought may stay, though the desk is not written in it.
        "language": lambda value: value if value == user.language else tidy_language(value),
        "timezone": tidy_zone,
        "notices": lambda value: _unusual(user.notices | value),
    }
    changed = []
    for each in fields(changes):
        given = getattr(changes, each.name)
        if given is None:
            continue
        value = tidied[each.name](given)
        if value != getattr(user, each.name):
            setattr(user, each.name, value)
            changed.append(each.name)
    session().flush()
    if changed:
        audit.record(by, "accounts.profile_changed", user, keys=changed)
        profile_changed.send(user)


def choose_username(user: User, username: str, *, by: Actor) -> None:
    """Give the user another username; UsernameTaken or Invalid. What stood at the old address leads on to the new one."""
    before = user.username
    # One that an import or a name made need not be as people choose them.
    wanted = before if username == before else tidy_username(username)
    if wanted == before:
        return
    user.username = wanted
    try:
        with session().begin_nested():
            session().flush()
    except IntegrityError as error:
        raise UsernameTaken(wanted) from error
    # Asked once the name is held: whoever gave it up a moment ago has said so by now.
    if is_answered(username_wanted, user, username=wanted, before=before):
        raise UsernameTaken(wanted)
    audit.record(by, "accounts.username_changed", user, before=before, after=wanted)
    username_changed.send(user, before=before, after=wanted)


def tidy_username(username: str) -> str:
    """The username as it is kept: small letters of one script, digits and hyphens; Invalid where it would mislead."""
    plain = unicodedata.normalize("NFKC", username).strip().casefold()
    if not USERNAME_LEAST <= len(plain) <= USERNAME_MOST:
        raise Invalid(f"A username has {USERNAME_LEAST} to {USERNAME_MOST} characters.", field="username")
    if not all(letter.isalnum() or letter == "-" for letter in plain) or plain.startswith("-") or plain.endswith("-") or "--" in plain:
        raise Invalid("A username is made of letters, digits and single hyphens between them.", field="username")
    if plain.isdigit() or len(_scripts_of(plain)) > 1:
        raise Invalid("A username holds letters, all of one alphabet, so that nobody is taken for somebody else.", field="username")
    if plain in RESERVED:
        raise Invalid(f"“{plain}” would be taken for the site itself. Choose another one.", field="username")
    return plain


def _scripts_of(plain: str) -> set[str]:
    """The alphabets its letters are of, by the first word of their names; the three of Japanese count as one."""
    names = {unicodedata.name(letter, "UNKNOWN").split()[0] for letter in plain if letter.isalpha()}
    return {"CJK" if name in ("CJK", "HIRAGANA", "KATAKANA") else name for name in names}


def tidy_bio(text: str) -> str:
    """A few lines without what cannot be seen; Invalid where they are too many."""
    lines = text.replace("\r\n", "\n")
    shown = "".join(letter for letter in lines if letter.isprintable() or letter in JOINERS or letter == "\n").strip()
    if len(shown) > LONGEST_BIO:
        raise Invalid(f"At most {LONGEST_BIO} characters; these are {len(shown)}.", field="bio")
    return shown


def tidy_website(text: str) -> str | None:
    return _tidy_link(text, "website") if text.strip() else None


def tidy_links(links: list[str]) -> list[str]:
    """Addresses that lead to the web and nowhere else; Invalid names the first that does not."""
    wanted = [link for link in links if link.strip()]
    if len(wanted) > MOST_LINKS:
        raise Invalid(f"At most {MOST_LINKS} addresses.", field="links")
    return list(dict.fromkeys(_tidy_link(link, "links") for link in wanted))


def tidy_language(tag: str) -> str | None:
    if tag and tag not in LANGUAGES:
        raise Invalid("Choose a language from the list.", field="language")
    return tag or None


def tidy_zone(name: str) -> str | None:
    if name and name not in zone_names():
        raise Invalid("Choose a time zone from the list.", field="timezone")
    return name or None


def _tidy_link(text: str, field: str) -> str:
    link = text.strip()
    is_link = bool(re.fullmatch(r"https?://[^\s<>\"'`{}|\\^]+", link)) and link.isprintable() and len(link) <= LONGEST_LINK
    host = link.partition("://")[2].partition("/")[0]
    if not is_link or "@" in host or "." not in host:
        shown = f"“{link[:60]}” is no web address. " if field == "links" and link.isprintable() else ""
        raise Invalid(f"{shown}Enter an address like https://example.org.", field=field)
    return link


def _unusual(notices: dict[str, Any]) -> dict[str, bool]:
    """Only what differs from what is usual, which may change one day."""
    return {name: bool(wanted) for name, wanted in notices.items() if name in NOTICES and bool(wanted) != is_wanted({}, name)}
