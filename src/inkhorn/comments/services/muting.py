"""Wanting no more letters: about one thread, about any, or of a kind."""

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import delete

from inkhorn.accounts.models import User
from inkhorn.comments.models import Mute
from inkhorn.core import clock, tokens
from inkhorn.core.database import insert_into, session

PURPOSE = "comments.leave"
LIFE_SECONDS = 400 * 24 * 60 * 60

Kind = Literal["reply", "on_post", "waiting", "reported", "confirm"]
# In place of a thread's number: who gets letters because somebody else writes in their name.
NEVER_WROTE = -1


@dataclass(frozen=True)
class Leaving:
    """Who gets a letter, of which kind, and about which thread."""

    # "user:" or "guest:" and a number.
    who: str
    kind: Kind
    root_id: int

    @property
    def token(self) -> str:
        return tokens.sign(PURPOSE, [self.who, self.kind, self.root_id])


def leaving_of(token: str) -> Leaving | None:
    """What a letter's link says; None where we never wrote it."""
    told = tokens.read(PURPOSE, token, max_age_seconds=LIFE_SECONDS)
    return Leaving(*told) if isinstance(told, list) and len(told) == 3 else None


def mute_letters(leaving: Leaving, *, whole: bool) -> None:
    """Send no more about the thread, or no more of the kind at all; said twice it is the same."""
    is_account = leaving.who.startswith("user:")
    if leaving.kind == "confirm" or (leaving.kind == "reply" and not (whole and is_account)):
        root_id = NEVER_WROTE if leaving.kind == "confirm" else 0 if whole else leaving.root_id
        made = insert_into(Mute).values(who=leaving.who, root_id=root_id, created_at=clock.now())
        session().execute(made.on_conflict_do_nothing())
        return
    # In the profile, where whoever has an account takes it back.
    user = session().get(User, int(leaving.who.partition(":")[2]), with_for_update={"key_share": True})
    if user is not None:
        user.notices = {**user.notices, f"comment_{leaving.kind}": False}


def hear_again(who: str, root_id: int) -> None:
    """Send letters about the thread again: a guest, who has no profile, ticked the box anew and confirmed the address."""
    session().execute(delete(Mute).where(Mute.who == who, Mute.root_id.in_((0, root_id))))
