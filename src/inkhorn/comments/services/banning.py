"""Keeping people out: by account, address, host or network place, until a day or for good; and letting them in again."""

import re
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Select, delete, or_, select

from inkhorn.accounts.policies import is_staff
from inkhorn.accounts.services.people import tidy_email
from inkhorn.comments.models import LONGEST_REASON, Ban, BanKind, Comment
from inkhorn.comments.services.learning import email_of
from inkhorn.core import audit, clock
from inkhorn.core.access import Actor
from inkhorn.core.database import insert_into, session
from inkhorn.core.errors import Conflict, Invalid, NotFound

_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,8}[a-z][a-z0-9-]{0,61}[a-z0-9]")
LONGEST_HOST = 253


class CannotBan(Conflict):
    """There is nothing by which they could be known, or they work here."""


def ways_to_ban(comment: Comment) -> dict[BanKind, tuple[str, str]]:
    """By what its writer can be kept out: for each kind the value that is compared and the words that moderators see."""
    ways: dict[BanKind, tuple[str, str]] = {}
    email = email_of(comment)
    if comment.user is not None:
        ways[BanKind.USER] = (str(comment.user.id), f"{comment.user.name} ({comment.user.username})")
    if email:
        ways[BanKind.EMAIL] = (email, email)
        ways[BanKind.DOMAIN] = (host := email.rpartition("@")[2], f"everybody at {host}")
    if comment.place_digest:
        ways[BanKind.PLACE] = (comment.place_digest, f"the network place of {comment.name or 'somebody'}, comment {comment.id}")
    return ways


def ban_commenter(comment: Comment, kinds: Iterable[BanKind], *, until: datetime | None, reason: str, by: Actor) -> list[Ban]:
    """Keep out whoever wrote it, by each of these; CannotBan where none of them is known, or for people who work here."""
    if comment.user is not None and is_staff(comment.user):
        raise CannotBan(f"{comment.user.name} works on this site and cannot be kept out. Ask an administrator to change their role.")
    ways = ways_to_ban(comment)
    known = [kind for kind in dict.fromkeys(kinds) if kind in ways]
    if not known:
        raise CannotBan("Nothing is known of whoever wrote this by which they could be kept out.")
    return [_ban(kind, *ways[kind], until=until, reason=reason, by=by) for kind in known]


def ban_address(address: str, *, until: datetime | None, reason: str, by: Actor) -> Ban:
    """Keep out an e-mail address, or everybody at a host: "ada@example.org", "example.org" or "@example.org"."""
    told = address.strip().lower()
    if "@" in told.lstrip("@"):
        email = tidy_email(told)
        return _ban(BanKind.EMAIL, email, email, until=until, reason=reason, by=by)
    host = told.removeprefix("@").rstrip(".")
    if len(host) > LONGEST_HOST or not _HOST.fullmatch(host):
        raise Invalid("Write an address like ada@example.org, or a host like example.org.", field="address")
    return _ban(BanKind.DOMAIN, host, f"everybody at {host}", until=until, reason=reason, by=by)


def lift_ban(ban: Ban, *, by: Actor) -> None:
    """Let them in again."""
    audit.record(by, "comments.ban_lifted", ban)
    session().delete(ban)
    session().flush()


def ban_on(kind: BanKind, value: str) -> Ban | None:
    """The ban on exactly that, where it has not ended."""
    return session().scalars(standing_bans().where(Ban.kind == kind, Ban.value == value)).one_or_none()


def ban_numbered(number: int) -> Ban:
    """The ban of that number; NotFound where it was lifted or never was."""
    found = session().get(Ban, number) if 0 < number < 2**31 else None
    if found is None:
        raise NotFound("There is no such ban; somebody may have lifted it.")
    return found


def standing_bans() -> Select[Ban]:
    """Every ban that has not ended, the latest first."""
    return select(Ban).where(or_(Ban.until.is_(None), Ban.until > clock.now())).order_by(Ban.id.desc())


def _ban(kind: BanKind, value: str, label: str, *, until: datetime | None, reason: str, by: Actor) -> Ban:
    words = " ".join(reason.replace("\x00", "").split())
    if len(words) > LONGEST_REASON:
        raise Invalid(f"At most {LONGEST_REASON} characters.", field="reason")
    if until is not None and until <= clock.now():
        raise Invalid("Choose a day that is still to come.", field="until")
    # Those that have ended keep nobody out and are no longer listed.
    session().execute(delete(Ban).where(Ban.until <= clock.now()))
    told = {"label": label[:320], "reason": words, "until": until, "created_at": clock.now(), "created_by_label": by.label[:320]}
    made = insert_into(Ban).values(kind=kind, value=value, **told)
    session().execute(made.on_conflict_do_update(index_elements=[Ban.kind, Ban.value], set_=told))
    found = select(Ban).where(Ban.kind == kind, Ban.value == value).execution_options(populate_existing=True)
    ban = session().scalars(found).one()
    audit.record(by, "comments.banned", ban, kind=kind.value, until=until.isoformat() if until else None)
    return ban
