"""What people say, upload, sing and broadcast, every word of it a script."""

from collections.abc import Sequence
from datetime import timedelta
from unittest import mock

from inkhorn.comments.models import BanKind, Comment, CommentKind, State
from inkhorn.comments.services import posting
from inkhorn.comments.services.banning import ban_commenter
from inkhorn.comments.services.importing import ArrivedComment, take_in_comments
from inkhorn.comments.services.judging import Verdict
from inkhorn.comments.services.reacting import report_comment
from inkhorn.core import clock, limits
from inkhorn.core.access import Actor, Visitor
from inkhorn.core.database import session, transaction
from inkhorn.media.services import describe_asset
from inkhorn.posts.models import Post
from tests.factories.comments import make_comment
from tests.factories.media import make_asset, picture_bytes
from tests.factories.shows import make_album, make_episode, make_show
from tests.factories.sound import mp3_bytes

# Of whom nothing is known but what they say.
STATES = (State.APPROVED, State.WAITING, State.SPAM, State.TRASHED, State.UNCONFIRMED)
LONGEST_TAG = 60


def plant_talk(post: Post, texts: Sequence[str], *, by: Actor, members: Sequence[Actor]) -> None:
    """For each text what guests and members say in every state, answers that are told by mail, reports, bans and pingbacks."""
    first = make_comment(post, by=members[0], body="The first of all.", wants_replies=True)
    for number, text in enumerate(texts):
        # Whatever a judge would think of it, so that moderators and guests are written to.
        with mock.patch.object(posting, "judge", return_value=Verdict(State.WAITING, text[:300], 0.5)):
            said = {state: make_comment(post, state=state, name=text, body=text, wants_replies=True) for state in STATES}
        answer = make_comment(post, by=members[number % len(members)], to=first, body=f"[{text}]({text})\n\n> {text}\n\n`{text}`")
        with mock.patch.object(limits, "REPORT_PLACE", limits.Limit("report.factory", "1000000 per minute")), transaction():
            report_comment(session().get_one(Comment, answer.id), by=Visitor(address=f"192.0.2.{number + 9}"), reason=text[:300])
            spam = session().get_one(Comment, said[State.SPAM].id)
            ban_commenter(spam, [BanKind.EMAIL], until=clock.now() + timedelta(days=9), reason=text[:300], by=by)
    kinds = {CommentKind.COMMENT: "c", CommentKind.PINGBACK: "p", CommentKind.TRACKBACK: "t"}
    arrived = [
        ArrivedComment(key=f"{letter}{number}", kind=kind, name=text[:150], website=text, body=text, email=f"{letter}{number}@example.org")
        for kind, letter in kinds.items()
        for number, text in enumerate(texts)
    ]
    with transaction():
        take_in_comments(session().get_one(Post, post.id), arrived, origin="elsewhere")


def plant_library(texts: Sequence[str], *, by: Actor) -> None:
    """For each text a picture of that name, about which it is said."""
    for number, text in enumerate(texts):
        asset = make_asset(picture_bytes(40 + number, 40, "PNG"), filename=f"{text}.png"[-200:], by=by, alt=text, caption=text)
        with transaction():
            describe_asset(asset, by=by, tags=[text[:LONGEST_TAG], f"{text[: LONGEST_TAG - 2]} 2"])


def plant_sound(texts: Sequence[str], *, by: Actor, chapters: Sequence[str]) -> None:
    """For each text an album with a song that says so in its own tags, and a show with an episode; every sound has all those chapters."""
    marks = tuple((number / 100, text) for number, text in enumerate(chapters))
    for number, text in enumerate(texts):
        sound = mp3_bytes(1 + number / 20, title=text, artist=text, chapters=marks)
        make_album("song", by=by, title=text[:255], artist=text[:255], about=text, sound=sound)
        show = make_show(by=by, title=text[:255], author=text[:255], about=text)
        talk = mp3_bytes(3 + number / 20, title=text, artist=text, chapters=marks)
        make_episode(show, by=by, title=text[:255], sound=talk, about=f"[{text}]({text})\n\n{text}")
