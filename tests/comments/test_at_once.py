"""Many at the same moment, on a PostgreSQL that lets all of them in: one form is one comment, and counts stay true."""

import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, text

from inkhorn.accounts.identity.actor import Person
from inkhorn.accounts.models import User
from inkhorn.accounts.services.people import create_user
from inkhorn.comments import queries
from inkhorn.comments.models import Comment, State
from inkhorn.comments.services import moving, reacting
from inkhorn.comments.services.posting import NewComment, post_comment
from inkhorn.core import errors, limits
from inkhorn.core.access import House, Visitor
from inkhorn.core.database import db, session, transaction
from inkhorn.posts.models import Post
from tests.crowds import at_once, running_crowd
from tests.factories.comments import make_comment, make_open_post

pytestmark = pytest.mark.postgres

MANY = 50


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Many people who talk."""
    with running_crowd(tmp_path_factory.mktemp("talk"), web_threads=60) as app:
        with app.app_context(), transaction():
            for number in range(MANY):
                create_user(email=f"m{number}@example.org", name=f"Member {number}", role="member", by=House())
        yield app


def member(number: int) -> Person:
    return Person(session().scalars(select(User).where(User.email == f"m{number}@example.org")).one())


def test_one_form_sent_fifty_times_is_one_comment(crowd):
    with crowd.app_context():
        limits.reset()
        number = make_open_post().id
    wanted = NewComment(body="Once.", name="Gale", email="gale@example.org", key="k")
    got = at_once(crowd, lambda _n: post_comment(session().get_one(Post, number), wanted, by=Visitor(address="192.0.2.9")).id, MANY)
    assert len(set(got)) == 1, set(map(repr, got))
    with crowd.app_context():
        assert session().scalar(select(func.count()).where(Comment.post_id == number)) == 1


def test_a_place_that_writes_fifty_times_at_once_is_counted(crowd):
    with crowd.app_context():
        number = make_open_post().id

    def write(n: int) -> int:
        wanted = NewComment(body="Buy.", name="Gale", email=f"g{n}@example.org", key=str(n))
        return post_comment(session().get_one(Post, number), wanted, by=Visitor(address="192.0.2.77")).id

    got = at_once(crowd, write, MANY)
    assert sum(isinstance(each, int) for each in got) == limits.COMMENT_PLACE.windows[0].amount
    assert {type(each) for each in got} == {int, limits.TooMany}


def test_a_post_that_is_purged_meanwhile_takes_no_comment(crowd):
    with crowd.app_context():
        number = make_open_post().id
        with pytest.raises(errors.NotFound), transaction():
            post = session().get_one(Post, number)
            with db.engine.begin() as another:
                another.execute(delete(Post).where(Post.id == number))
            post_comment(post, NewComment(body="Late.", name="Gale", email="late@example.org"), by=Visitor(address="192.0.2.5"))


def test_fifty_people_like_a_comment_fifty_times(crowd):
    with crowd.app_context():
        number = make_comment(make_open_post()).id
    for _time in range(2):
        at_once(crowd, lambda n: reacting.like_comment(session().get_one(Comment, number), by=member(n)), MANY)
    with crowd.app_context():
        assert session().get_one(Comment, number).likes == MANY


def test_answers_and_a_removal_at_once_leave_a_thread_that_agrees_with_its_states(crowd):
    with crowd.app_context():
        post = make_open_post()
        root = make_comment(post)
        numbers = [make_comment(post, to=root, state=State.WAITING).id for _number in range(10)]
        post_id, root_id = post.id, root.id

    def act(n: int) -> None:
        if n < len(numbers):
            moving.approve_comment(session().get_one(Comment, numbers[n], with_for_update=True), by=House())
        else:
            moving.trash_comment(session().get_one(Comment, root_id, with_for_update=True), by=House())

    got = at_once(crowd, act, times=len(numbers) + 1)
    assert [each for each in got if each is not None] == []
    with crowd.app_context():
        shown = [each.id for each in session().scalars(queries.thread_of(post_id))]
        assert shown == [root_id, *numbers]


def is_somebody_waiting() -> bool:
    with db.engine.connect() as other:
        return bool(other.scalar(text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")))


@pytest.mark.parametrize("second", ["pin", "answer"])
def test_moves_in_one_thread_wait_for_each_other_and_never_in_a_ring(crowd, second):
    """An answer is held first and the head of its thread would be last, while the other comes from the head."""
    with crowd.app_context():
        root = make_comment(post := make_open_post())
        reply = make_comment(post, to=make_comment(post, to=root))
        post_id, root_id, parent_id, reply_id = post.id, root.id, reply.parent_id, reply.id
    got: list[object] = []

    def act() -> None:
        with crowd.app_context():
            try:
                with transaction():
                    if second == "pin":
                        moving.pin_comment(queries.comment_with_post(root_id), by=House())
                    else:
                        wanted = NewComment(body="Too.", parent_id=parent_id, name="Gale", email="ring@example.org", key="ring")
                        post_comment(session().get_one(Post, post_id), wanted, by=Visitor(address="192.0.2.10"))
            except Exception as error:
                got.append(error)

    other = threading.Thread(target=act)
    with crowd.app_context():
        limits.reset()
        with transaction():
            held = queries.comment_with_post(reply_id)
            other.start()
            while other.is_alive() and not is_somebody_waiting():
                other.join(0.02)
            moving.trash_comment(held, by=House())
            moving.restore_comment(held, by=House())
        other.join()
        assert got == []
        places = [each.place for each in session().scalars(queries.thread_of(post_id).execution_options(populate_existing=True))]
        assert places == sorted(places)
        assert {place[0] for place in places} == ({"0"} if second == "pin" else {"1"})
