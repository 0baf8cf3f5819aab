"""Letters about comments that readers report: to moderators who may read them, seldom, and ended by one click."""

import re

import pytest

from inkhorn.accounts.models import User
from inkhorn.comments.models import Comment
from inkhorn.comments.services import moderating, reacting
from inkhorn.comments.tasks import telling
from inkhorn.core.access import House, Visitor
from inkhorn.core.database import session, transaction
from inkhorn.posts.models import Audience, Post
from tests.accounts.letters import carry_out_jobs, letters_to, text_of
from tests.factories.comments import make_comment, make_open_post

pytestmark = pytest.mark.usefixtures("database", "generous")


def report(comment: Comment, by, reason: str = "") -> None:
    with transaction():
        reacting.report_comment(session().get_one(Comment, comment.id), by=by, reason=reason)
    carry_out_jobs("comments")


def told_of_reports(address: str) -> list[str]:
    return [text_of(each) for each in letters_to(address) if "Readers ask that a moderator looks" in text_of(each)]


def test_moderators_are_told_what_was_reported_and_why(emil, rhea, mona):
    comment = make_comment(make_open_post(), by=mona, body="You are all fools.")
    report(comment, rhea, "He is rude.")
    (told,) = told_of_reports("emil@example.org")
    assert "You are all fools." in told
    assert "- He is rude." in told
    assert "/desk/comments/?state=reported" in told
    assert told_of_reports("rhea@example.org") == told_of_reports("mona@example.org") == []


def test_of_one_comment_they_are_told_again_only_half_a_day_later(clock, emil, rhea, mona, wren):
    post = make_open_post()
    comment, other = make_comment(post, by=mona), make_comment(post, by=mona)
    report(comment, rhea)
    report(comment, wren)
    assert len(told_of_reports("emil@example.org")) == 1
    report(other, rhea)
    assert len(told_of_reports("emil@example.org")) == 2
    clock.forward(hours=11)
    report(comment, Visitor(address="192.0.2.9"))
    assert len(told_of_reports("emil@example.org")) == 2
    clock.forward(hours=25)
    report(comment, Visitor(address="192.0.2.10"))
    assert len(told_of_reports("emil@example.org")) == 3


def test_a_moderator_who_has_looked_is_not_told_of_what_is_settled(emil, rhea, mona):
    comment = make_comment(make_open_post(), by=mona)
    with transaction():
        comment = session().merge(comment)
        reacting.report_comment(comment, by=rhea)
        moderating.approve(comment, by=House())
    carry_out_jobs("comments")
    assert told_of_reports("emil@example.org") == []


def test_many_that_are_reported_at_once_write_no_letter_for_each(emil, rhea, mona):
    post = make_open_post()
    for _time in range(telling.MOST_TOLD + 3):
        report(make_comment(post, by=mona), rhea)
    assert len(told_of_reports("emil@example.org")) == telling.MOST_TOLD


def test_only_moderators_who_may_read_the_post_are_told(emil, wren, mona):
    """Mona moderates, by a role made by hand, and may not read what is private."""
    post = make_open_post(by=wren)
    comment, other = make_comment(post), make_comment(make_open_post())
    with transaction():
        session().get_one(Post, post.id).audience = Audience.PRIVATE
        role = session().get_one(User, mona.id).roles[0]
        role.permissions = sorted({*role.permissions, "comments.moderate"})
    report(comment, House())
    assert (len(told_of_reports("emil@example.org")), told_of_reports("mona@example.org")) == (1, [])
    report(other, House())
    assert len(told_of_reports("mona@example.org")) == 1


def test_one_click_ends_them_and_the_profile_brings_them_back(client, emil, rhea, mona):
    post = make_open_post()
    report(make_comment(post, by=mona), rhea)
    (letter,) = (each for each in letters_to("emil@example.org") if "Readers ask" in text_of(each))
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = re.fullmatch(r"<https?://[^/]+(/comments/leave/[\w.-]+)>", letter["List-Unsubscribe"])[1]
    assert "No more about comments that are reported" in client.get(path).text
    assert client.post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert session().get_one(User, emil.id, populate_existing=True).notices == {"comment_reported": False}
    report(make_comment(post, by=mona), rhea)
    assert len(told_of_reports("emil@example.org")) == 1
    with transaction():
        session().get_one(User, emil.id).notices = {"comment_reported": True}
    report(make_comment(post, by=mona), rhea)
    assert len(told_of_reports("emil@example.org")) == 2
