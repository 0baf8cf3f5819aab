"""What was answered under an Idempotency-Key, so that whoever sends the same thing twice is answered twice and obeyed once."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Integer, LargeBinary, String, delete, update
from sqlalchemy.orm import Mapped, mapped_column

from inkhorn.core import clock
from inkhorn.core.access import Actor
from inkhorn.core.database import Base, OffPages, insert_into, session, transaction
from inkhorn.core.errors import Invalid
from inkhorn.core.jobs import job

KEPT_FOR = timedelta(days=1)
LONGEST_KEY = 255


class Replay(OffPages, Base):
    """One request that was obeyed, and what it was answered."""

    __tablename__ = "replay"

    # Digest of who sent it and of the key they gave it: nobody finds another's.
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    # Digest of method, address and body.
    request: Mapped[str] = mapped_column(String(64))
    status: Mapped[int] = mapped_column(Integer, default=0)
    location: Mapped[str | None] = mapped_column(String(500))
    etag: Mapped[str | None] = mapped_column(String(200))
    body: Mapped[bytes] = mapped_column(LargeBinary, default=b"")
    made_at: Mapped[datetime] = mapped_column(default=clock.now, index=True)


@dataclass(frozen=True)
class Kept:
    """An answer as it was given."""

    status: int
    body: bytes
    location: str | None
    etag: str | None


class KeyReused(Invalid):
    """The key came with another request before."""

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key came with another request before. Give each request a key of its own.")


def claim(by: Actor, key: str, request: bytes) -> Kept | None:
    """Take the key in the open transaction; what was answered where the same request came before, KeyReused where another did."""
    digest, asked = _digest(by, key), hashlib.sha256(request).hexdigest()
    row = insert_into(Replay).values(digest=digest, request=asked, status=0, body=b"", made_at=clock.now())
    # Of two at once the second waits here until the first has committed, and then finds its answer.
    if session().scalar(row.on_conflict_do_nothing().returning(Replay.digest)) is not None:
        return None
    found = session().get(Replay, digest, populate_existing=True)
    if found is None or found.request != asked:
        raise KeyReused
    return Kept(found.status, found.body, found.location, found.etag)


def keep(by: Actor, key: str, answered: Kept) -> None:
    """Note the answer beside what was done."""
    values = {"status": answered.status, "body": answered.body, "location": answered.location, "etag": answered.etag}
    session().execute(update(Replay).where(Replay.digest == _digest(by, key)).values(**values))


@job("replays.forget", every=timedelta(hours=1))
def forget_replays() -> None:
    """Forget the answers of more than a day ago."""
    with transaction():
        session().execute(delete(Replay).where(Replay.made_at < clock.now() - KEPT_FOR))


def _digest(by: Actor, key: str) -> str:
    # A program that is nobody's is named by its key in the label, wherever it asks from.
    who = f"user:{by.id}" if by.id is not None else f"program:{by.label}" if by.is_signed_in else f"place:{by.address}"
    return hashlib.sha256(f"{who}\0{key}".encode()).hexdigest()
