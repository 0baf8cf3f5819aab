"""Writing comments: who may, what is kept, and that a form sent twice is one comment."""

import pytest

from inkhorn.comments.models import DEEPEST, LONGEST_BODY, Comment, Guest, State
from inkhorn.comments.queries import thread_of
from inkhorn.comments.services.posting import CommentsClosed, NewComment, confirm_comment, post_comment
from inkhorn.comments.settings import CommentSettings
from inkhorn.core import settings
from inkhorn.core.access import Forbidden, House
from inkhorn.core.database import session, transaction
from inkhorn.core.errors import Invalid, NotFound
from inkhorn.posts.models import Audience, Status
from tests.factories.comments import make_comment, make_open_post
from tests.factories.posts import make_post

pytestmark = pytest.mark.usefixtures("database", "generous")


def tune(**changes: object) -> None:
    with transaction():
        settings.tune(CommentSettings, by=House(), **changes)


def say(post, by, **more):
    with transaction():
        return post_comment(post, NewComment(**{"body": "Well said.", **more}), by=by)


def test_a_first_comment_waits_and_the_next_is_shown(rhea):
    post = make_open_post()
    first = say(post, rhea)
    assert (first.state, first.is_shown, first.reason) == (State.WAITING, False, "First comment")
    make_comment(post, by=rhea)
    assert say(post, rhea, body="And again.").state is State.APPROVED


def test_a_moderator_and_the_post_s_author_are_not_held(emil, wren):
    post = make_open_post(by=wren)
    assert [say(post, each).state for each in (emil, wren)] == [State.APPROVED, State.APPROVED]


def test_a_guest_confirms_before_anybody_reads(vic):
    post = make_open_post()
    comment = say(post, vic, name="Gale", email=" Gale@Example.org ")
    assert (comment.state, comment.guest.email, comment.name, comment.user_id) == (State.UNCONFIRMED, "gale@example.org", "Gale", None)
    with transaction():
        confirm_comment(comment, by=vic)
        confirm_comment(comment, by=vic)
    assert (comment.state, comment.guest.confirmed_at is not None) == (State.WAITING, True)


def test_a_guest_is_one_row_however_many_comments(vic):
    post = make_open_post()
    for body in ("One.", "Two."):
        say(post, vic, body=body, name="Gale", email="gale@example.org")
    assert [guest.email for guest in session().query(Guest)] == ["gale@example.org"]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"body": " \n\u202e "}, "body"),
        ({"body": "x" * (LONGEST_BODY + 1)}, "body"),
        ({"email": "gale@"}, "email"),
        ({"email": "gale@example.org\nBcc: x@example.org"}, "email"),
        ({"name": "\u200b"}, "name"),
    ],
)
def test_what_cannot_be_kept_names_its_field(vic, fields, field):
    with pytest.raises(Invalid) as refused:
        say(make_open_post(), vic, **{"name": "Gale", "email": "gale@example.org", **fields})
    assert refused.value.field == field
    assert session().query(Comment).count() == 0


def test_a_form_sent_twice_is_one_comment(rhea):
    post = make_open_post()
    one, two, other = (say(post, rhea, key=key) for key in ("a", "a", "b"))
    assert one.id == two.id != other.id


@pytest.mark.parametrize("status", [Status.DRAFT, Status.SCHEDULED, Status.UNPUBLISHED, Status.TRASHED])
def test_nobody_comments_on_what_is_not_published(rhea, clock, status):
    with pytest.raises(CommentsClosed):
        say(make_post(status=status, at=clock.tomorrow() if status is Status.SCHEDULED else None), rhea)


def test_a_reader_does_not_comment_on_what_is_for_members(rhea, mona):
    post = make_open_post(audience=Audience.MEMBERS)
    assert say(post, mona)
    with pytest.raises(Forbidden):
        say(post, rhea)


def test_a_post_closes_by_its_switch_and_after_its_days(rhea, clock):
    with pytest.raises(CommentsClosed):
        say(make_open_post(takes_comments=False), rhea)
    post = make_open_post()
    tune(close_after_days=3)
    assert say(post, rhea)
    clock.forward(days=3)
    with pytest.raises(CommentsClosed):
        say(post, rhea, body="Too late.")


def test_guests_and_everybody_can_be_kept_out_by_the_settings(rhea, vic):
    post = make_open_post()
    tune(writers="members")
    with pytest.raises(Forbidden):
        say(post, vic, name="Gale", email="gale@example.org")
    assert say(post, rhea)
    tune(writers="off")
    with pytest.raises(CommentsClosed):
        say(post, rhea, body="Nobody.")


def test_an_answer_stands_under_what_it_answers_down_to_the_fourth(emil):
    post = make_open_post()
    root = above = make_comment(post, by=emil, body="1")
    other = make_comment(post, by=emil, body="other")
    for number in range(2, 7):
        above = make_comment(post, by=emil, to=above, body=str(number))
    thread = list(session().scalars(thread_of(post.id)))
    assert [(each.html[3:-5], each.depth) for each in thread] == [
        ("1", 1), ("2", 2), ("3", 3), ("4", DEEPEST), ("5", DEEPEST), ("6", DEEPEST), ("other", 1),
    ]  # fmt: skip
    assert {each.root_id for each in thread} == {None, root.id}
    assert other.place > thread[-2].place


def test_nobody_answers_what_is_not_there(emil, rhea):
    post, other = make_open_post(), make_open_post(title="Another")
    held = make_comment(post, by=rhea, state=State.WAITING)
    for parent in (held.id, make_comment(other, by=emil).id, 10**6, -1):
        with pytest.raises(NotFound):
            say(post, emil, parent_id=parent)


def test_links_are_held_and_refused_words_are_spam(emil, rhea):
    post = make_open_post()
    make_comment(post, by=rhea)
    linked = say(post, rhea, body="https://example.org and [here](https://example.com)")
    assert (linked.state, linked.cause, linked.reason) == (State.WAITING, "links", "2 links")
    with transaction():
        settings.tune(CommentSettings, by=emil, refused_words="buy")
    refused = say(post, rhea, body="Buy")
    assert (refused.state, refused.cause, refused.score) == (State.SPAM, "refused word", 1.0)


def test_a_guest_s_comment_is_not_read_because_a_moderator_presses_the_button(vic, emil):
    tune(holds_first=False)
    comment = say(make_open_post(), vic, name="Gale", email="gale@example.org")
    tune(holds_first=True)
    with transaction():
        confirm_comment(session().merge(comment), by=emil)
    assert (comment.state, comment.reason) == (State.WAITING, "First comment")
