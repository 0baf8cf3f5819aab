"""What is removed for good: once, and only its place is kept for as long as others hang on it."""

import pytest
from sqlalchemy import func, select

from inkhorn.comments.models import Comment, Guest, Mute, State
from inkhorn.comments.queries import numbers_above
from inkhorn.comments.services import moderating, moving
from inkhorn.comments.services.muting import NEVER_WROTE, Leaving, mute_letters
from inkhorn.comments.tasks import forgetting
from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from inkhorn.core.errors import Conflict
from tests.factories.accounts import audited
from tests.factories.comments import make_comment, make_open_post

pytestmark = pytest.mark.usefixtures("database")


def do(comment: Comment, *verbs) -> None:
    for verb in verbs:
        with transaction():
            verb(session().get_one(Comment, comment.id), by=House())
    session().expire_all()


def again(comment: Comment) -> Comment | None:
    session().expire_all()
    return session().get(Comment, comment.id)


def test_the_job_removes_what_is_empty_already_no_second_time(clock, rhea):
    root = make_comment(post := make_open_post(), by=rhea, body="A secret.")
    make_comment(post, to=root)
    do(root, moderating.trash)
    clock.forward(days=31)
    for _time in range(4):
        forgetting.forget_old_comments()
        clock.forward(hours=6)
    assert audited("comments.purged") == 1
    assert (again(root).state, again(root).body) == (State.PURGED, "")


@pytest.mark.parametrize(
    "verb", [moderating.approve, moderating.restore, moderating.hold_comment, moderating.call_spam, moderating.trash, moving.purge_comment]
)
def test_nothing_is_done_with_what_is_empty(rhea, verb):
    root = make_comment(post := make_open_post(), by=rhea)
    make_comment(post, to=root)
    do(root, moderating.trash, moving.purge_comment)
    with pytest.raises(Conflict), transaction():
        verb(session().get_one(Comment, root.id), by=House())
    assert again(root).state is State.PURGED


def test_it_gets_no_new_words(rhea, desk_of, emil):
    root = make_comment(post := make_open_post(), by=rhea)
    make_comment(post, to=root)
    do(root, moderating.trash, moving.purge_comment)
    assert desk_of(emil).send(f"/desk/comments/{root.id}/edit", body="Words.").status_code == 409
    assert again(root).body == ""


def test_an_answer_in_the_trash_keeps_the_place_of_what_it_answers(client, rhea):
    post = make_open_post()
    other = make_comment(post, by=rhea, body="Another thread.")
    root = make_comment(post, by=rhea, body="The root.")
    reply = make_comment(post, to=root, body="An answer to it.")
    do(reply, moderating.trash)
    do(root, moderating.trash, moving.purge_comment)
    assert f'id="comment-{root.id}"' not in client.get(post.path).text
    do(reply, moderating.restore)
    page = client.get(post.path).text
    assert numbers_above(again(reply)) == [root.id]
    assert page.index(f'id="comment-{other.id}"') < page.index(f'id="comment-{root.id}"') < page.index(f'id="comment-{reply.id}"')


def test_with_the_last_that_hangs_on_it_the_place_goes_too(rhea):
    root = make_comment(post := make_open_post(), by=rhea)
    middle = make_comment(post, by=rhea, to=root)
    last = make_comment(post, to=middle)
    for comment in (root, middle):
        do(comment, moderating.trash, moving.purge_comment)
    assert (again(root).state, again(middle).state) == (State.PURGED, State.PURGED)
    do(last, moderating.trash, moving.purge_comment)
    assert [again(comment) for comment in (root, middle, last)] == [None, None, None]


def test_spam_that_came_back_from_the_trash_is_spam_still_and_goes_after_its_days(clock):
    comment = make_comment(make_open_post())
    do(comment, moderating.call_spam, moderating.trash, moderating.restore)
    assert (again(comment).state, again(comment).learnt_as, again(comment).trashed_at is not None) == (State.SPAM, "spam", True)
    clock.forward(days=31)
    forgetting.forget_old_comments()
    assert again(comment) is None


def test_the_address_of_a_guest_goes_with_the_last_comment(clock):
    post = make_open_post()
    for name in ("stranger", "asks-no-more", "unread"):
        make_comment(post, state=State.UNCONFIRMED, email=f"{name}@example.org")
    make_comment(post, state=State.WAITING, email="waits@example.org")
    numbers = {guest.email.partition("@")[0]: guest.id for guest in session().scalars(select(Guest))}
    with transaction():
        mute_letters(Leaving(f"guest:{numbers['asks-no-more']}", "confirm", NEVER_WROTE), whole=False)
        mute_letters(Leaving(f"guest:{numbers['unread']}", "reply", 1), whole=False)
    clock.forward(days=1)
    forgetting.forget_old_comments()
    assert session().scalar(select(func.count()).select_from(Guest)) == 4
    clock.forward(days=2)
    forgetting.forget_old_comments()
    assert set(session().scalars(select(Guest.email))) == {"asks-no-more@example.org", "waits@example.org"}
    # A number that is given anew brings no silence of somebody else along.
    assert session().scalars(select(Mute.who)).all() == [f"guest:{numbers['asks-no-more']}"]
