"""Writing a comment, and confirming that a guest's address is the guest's."""

from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError

from inkhorn.accounts.models import User
from inkhorn.accounts.services.people import tidy_email, tidy_name
from inkhorn.comments.events import comment_approved, comment_held, comment_marked_spam, comment_posted, confirmation_asked
from inkhorn.comments.models import LONGEST_BODY, Comment, CommentKind, Guest, State
from inkhorn.comments.policies import LARGEST_ID, can_answer_comment, can_comment_on, can_moderate_comments, takes_comments
from inkhorn.comments.queries import comment_sent_with, guest_by_email, hold_thread_of, standing_ban
from inkhorn.comments.services.digests import digest_of, place_digest, text_digest
from inkhorn.comments.services.judging import Verdict, judge
from inkhorn.comments.services.muting import hear_again
from inkhorn.comments.services.pacing import refuse_flood
from inkhorn.comments.services.threading import put_in_place, show_in_thread
from inkhorn.core import audit, captcha, clock, remarks
from inkhorn.core.access import Actor, Forbidden, Visitor
from inkhorn.core.database import insert_into, session
from inkhorn.core.errors import Conflict, Invalid, NotFound
from inkhorn.posts.models import Post


class CommentsClosed(Conflict):
    """The post takes no comments, or none any more."""


class Banned(Forbidden):
    """A moderator has kept this person out."""


@dataclass(frozen=True, kw_only=True)
class NewComment:
    """What somebody fills in who comments; name and email are a guest's."""

    body: str
    parent_id: int | None = None
    name: str = ""
    email: str = ""
    wants_replies: bool = False
    # The form it was sent with; the same words by the same person with the same key are one comment.
    key: str = ""
    # What core.captcha found of a guest's form; used up with the comment.
    proof: str = ""


@dataclass(frozen=True)
class _Writer:
    """Who writes, as comments name them."""

    user_id: int | None
    email: str
    name: str


def tidy_body(body: str) -> str:
    """The words as they are kept; Invalid where there are none, or too many."""
    words = remarks.tidy_remark(body)
    if not words:
        raise Invalid("Write something first.", field="body")
    if len(words) > LONGEST_BODY:
        raise Invalid(f"That is {len(words):,} characters, and {LONGEST_BODY:,} are possible. Say it in several comments.", field="body")
    return words


def post_comment(post: Post, wanted: NewComment, *, by: Actor) -> Comment:
    """Write a comment; it is shown, held, called spam, or waits for its guest to confirm. Sent twice it is one, which is returned again."""
    if not can_comment_on(by, post):
        raise _refusal(by, post)
    body, writer = tidy_body(wanted.body), _writer_of(wanted, by)
    parent = _parent_of(post, wanted.parent_id, by)
    once = _once(post, parent, writer, f"{wanted.key}\0{body}")
    if (sent := comment_sent_with(once)) is not None:
        return sent
    place = place_digest(by.address)
    if not can_moderate_comments(by):
        # A moderator may have kept out the host of all who work here.
        refuse_banned(user_id=writer.user_id, email=writer.email, place=place)
    comment = Comment(
        post=post,
        kind=CommentKind.COMMENT,
        state=State.UNCONFIRMED,
        parent=parent,
        user_id=writer.user_id,
        guest_id=_guest_number(writer) if writer.user_id is None else None,
        name=writer.name,
        place_digest=place,
        wants_replies=wanted.wants_replies,
        body=body,
        html=remarks.render_remark(body).html,
        text_digest=text_digest(body),
        once=once,
        created_at=clock.now(),
    )
    try:
        with session().begin_nested():
            session().add(comment)
    except IntegrityError:
        # The same form was sent at the same moment, and the other was faster; or the post was removed for good.
        if (sent := comment_sent_with(once)) is None:
            raise NotFound("The post is not there any more.") from None
        return sent
    # Only now, so that a form sent twice is counted once.
    refuse_flood(comment, by)
    if wanted.proof:
        captcha.spend(wanted.proof)
    put_in_place(comment)
    audit.record(by, "comments.posted", comment)
    comment_posted.send(comment)
    _settle(comment, judge(comment, by=by), is_confirmed=writer.user_id is not None)
    return comment


def confirm_comment(comment: Comment, *, by: Actor) -> None:
    """The guest has shown that the address is theirs, so that the comment is judged now; once is enough."""
    if comment.state is not State.UNCONFIRMED:
        return
    if not takes_comments(comment.post):
        raise CommentsClosed("This post takes no comments any more.")
    guest = comment.guest
    refuse_banned(user_id=None, email=guest.email if guest is not None else "", place=comment.place_digest)
    comment.confirmed_at = clock.now()
    if guest is not None:
        guest.confirmed_at = guest.confirmed_at or comment.confirmed_at
        if comment.wants_replies:
            hear_again(f"guest:{guest.id}", comment.root_id or comment.id)
    audit.record(by, "comments.confirmed", comment)
    # Judged as the guest's, whoever is signed in where the button was pressed: a moderator who helps has not read it for the others.
    told = Verdict(State.WAITING, comment.cause, comment.reason, comment.score) if comment.reason else judge(comment, by=Visitor())
    _settle(comment, told, is_confirmed=True)


def refuse_banned(*, user_id: int | None, email: str, place: str | None) -> None:
    """Banned for whom a moderator keeps out, by whatever they are known."""
    if standing_ban(user_id=user_id, email=email or None, place_digest=place) is not None:
        raise Banned("You cannot comment on this site at present.")


def _settle(comment: Comment, verdict: Verdict, *, is_confirmed: bool) -> None:
    """Put a new comment where the verdict sends it; a guest's waits to be confirmed first, unless it is spam."""
    comment.cause, comment.reason, comment.score = verdict.cause, verdict.reason, verdict.score
    if verdict.state is State.SPAM:
        comment.state, comment.trashed_at = State.SPAM, clock.now()
        session().flush()
        comment_marked_spam.send(comment)
    elif not is_confirmed:
        session().flush()
        confirmation_asked.send(comment)
    elif verdict.state is State.APPROVED:
        comment.state, comment.approved_at = State.APPROVED, clock.now()
        show_in_thread(comment)
        comment_approved.send(comment, is_first=True)
    else:
        comment.state = State.WAITING
        session().flush()
        comment_held.send(comment)


def _writer_of(wanted: NewComment, by: Actor) -> _Writer:
    if by.id is not None:
        # Held, so that of two comments at once the second is counted after the first.
        user = session().get_one(User, by.id, with_for_update={"key_share": True})
        return _Writer(user.id, user.email or "", user.name)
    return _Writer(None, tidy_email(wanted.email), tidy_name(wanted.name))


def _guest_number(writer: _Writer) -> int:
    made = insert_into(Guest).values(email=writer.email, created_at=clock.now())
    # Touched, and by that held, where the guest is known: of two comments at once the second is counted after the first.
    held = made.on_conflict_do_update(index_elements=[Guest.email], set_={"email": made.excluded.email})
    session().execute(held)
    guest = guest_by_email(writer.email)
    assert guest is not None
    return guest.id


def _parent_of(post: Post, parent_id: int | None, by: Actor) -> Comment | None:
    """What is answered, held so that it is not taken away meanwhile; NotFound where it is gone."""
    if parent_id is None:
        return None
    parent = None
    if 0 < parent_id <= LARGEST_ID:
        hold_thread_of(parent_id, is_read=True)
        parent = session().get(Comment, parent_id, with_for_update={"read": True})
    if parent is None or parent.post_id != post.id or not can_answer_comment(by, parent):
        raise NotFound("The comment you answer is not there any more. Your words are kept: write them under the post instead.")
    return parent


def _once(post: Post, parent: Comment | None, writer: _Writer, sent: str) -> str:
    return digest_of(post.id, parent.id if parent else 0, writer.user_id or writer.email, sent)


def _refusal(by: Actor, post: Post) -> Exception:
    if not takes_comments(post):
        return CommentsClosed("This post takes no comments any more.")
    if isinstance(by, Visitor) or not by.is_signed_in:
        return Forbidden("Only people with an account comment here. Sign in first.")
    return Forbidden("Your account may not comment here.")
