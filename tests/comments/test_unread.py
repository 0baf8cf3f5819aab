"""What waits for a moderator and has approved comments below it: its place is kept, and its words are kept from readers."""

import pytest

from inkhorn.comments.models import Comment, State
from inkhorn.comments.services import moderating
from inkhorn.comments.services.importing import ArrivedComment, take_in_comments
from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from tests.factories.comments import make_comment, make_open_post

pytestmark = pytest.mark.usefixtures("database")

WORDS = "Unseemly words."


def put_back_by_a_moderator(post, rhea):
    root = make_comment(post, by=rhea, body=WORDS)
    make_comment(post, to=root)
    with transaction():
        moderating.hold_comment(session().get_one(Comment, root.id), by=House())


def undone_after_approval(post, rhea):
    root = make_comment(post, by=rhea, body=WORDS, state=State.WAITING)
    with transaction():
        moderating.approve(session().get_one(Comment, root.id), by=House())
    make_comment(post, to=root)
    with transaction():
        moderating.put_back(session().get_one(Comment, root.id), State.WAITING, since=State.APPROVED, by=House())


def restored_to_the_queue(post, rhea):
    root = make_comment(post, by=rhea, body=WORDS)
    make_comment(post, to=root)
    for verb in (moderating.hold_comment, moderating.call_spam, moderating.restore):
        with transaction():
            verb(session().get_one(Comment, root.id), by=House())


def imported(post, rhea):
    arrived = [
        ArrivedComment(key="1", state=State.WAITING, name="Rhea", user_id=rhea.id, body=WORDS),
        ArrivedComment(key="2", parent_key="1", name="Yann", body="An answer."),
    ]
    with transaction():
        take_in_comments(session().merge(post), arrived, origin="elsewhere")


@pytest.mark.parametrize("way_in", [put_back_by_a_moderator, undone_after_approval, restored_to_the_queue, imported])
def test_a_comment_that_waits_is_read_by_its_writer_and_moderators_alone(signed_in, client, cast, way_in):
    post = make_open_post(by=cast.wren)
    way_in(post, cast.rhea)
    session().expire_all()
    assert session().query(Comment).order_by(Comment.id).first().state is State.WAITING
    strangers = [client, signed_in(cast.mona), signed_in(cast.wren)]
    for page in (browser.get(address).text for browser in strangers for address in (post.path, f"/comments/on/{post.id}")):
        assert "A comment that waits to be read." in page
        assert WORDS not in page
        assert "Rhea" not in page.split('id="comments"')[-1].split("comment-form")[0]
    for browser in (signed_in(cast.rhea), signed_in(cast.emil)):
        assert WORDS in browser.get(post.path).text
