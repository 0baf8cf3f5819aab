"""Who may do what with comments: one table."""

import pytest

from inkhorn.comments import policies
from inkhorn.comments.models import Comment, State
from inkhorn.core.access import Forbidden
from inkhorn.core.database import session, transaction
from inkhorn.core.errors import NotFound
from inkhorn.posts.models import Audience
from tests.factories.comments import make_comment, make_open_post

pytestmark = pytest.mark.usefixtures("database")

# Of a comment that Rhea wrote a moment ago under Wren's post: who may do it while it is approved, and while it waits.
TABLE = [
    ("see", "vic rhea mona nell wren emil ada", "rhea emil ada"),
    ("edit", "rhea emil ada", "rhea emil ada"),
    ("withdraw", "rhea", "rhea"),
    ("like", "mona nell wren emil ada", ""),
    ("report", "vic mona nell wren emil ada", ""),
    ("answer", "vic rhea mona nell wren emil ada", ""),
    ("moderate", "emil ada", "emil ada"),
]


def standing(comment: Comment, state: State) -> Comment:
    with transaction():
        comment.state = state
    return comment


@pytest.mark.parametrize(("word", "approved", "waiting"), TABLE, ids=[row[0] for row in TABLE])
def test_who_may_do_what_with_a_comment(cast, word, approved, waiting):
    question = getattr(policies, f"can_{word}_comment")
    post = make_open_post(by=cast.wren)
    for state, expected in ((State.APPROVED, approved), (State.WAITING, waiting)):
        comment = standing(make_comment(post, by=cast.rhea), state)
        who = [name for name in "vic rhea mona nell wren emil ada".split() if question(getattr(cast, name), comment)]
        assert who == expected.split()


@pytest.mark.parametrize("state", [State.UNCONFIRMED, State.SPAM, State.TRASHED])
def test_what_is_neither_approved_nor_waiting_is_the_moderators_alone(cast, state):
    comment = standing(make_comment(make_open_post(), by=cast.rhea), state)
    assert [name for name in "vic rhea wren emil".split() if policies.can_see_comment(getattr(cast, name), comment)] == ["emil"]


def test_the_edit_window_closes(rhea, emil, clock):
    comment = make_comment(make_open_post(), by=rhea)
    clock.forward(minutes=14)
    assert policies.can_edit_comment(rhea, comment)
    clock.forward(minutes=1)
    assert not policies.can_edit_comment(rhea, comment)
    assert policies.can_edit_comment(emil, comment)
    assert policies.can_withdraw_comment(rhea, comment)


def test_strangers_find_nothing_and_the_writer_is_refused(cast):
    comment = make_comment(make_open_post(), by=cast.rhea)
    assert policies.get_comment_for(cast.vic, comment.id).id == comment.id
    with pytest.raises(Forbidden):
        policies.get_comment_for(cast.rhea, comment.id, can=policies.can_like_comment)
    with pytest.raises(NotFound):
        policies.get_comment_for(cast.mona, comment.id, can=policies.can_edit_comment)
    hidden = make_comment(make_open_post(audience=Audience.MEMBERS), by=cast.mona)
    for number in (hidden.id, 10**12, -1):
        with pytest.raises(NotFound):
            policies.get_comment_for(cast.rhea, number, can=policies.can_report_comment)
    assert session().get(Comment, hidden.id)
