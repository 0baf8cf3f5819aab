"""Comments for a site under test, put straight into its database."""

from pathlib import Path

from sqlalchemy import select

from inkhorn.app import create_app
from inkhorn.cli import prepare
from inkhorn.comments.models import Comment, State
from inkhorn.comments.services.importing import ArrivedComment, take_in_comments
from inkhorn.core.config_loading import load_config
from inkhorn.core.database import db, session, transaction
from inkhorn.posts.models import Post
from inkhorn.posts.queries import published_posts

WAITING = (
    ("Orla Brankovic", "orla@harbour.test", "First comment", "My grandfather spliced for the Skerrow boats and would have had words with you about the photograph: that is a long splice, and it is done *left-handed*. Otherwise, not a thing to correct. Thank you."),
    ("Dag Fennimore", "dag@harbour.test", "First comment", "Fair. But the real one is still forty words shorter than the minutes of our parish council."),
    ("cheap-anchors-4-u", "sales@anchors.test", "Reads like spam: “cheap”, “anchor prices”; 3 links", "Great riddle!!! Best anchor chain prices http://anchors.test/?ref=9 http://chain.test/buy http://anchors.test/" + "a" * 120),
    ("free tide tables", "x@tides.test", "Same address as 14 spam comments", "nice post. i too am reading tide table"),
    ("Ευγενία Παπαδοπούλου-Χριστοδουλοπούλου", "eugenia@harbour.test", "First comment", "Πολύ καλό. Ευχαριστώ!"),
    ("مريم", "maryam@harbour.test", "First comment", "مقال جميل، شكرا لك."),
    ("x" * 140, "long@harbour.test", "First comment", "> She rowed.\n\nShe did, and `tide --at 04:12` says when.\n\n- once\n- twice"),
)  # fmt: skip


def fill_queue(data: Path, settings: dict[str, str], *, more: int = 0) -> None:
    """Give the site's newest posts an approved comment each and a queue below them."""
    config, _is_new = prepare(load_config(data=data, environ=settings), migrates=True)
    with create_app(config).app_context():
        with transaction():
            posts = session().scalars(published_posts().limit(3)).all()
            for number, post in enumerate(posts):
                _talk(post, number)
            _queue(posts[0], more)
        db.session.close()
        db.engine.dispose()


def _talk(post: Post, number: int) -> None:
    asked = ArrivedComment(
        key=f"asked-{number}",
        name="Tobias Okafor-Lunde",
        email="tobias@harbour.test",
        body="I did try. The shortest version was “Why”, and it was longer in every way that matters.",
    )
    gone = ArrivedComment(
        key=f"gone-{number}", name="Rude", email="rude@harbour.test", body="Buy.", state=(State.SPAM, State.TRASHED)[number % 2]
    )
    take_in_comments(post, [asked, gone], origin="talk")


def _queue(post: Post, more: int) -> None:
    waiting = [
        ArrivedComment(
            key=f"waiting-{number}", name=name, email=email, body=body, state=State.WAITING, parent_key="asked-0" if number == 1 else None
        )
        for number, (name, email, _reason, body) in enumerate(WAITING)
    ]
    waiting += [
        ArrivedComment(key=f"more-{number}", name=f"Guest {number}", body=f"Comment {number}.", state=State.WAITING)
        for number in range(more)
    ]
    take_in_comments(post, waiting, origin="talk")
    for number, (_name, _email, reason, _body) in enumerate(WAITING):
        session().scalars(select(Comment).where(Comment.origin == "talk", Comment.origin_key == f"waiting-{number}")).one().reason = reason
