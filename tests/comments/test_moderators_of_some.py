"""Moderators who may not read every post: of comments on what they may not read they are shown, told and asked nothing."""

import pytest
from sqlalchemy import select

from inkhorn.accounts.models import Role
from inkhorn.comments import policies
from inkhorn.comments.models import Comment, State
from inkhorn.comments.queries import reported_count, state_counts, waiting_count
from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from inkhorn.core.errors import NotFound
from inkhorn.posts.models import Audience, Post
from tests.accounts.letters import carry_out_jobs, letters_to
from tests.comments.test_letters import link_in
from tests.factories.accounts import Browser
from tests.factories.comments import make_comment, make_open_post

pytestmark = pytest.mark.usefixtures("database", "generous")

TITLE, WORDS = "The sealed room", "What is in it."


@pytest.fixture
def mona(cast):
    """The member, whom a role made by hand lets moderate and look at raw records."""
    with transaction():
        role = session().scalars(select(Role).where(Role.name == "member")).one()
        role.permissions = sorted({*role.permissions, "comments.moderate", "desk.open", "records.see"})
    return cast.mona


def make_private(post: Post) -> None:
    with transaction():
        session().get_one(Post, post.id).audience = Audience.PRIVATE
    session().expire_all()


@pytest.fixture
def sealed(mona, wren) -> Comment:
    """A comment that waits below a post which became private; others stand in each state."""
    post = make_open_post(by=wren, title=TITLE)
    for state in (State.APPROVED, State.SPAM, State.TRASHED):
        make_comment(post, state=state, body=WORDS)
    comment = make_comment(post, state=State.WAITING, body=WORDS)
    make_private(post)
    return comment


@pytest.mark.parametrize("path", ["?state=waiting", "?state=approved", "?state=reported", "?state=spam", "?state=trashed", "?search=what"])
def test_the_queue_holds_nothing_of_it(desk_of, mona, sealed, path):
    page = desk_of(mona).get(f"/desk/comments/{path}").text
    assert TITLE not in page
    assert WORDS not in page
    assert '<span class="count">1</span>' not in page


def test_neither_do_counts_records_and_lists_of_programs(desk_of, mona, sealed):
    assert (set(state_counts(mona).values()), waiting_count(mona), reported_count(mona)) == ({0}, 0, 0)
    assert state_counts(House())[State.WAITING] == 1
    desk = desk_of(mona)
    for path in ("/desk/", "/admin/records/comments", "/api/v1/comments", f"/api/v1/comments/{sealed.id}"):
        assert WORDS not in desk.get(path).text
    assert desk.get(f"/api/v1/comments/{sealed.id}").status_code == 404


@pytest.mark.parametrize("move", ["approve", "spam", "trash", "edit", "ban", "answer", "pin"])
def test_nothing_can_be_done_with_it(signed_in, mona, sealed, move):
    assert Browser(signed_in(mona)).send(f"/desk/comments/{sealed.id}/{move}", body="x", by="email", span="day").status_code == 404
    assert session().get_one(Comment, sealed.id, populate_existing=True).state is State.WAITING


def test_its_door_is_closed_and_the_door_of_others_open(mona, sealed):
    with pytest.raises(NotFound):
        policies.get_comment_for(mona, sealed.id, can=policies.can_moderate_comment)
    other = make_comment(make_open_post(), state=State.WAITING)
    assert policies.get_comment_for(mona, other.id, can=policies.can_moderate_comment).id == other.id
    assert waiting_count(mona) == 1


def test_no_letter_tells_of_it_and_an_earlier_one_ends(client, mona, emil, wren):
    post = make_open_post(by=wren, title=TITLE)
    make_comment(post, state=State.WAITING, body=WORDS)
    carry_out_jobs("comments")
    (letter,) = letters_to("mona@example.org")
    make_private(post)
    assert client.get(link_in(letter, "decide")).status_code == 410
    with transaction():
        session().get_one(Post, post.id).audience = Audience.PUBLIC
    make_comment(post, state=State.WAITING, body=WORDS)
    make_private(post)
    carry_out_jobs("comments")
    assert (len(letters_to("mona@example.org")), len(letters_to("emil@example.org"))) == (1, 2)
