"""A comment's way between its states, and what the thread shows of it."""

import pytest

from inkhorn.comments.models import Comment, State
from inkhorn.comments.queries import counts_of, has_approved_comment, shown_before, thread_of
from inkhorn.comments.services import moving, reacting
from inkhorn.core.database import session, transaction
from inkhorn.core.errors import Conflict
from tests.factories.accounts import audited
from tests.factories.comments import make_comment, make_open_post

pytestmark = pytest.mark.usefixtures("database")


def shown(post) -> list[tuple[int, State]]:
    return [(each.id, each.state) for each in session().scalars(thread_of(post.id).execution_options(populate_existing=True))]


def move(verb, comment, by, **more):
    with transaction():
        verb(session().get_one(Comment, comment.id), by=by, **more)


def test_what_is_approved_is_shown_and_counted(emil, rhea):
    post = make_open_post()
    comment = make_comment(post, by=rhea, state=State.WAITING)
    assert (shown(post), counts_of(post.id)) == ([], (0, 0))
    move(moving.approve_comment, comment, emil)
    assert (shown(post), counts_of(post.id)) == ([(comment.id, State.APPROVED)], (1, 0))
    assert has_approved_comment(user_id=rhea.id)
    assert audited("comments.approved") == 1


def test_what_is_taken_away_keeps_its_place_while_approved_ones_hang_on_it(emil):
    post = make_open_post()
    root = make_comment(post, by=emil)
    reply = make_comment(post, by=emil, to=root)
    last = make_comment(post, by=emil, to=reply)
    move(moving.trash_comment, reply, emil)
    move(moving.mark_spam, root, emil)
    assert shown(post) == [(root.id, State.SPAM), (reply.id, State.TRASHED), (last.id, State.APPROVED)]
    move(moving.trash_comment, last, emil)
    assert shown(post) == []
    move(moving.restore_comment, last, emil)
    assert [number for number, _state in shown(post)] == [root.id, reply.id, last.id]
    assert counts_of(post.id) == (1, 0)


def test_undo_brings_back_where_it_stood(emil, rhea):
    post = make_open_post()
    for state in (State.WAITING, State.APPROVED):
        comment = make_comment(post, by=rhea, state=state)
        move(moving.mark_spam, comment, emil)
        move(moving.restore_comment, comment, emil)
        assert comment.state is state


def test_a_pinned_thread_stands_first_with_its_replies(emil):
    post = make_open_post()
    first, second = make_comment(post, by=emil), make_comment(post, by=emil)
    reply = make_comment(post, by=emil, to=second)
    move(moving.pin_comment, second, emil)
    later = make_comment(post, by=emil, to=session().get_one(Comment, second.id))
    assert [number for number, _state in shown(post)] == [second.id, reply.id, later.id, first.id]
    assert shown_before(session().get_one(Comment, first.id)) == 3
    move(moving.pin_comment, second, emil, is_pinned=False)
    assert [number for number, _state in shown(post)] == [first.id, second.id, reply.id, later.id]


def test_a_reply_is_not_pinned(emil):
    reply = make_comment(post := make_open_post(), by=emil, to=make_comment(post, by=emil))
    with pytest.raises(Conflict):
        move(moving.pin_comment, reply, emil)


def test_no_move_is_made_twice(emil):
    comment = make_comment(make_open_post(), by=emil)
    for verb in (moving.approve_comment, moving.restore_comment, moving.purge_comment):
        with pytest.raises(moving.IllegalMove):
            move(verb, comment, emil)
    move(moving.trash_comment, comment, emil)
    with pytest.raises(moving.IllegalMove):
        move(moving.trash_comment, comment, emil)


def test_what_its_writer_took_away_nobody_brings_back(emil, rhea):
    comment = make_comment(make_open_post(), by=rhea)
    move(moving.withdraw_comment, comment, rhea)
    assert (comment.state, comment.withdrawn_at is not None) == (State.TRASHED, True)
    with pytest.raises(Conflict):
        move(moving.restore_comment, comment, emil)


def test_what_is_removed_for_good_leaves_no_word_and_no_name(emil, rhea):
    post = make_open_post()
    root = make_comment(post, by=rhea, body="A secret.")
    alone = make_comment(post, by=rhea, body="Another.")
    reply = make_comment(post, by=emil, to=root)
    for comment in (root, alone):
        move(moving.trash_comment, comment, emil)
        move(moving.purge_comment, comment, emil)
    kept = session().get_one(Comment, root.id)
    assert (kept.body, kept.html, kept.name, kept.user_id) == ("", "", "", None)
    assert session().get(Comment, alone.id) is None
    assert [number for number, _state in shown(post)] == [root.id, reply.id]


def test_an_edit_is_rendered_and_noted(rhea):
    comment = make_comment(make_open_post(), by=rhea, body="Teh sea.")
    with transaction():
        moving.edit_comment(comment, "The *sea*.", by=rhea)
    assert (comment.html, comment.edited_at is not None) == ("<p>The <em>sea</em>.</p>\n", True)


def test_likes_and_reports_count_once_for_each_person(emil, rhea, mona):
    comment = make_comment(make_open_post(), by=emil)
    for by in (rhea, mona, rhea):
        with transaction():
            reacting.like_comment(comment, by=by)
            reacting.report_comment(comment, by=by, reason="Rude.")
    assert (comment.likes, comment.reports) == (2, 2)
    with transaction():
        reacting.like_comment(comment, by=rhea, likes=False)
        reacting.like_comment(comment, by=rhea, likes=False)
        reacting.settle_reports(comment)
    assert (comment.likes, comment.reports) == (1, 0)
