"""What the tables hold of one person, column by named column: what is secret, and what is about others, is not among them."""

import heapq
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.orm import InstrumentedAttribute

from inkhorn.accounts.models import Follow, Invitation, KnownDevice, LinkedIdentity, Passkey, Session, User
from inkhorn.accounts.queries import factors_of
from inkhorn.comments.models import Comment
from inkhorn.core import clock
from inkhorn.core.audit import Entry
from inkhorn.core.database import session
from inkhorn.core.mail.letters import Letter
from inkhorn.media.models import Asset

# Rows that are read together; each batch begins where the one before ended.
BATCH = 200
PROFILE = "name username email status bio website links language timezone notices created_at confirmed_at terms_accepted_at".split()
# What the systems that people unpack archives on do not take in a name.
UNFIT = re.compile(r'[<>:"/\\|?*\x00-\x1f]')

Line = dict[str, Any]


def profile_of(user_id: int) -> Line:
    user = session().get_one(User, user_id)
    guards = factors_of(user_id)
    told = {name: getattr(user, name) for name in PROFILE}
    return _plain(
        told
        | {
            "roles": [role.name for role in user.roles],
            "password_changed_at": user.password_changed_at,
            "has_authenticator_app": guards.has_authenticator,
            "recovery_codes_left": guards.recovery_codes,
            "has_feed_of_followed_authors": user.following_key is not None,
        }
    )


def tables_of(user_id: int) -> Iterator[tuple[str, Iterable[Line]]]:
    """Name and lines of each table."""
    yield "sessions.json", _own(Session, user_id, "started_at seen_at way is_two_factor is_remembered address device")
    yield "devices.json", _own(KnownDevice, user_id, "label address first_at seen_at")
    yield "passkeys.json", _own(Passkey, user_id, "name added_at used_at")
    yield "identities.json", _own(LinkedIdentity, user_id, "provider issuer subject label linked_at used_at")
    yield "following.json", _followed(user_id)
    yield "comments.json", _own(Comment, user_id, "id post_id parent_id state name body created_at edited_at")
    yield "invitations.json", _read(Invitation, Invitation.invited_by_id == user_id, "email name message created_at accepted_at")
    yield "letters.json", _letters(user_id)
    yield "log.json", _log(user_id)


def uploads_told(user_id: int) -> Iterator[Line]:
    columns = "id filename content_type size_bytes width height alt caption created_at"
    return _read(Asset, Asset.uploaded_by_id == user_id, columns)


def uploads_named(user_id: int) -> Iterator[tuple[str, str, str]]:
    """Name in the archive, storage key and media type of each file."""
    for line in _read(Asset, Asset.uploaded_by_id == user_id, "id filename key content_type"):
        yield f"media/{line['id']}-{fit(line['filename'])}", line["key"], line["content_type"]


def fit(name: str) -> str:
    """A name that every system can give to a file, whatever somebody called it."""
    return UNFIT.sub("_", name).strip(". ")[:120] or "unnamed"


def today() -> str:
    return f"{clock.now():%Y-%m-%d}"


def _own(model: Any, user_id: int, columns: str) -> Iterator[Line]:
    return _read(model, model.user_id == user_id, columns)


def _read(model: Any, where: ColumnElement[bool], columns: str) -> Iterator[Line]:
    named = [model.__table__.c[name] for name in columns.split()]
    for row in in_batches(select(model.id, *named).where(where), model.id):
        yield _plain(dict(zip(columns.split(), row[1:], strict=True)))


def in_batches(rows: Select[*tuple[Any, ...]], number: InstrumentedAttribute[int]) -> Iterator[Any]:
    """Rows whose first column is their number, a few at a time, so that nothing stays open meanwhile."""
    after = 0
    while batch := session().execute(rows.where(number > after).order_by(number).limit(BATCH)).all():
        yield from batch
        after = batch[-1][0]


def _followed(user_id: int) -> Iterator[Line]:
    named = select(User.id, User.name, User.username, Follow.followed_at).join(Follow, Follow.author_id == User.id)
    for _number, name, username, followed_at in in_batches(named.where(Follow.follower_id == user_id), User.id):
        yield _plain({"name": name, "username": username, "followed_at": followed_at})


def _letters(user_id: int) -> Iterator[Line]:
    email = session().scalar(select(User.email).where(User.id == user_id))
    return _read(Letter, Letter.to_address == email, "subject kind state created_at sent_at")


def _log(user_id: int) -> Iterator[Line]:
    # Two questions that an index answers each, and not one with OR, which reads everything anew for each batch.
    by_them = Entry.actor_id == user_id
    about_them = and_(Entry.subject_kind == "user", Entry.subject_id == user_id, Entry.actor_id.is_distinct_from(user_id))
    columns = (Entry.id, Entry.at, Entry.action, Entry.actor_id, Entry.subject_kind, Entry.subject_label, Entry.address, Entry.device)
    streams = (in_batches(select(*columns).where(each), Entry.id) for each in (by_them, about_them))
    for _number, at, action, actor_id, kind, label, address, device in heapq.merge(*streams, key=itemgetter(0)):
        is_own = actor_id == user_id
        who = "you" if is_own else "somebody else" if actor_id else "the site"
        more = {"address": address, "device": device} if is_own else {}
        yield _plain({"at": at, "action": action, "by": who, "what": kind, "named": label, **more})


def _plain(line: Line) -> Line:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in line.items()}
