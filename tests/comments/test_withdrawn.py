"""What its writer took away: by no way, of a person or a program, is it brought back."""

import pytest

from inkhorn.comments.models import Comment, State
from inkhorn.comments.services import moderating, moving
from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from inkhorn.core.errors import Conflict
from tests.accounts.letters import carry_out_jobs, letters_to
from tests.comments.test_letters import link_in
from tests.factories.comments import make_comment, make_open_post

pytestmark = pytest.mark.usefixtures("database", "generous")

WORDS = "I regret this."


def withdrawn(post, by, state: State) -> Comment:
    comment = make_comment(post, by=by, state=state, body=WORDS)
    with transaction():
        moving.withdraw_comment(session().get_one(Comment, comment.id), by=by)
    return comment


def state_of(comment: Comment) -> State:
    session().expire_all()
    return session().get_one(Comment, comment.id).state


def put_back_to(state: State):
    return lambda comment, *, by: moderating.put_back(comment, state, since=comment.state, by=by)


WAYS = {
    "approved": moderating.approve,
    "restored": moderating.restore,
    "held": moderating.hold_comment,
    "undone to approved": put_back_to(State.APPROVED),
    "undone to waiting": put_back_to(State.WAITING),
}


@pytest.mark.parametrize("state", [State.WAITING, State.APPROVED])
@pytest.mark.parametrize("way", WAYS)
def test_no_verb_brings_it_back(rhea, client, way, state):
    comment = withdrawn(post := make_open_post(), rhea, state)
    with pytest.raises(Conflict, match="took it away"), transaction():
        WAYS[way](session().get_one(Comment, comment.id), by=House())
    assert state_of(comment) is State.TRASHED
    assert WORDS not in client.get(post.path).text


# Restored, it lies in the trash again.
@pytest.mark.parametrize("way", sorted(WAYS.keys() - {"restored"}))
def test_neither_does_one_that_was_called_spam_on_the_way(rhea, way):
    comment = withdrawn(make_open_post(), rhea, State.WAITING)
    with transaction():
        moderating.call_spam(session().get_one(Comment, comment.id), by=House())
    with pytest.raises(Conflict, match="took it away"), transaction():
        WAYS[way](session().get_one(Comment, comment.id), by=House())
    assert state_of(comment) is State.SPAM


def test_a_queue_that_was_open_meanwhile_approves_it_no_more(rhea, emil, desk_of):
    comment, desk = withdrawn(make_open_post(), rhea, State.WAITING), desk_of(emil)
    assert desk.send(f"/desk/comments/{comment.id}/approve").status_code == 409
    desk.send("/desk/comments/move", move="approve", chosen=[comment.id])
    assert "Whoever wrote this comment took it away" in desk.get("/desk/comments/").text
    assert state_of(comment) is State.TRASHED


def test_nor_does_the_link_of_a_letter(rhea, emil, client):
    comment = make_comment(make_open_post(), by=rhea, state=State.WAITING)
    carry_out_jobs("comments")
    path = link_in(letters_to("emil@example.org")[-1], "decide")
    with transaction():
        moving.withdraw_comment(session().get_one(Comment, comment.id), by=rhea)
    client.post(path)
    assert state_of(comment) is State.TRASHED
