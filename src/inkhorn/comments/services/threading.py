"""Where a comment stands in its thread, and whether the thread shows it."""

from sqlalchemy import func, literal, update

from inkhorn.comments.models import DEEPEST, PINNED, UNPINNED, Comment, State, ThreadChange
from inkhorn.comments.queries import BEHIND, PLACE_DIGITS, has_approved_below, numbers_above
from inkhorn.core.database import insert_into, session

STEP = 2 * PLACE_DIGITS


def note_change(comment: Comment) -> None:
    """Count that readers see another thread than before; not for what none of them saw before or sees now."""
    if not comment.is_approved and comment.state_before is not State.APPROVED:
        return
    made = insert_into(ThreadChange).values(post_id=comment.post_id, number=1)
    session().execute(made.on_conflict_do_update(index_elements=[ThreadChange.post_id], set_={"number": ThreadChange.number + 1}))


def put_in_place(comment: Comment) -> None:
    """Say where it stands, once it has a number: behind what it answers, and beside that where the thread is as deep as it goes."""
    parent = comment.parent
    path = parent.place if parent is not None else UNPINNED
    if parent is not None and parent.depth >= DEEPEST:
        path = path[:-STEP]
    comment.depth = min(parent.depth + 1, DEEPEST) if parent is not None else 1
    comment.root_id = (parent.root_id or parent.id) if parent is not None else None
    # What is dated before 1970 or after 2286 stands at either end of its thread.
    moment = min(max(0, int(comment.created_at.timestamp())), 10**PLACE_DIGITS - 1)
    comment.place = f"{path}{moment:0{PLACE_DIGITS}d}{comment.id:0{PLACE_DIGITS}d}"


def show_in_thread(comment: Comment) -> None:
    """Show it, and where those above it were taken away, that they were."""
    comment.is_shown = True
    session().flush()
    if above := numbers_above(comment):
        hidden = (Comment.id.in_(above), Comment.post_id == comment.post_id, ~Comment.is_shown)
        session().execute(update(Comment).where(*hidden).values(is_shown=True))


def hide_in_thread(comment: Comment) -> None:
    """Show it no more, unless approved ones hang on it; nor those above it that were taken away and stood for it alone."""
    session().flush()
    comment.is_shown = has_approved_below(comment)
    session().flush()
    if comment.is_shown:
        return
    for number in numbers_above(comment):
        above = session().get(Comment, number, with_for_update={"key_share": True}, populate_existing=True)
        if above is None or above.is_approved or has_approved_below(above):
            return
        above.is_shown = False
        session().flush()


def put_first(root: Comment, *, is_pinned: bool) -> None:
    """Move a whole thread before the others, or back among them."""
    session().flush()
    before = root.place
    mark = PINNED if is_pinned else UNPINNED
    whole = (Comment.post_id == root.post_id, Comment.kind == root.kind, Comment.place >= before, Comment.place < before + BEHIND)
    session().execute(update(Comment).where(*whole).values(place=literal(mark).concat(func.substr(Comment.place, 2))))
    root.is_pinned = is_pinned
    session().flush()
    session().refresh(root)
