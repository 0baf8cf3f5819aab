"""One comment at the desk: each button, the answer in place, words put right, and the link of a letter, which teaches too."""

import pytest
from sqlalchemy import select

from inkhorn.comments.models import Comment, Feature, State
from inkhorn.comments.services import reacting
from inkhorn.comments.services.learning import EVERYTHING
from inkhorn.core.database import session, transaction
from tests.factories.comments import make_comment, make_open_post


@pytest.fixture
def desk(desk_of, emil):
    """Emil's."""
    return desk_of(emil)


def again(comment: Comment) -> Comment:
    session().expire_all()
    return session().get_one(Comment, comment.id)


def answers_to(comment: Comment) -> list[Comment]:
    return list(session().scalars(select(Comment).where(Comment.parent_id == comment.id)))


@pytest.mark.parametrize(
    ("move", "words"),
    [
        ((State.WAITING, "approve", State.APPROVED), "Approved: the comment by Orla."),
        ((State.SPAM, "approve", State.APPROVED), "Approved: the comment by Orla."),
        ((State.WAITING, "spam", State.SPAM), "Called spam: the comment by Orla."),
        ((State.APPROVED, "trash", State.TRASHED), "In the trash for thirty days: the comment by Orla."),
        ((State.TRASHED, "restore", State.WAITING), "Brought back: the comment by Orla."),
    ],
)
def test_each_button_does_what_it_says_and_offers_undo(desk, wren, move, words):
    before, name, after = move
    comment = make_comment(make_open_post(by=wren), name="Orla", state=before)
    assert desk.send(f"/desk/comments/{comment.id}/{name}").status_code == 303
    assert again(comment).state is after
    page = desk.get("/desk/comments/").text
    assert words in page
    assert "/desk/comments/undo?were=" in page


def test_a_comment_is_pinned_and_unpinned_and_removed_for_good(desk_of, emil, wren):
    comment, desk = make_comment(make_open_post(by=wren)), desk_of(emil)
    for name, is_pinned in (("pin", True), ("unpin", False)):
        desk.send(f"/desk/comments/{comment.id}/{name}")
        assert again(comment).is_pinned is is_pinned
    assert desk.send(f"/desk/comments/{comment.id}/purge").status_code == 409
    desk.send(f"/desk/comments/{comment.id}/trash")
    desk.send(f"/desk/comments/{comment.id}/purge")
    assert session().scalar(select(Comment.id).where(Comment.id == comment.id)) is None


def test_an_answer_from_the_queue_approves_what_waits(desk_of, emil, wren):
    comment, desk = make_comment(make_open_post(by=wren), state=State.WAITING), desk_of(emil)
    assert desk.send(f"/desk/comments/{comment.id}/answer", body="Well spotted.").status_code == 303
    (answer,) = answers_to(comment)
    assert (again(comment).state, answer.body, answer.user_id, answer.state) == (State.APPROVED, "Well spotted.", emil.id, State.APPROVED)


@pytest.mark.parametrize("body", ["", "   ", "x" * 10_001])
def test_an_answer_without_words_or_with_too_many_changes_nothing(desk_of, emil, wren, body):
    comment, desk = make_comment(make_open_post(by=wren), state=State.WAITING), desk_of(emil)
    assert desk.send(f"/desk/comments/{comment.id}/answer", body=body).status_code == 422
    assert (again(comment).state, answers_to(comment)) == (State.WAITING, [])


def test_nothing_is_approved_by_an_answer_that_cannot_be_written(desk_of, emil, wren):
    post = make_open_post(by=wren)
    comment = make_comment(post, state=State.WAITING)
    with transaction():
        session().merge(post).takes_comments = False
    assert desk_of(emil).send(f"/desk/comments/{comment.id}/answer", body="Too late.").status_code == 409
    assert again(comment).state is State.WAITING


def test_a_moderator_saves_and_answers_at_the_length_that_writers_have(desk_of, emil, wren):
    # As browsers send it, each line ends in two characters.
    longest = "\r\n".join(["ab c"] * 2000)
    comment, desk = make_comment(make_open_post(by=wren), state=State.WAITING), desk_of(emil)
    assert desk.send(f"/desk/comments/{comment.id}/edit", body=longest).status_code == 303
    assert len(again(comment).body) == 9_999
    assert desk.send(f"/desk/comments/{comment.id}/answer", body=longest).status_code == 303
    answer = desk.send(f"/desk/comments/{comment.id}/edit", body=longest + "xy")
    assert (answer.status_code, "10,001 characters" in answer.text, "ab cxy" in answer.text) == (422, True, True)


def test_words_are_put_right(desk_of, emil, wren):
    comment, desk = make_comment(make_open_post(by=wren), body="Wrng."), desk_of(emil)
    assert "Wrng." in desk.get(f"/desk/comments/{comment.id}/edit").text
    assert "Write something first." in desk.send(f"/desk/comments/{comment.id}/edit", body=" ").text
    desk.send(f"/desk/comments/{comment.id}/edit", body="Right <b>now</b>.")
    assert (again(comment).body, again(comment).html.strip()) == ("Right <b>now</b>.", "<p>Right &lt;b&gt;now&lt;/b&gt;.</p>")


def test_a_report_is_settled_by_keeping_the_comment(desk_of, emil, wren, rhea):
    comment = make_comment(make_open_post(by=wren))
    with transaction():
        reacting.report_comment(session().merge(comment), by=rhea, reason="Rude.")
    desk = desk_of(emil)
    assert "Reported once" in desk.get("/desk/comments/?state=reported").text
    desk.send(f"/desk/comments/{comment.id}/approve")
    assert (again(comment).reports, again(comment).state, again(comment).learnt_as) == (0, State.APPROVED, "ham")
    assert "Nothing is reported" in desk.get("/desk/comments/?state=reported").text


@pytest.mark.parametrize("path", ["1/approve", "0/approve", "99999999999999/approve", "2147483648/spam", "1/ban", "1/answer", "1/edit"])
def test_what_is_not_there_is_not_found(desk_of, emil, path):
    assert desk_of(emil).send(f"/desk/comments/{path}", body="x", by="email", span="day").status_code == 404


@pytest.mark.parametrize("name", ["approve", "spam", "trash", "restore", "purge", "pin", "unpin", "answer", "edit", "ban"])
def test_a_forged_form_and_an_author_change_nothing(signed_in, emil, wren, name):
    comment = make_comment(make_open_post(by=wren), state=State.WAITING)
    address = f"/desk/comments/{comment.id}/{name}"
    assert signed_in(emil).post(address, data={"body": "x"}).status_code == 422
    assert signed_in(wren).post(address, data={"body": "x"}).status_code == 403
    assert again(comment).state is State.WAITING


def test_a_decision_at_the_desk_is_learnt_and_its_undo_forgets(desk_of, emil, wren):
    comment, desk = make_comment(make_open_post(by=wren), state=State.WAITING), desk_of(emil)
    desk.send(f"/desk/comments/{comment.id}/spam")
    assert session().get_one(Feature, EVERYTHING).spam == 1
    desk.send(f"/desk/comments/undo?were={comment.id}ws")
    session().expire_all()
    assert session().get(Feature, EVERYTHING) is None
