"""What becomes of somebody's comments and likes when their account ends, and of guests of whom nothing is left."""

from datetime import datetime

from sqlalchemy import String, cast, delete, literal, select, update

from inkhorn.accounts.models import User
from inkhorn.comments.models import Comment, Guest, Like, Mute
from inkhorn.comments.services.learning import rename_in_lessons
from inkhorn.comments.services.muting import NEVER_WROTE
from inkhorn.core.database import session


def leave_comments(user: User, *, keeps_name: bool) -> None:
    """Let the comments stand for the sake of those that answer them, with the name or without it, and take the likes back."""
    name = user.name if keeps_name else ""
    gone = {"user_id": None, "place_digest": None, "wants_replies": False, "name": name}
    rename_in_lessons(Comment.user_id == user.id, name)
    session().execute(update(Comment).where(Comment.user_id == user.id).values(**gone))
    liked = select(Like.comment_id).where(Like.user_id == user.id)
    session().execute(update(Comment).where(Comment.id.in_(liked)).values(likes=Comment.likes - 1))
    session().flush()


def forget_guests(*, before: datetime, at_most: int) -> int:
    """Remove addresses that came before then and have no comment any more, and tell how many.

    Whoever asked not to be asked again stays, since nothing else would remember that they did.
    """
    has_comments = select(Comment.id).where(Comment.guest_id == Guest.id).exists()
    who = literal("guest:").concat(cast(Guest.id, String))
    asks_for_silence = select(Mute.id).where(Mute.who == who, Mute.root_id == NEVER_WROTE).exists()
    bare = select(Guest.id).where(Guest.created_at < before, ~has_comments, ~asks_for_silence).order_by(Guest.id).limit(at_most)
    held = session().scalars(bare.with_for_update(skip_locked=True)).all()
    # Asked once more now that they are held: somebody may have written meanwhile.
    gone = delete(Guest).where(Guest.id.in_(held), ~has_comments).returning(Guest.id).execution_options(synchronize_session=False)
    numbers = session().scalars(gone).all()
    session().execute(delete(Mute).where(Mute.who.in_([f"guest:{number}" for number in numbers])))
    return len(numbers)
