"""What people make of a comment that stands: their edits are judged like new words."""

import pytest

from inkhorn.comments.models import Comment, Feature, State
from inkhorn.comments.services import moderating, moving
from inkhorn.comments.services.banning import ban_address
from inkhorn.comments.services.learning import EVERYTHING
from inkhorn.comments.settings import CommentSettings
from inkhorn.core import settings
from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from tests.accounts.letters import carry_out_jobs, letters_to
from tests.factories.accounts import Browser
from tests.factories.comments import make_comment, make_open_post

pytestmark = pytest.mark.usefixtures("database", "generous")

SPAM = "https://casino.test https://a.test https://b.test"


@pytest.fixture
def comment(rhea, wren) -> Comment:
    """An approved one by Rhea, who has been read before."""
    make_comment(post := make_open_post(by=wren), by=rhea)
    return make_comment(post, by=rhea, body="Nice.")


def again(comment: Comment) -> Comment:
    session().expire_all()
    return session().get_one(Comment, comment.id)


def test_links_that_come_by_an_edit_wait_and_their_writer_is_told(signed_in, client, rhea, emil, comment):
    answer = Browser(signed_in(rhea)).send(f"/comments/{comment.id}/edit", body=SPAM)
    assert "A person reads it before others see it." in answer.text
    assert (again(comment).state, again(comment).reason) == (State.WAITING, "3 links")
    assert "casino.test" not in client.get(comment.post.path).text
    carry_out_jobs("comments")
    assert len(letters_to("emil@example.org")) == 1


def test_words_that_are_refused_come_by_no_edit_of_a_program_either(signed_in, rhea, comment):
    with transaction():
        settings.tune(CommentSettings, by=House(), refused_words="pills")
    version = (client := signed_in(rhea)).get(f"/api/v1/comments/{comment.id}").headers["ETag"]
    sent = {"X-CSRF-Token": Browser(client).token, "If-Match": version}
    answer = client.patch(f"/api/v1/comments/{comment.id}", json={"body": "Buy pills."}, headers=sent)
    assert (answer.status_code, again(comment).state) == (200, State.WAITING)
    assert "refused words" in again(comment).reason


def test_an_edit_that_says_nothing_amiss_stays_approved(signed_in, rhea, comment):
    assert Browser(signed_in(rhea)).send(f"/comments/{comment.id}/edit", body="Nicer.").status_code == 303
    assert (again(comment).state, again(comment).body) == (State.APPROVED, "Nicer.")


def test_what_waits_is_approved_by_no_edit(rhea):
    waiting = make_comment(make_open_post(), by=rhea, state=State.WAITING, body=SPAM)
    with transaction():
        moving.edit_comment(session().get_one(Comment, waiting.id), "Sorry.", by=rhea)
    assert again(waiting).state is State.WAITING


def test_a_moderators_edit_is_not_judged(desk_of, emil, comment):
    desk_of(emil).send(f"/desk/comments/{comment.id}/edit", body=SPAM)
    assert (again(comment).state, again(comment).body) == (State.APPROVED, SPAM)


def test_whoever_is_kept_out_edits_nothing(signed_in, rhea, comment):
    with transaction():
        ban_address("rhea@example.org", until=None, reason="", by=House())
    assert Browser(signed_in(rhea)).send(f"/comments/{comment.id}/edit", body="Still here.").status_code == 403
    assert again(comment).body == "Nice."


def test_an_edit_leaves_nothing_learnt_of_the_words_that_were(rhea):
    held = make_comment(make_open_post(), by=rhea, state=State.WAITING, body="The pump sings.")
    with transaction():
        moderating.approve(session().get_one(Comment, held.id), by=House())
    assert session().get_one(Feature, EVERYTHING).ham == 1
    with transaction():
        moving.edit_comment(session().get_one(Comment, held.id), "Other words.", by=rhea)
    assert session().query(Feature).count() == 0
