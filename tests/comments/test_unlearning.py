"""The counts of the classifier are those of what stands decided: however often, in whatever order, and whatever became of the writer."""

import random

import pytest
from sqlalchemy import select

from inkhorn.accounts.services.credentials import change_email
from inkhorn.comments.models import Comment, Feature, State
from inkhorn.comments.services import moderating, moving
from inkhorn.comments.services.learning import EVERYTHING, features_of_comment
from inkhorn.comments.services.leaving import leave_comments
from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from inkhorn.core.errors import Conflict
from tests.factories.comments import make_comment, make_open_post

pytestmark = pytest.mark.usefixtures("database", "generous")
VERBS = (moderating.approve, moderating.call_spam, moderating.trash, moderating.restore, moderating.hold_comment)


def counts() -> dict[str, tuple[int, int]]:
    return {feature: (spam, ham) for feature, spam, ham in session().execute(select(Feature.feature, Feature.spam, Feature.ham))}


def counted_anew() -> dict[str, tuple[int, int]]:
    """From nothing but the comments and as what each is known."""
    found: dict[str, tuple[int, int]] = {}
    for comment in session().scalars(select(Comment).where(Comment.learnt_as.is_not(None)).execution_options(populate_existing=True)):
        for feature in (EVERYTHING, *features_of_comment(comment)):
            spam, ham = found.get(feature, (0, 0))
            found[feature] = (spam + (comment.learnt_as == "spam"), ham + (comment.learnt_as == "ham"))
    return found


def decide(verb, comment, **more) -> None:
    with transaction():
        verb(session().get_one(Comment, comment.id), by=House(), **more)


@pytest.mark.parametrize("verb", [moderating.approve, moderating.call_spam])
def test_the_same_decision_again_changes_nothing(rhea, verb):
    comment = make_comment(make_open_post(), by=rhea, state=State.WAITING, body="Cheap anchors, cheap chains.")
    decide(verb, comment)
    once = counts()
    for _time in range(3):
        with pytest.raises(Conflict):
            decide(verb, comment)
    assert counts() == once == counted_anew()


def test_a_reported_comment_that_is_let_stand_again_and_again_is_learnt_once(rhea):
    comment = make_comment(make_open_post(), by=rhea)
    for _time in range(3):
        with transaction():
            session().get_one(Comment, comment.id).reports = 1
        decide(moderating.approve, comment)
    assert counts() == counted_anew()
    assert counts()[EVERYTHING] == (0, 1)


@pytest.mark.parametrize("seed", range(4))
def test_after_whatever_moderators_did_the_counts_are_those_of_what_stands(rhea, mona, seed):
    chance, post = random.Random(seed), make_open_post()
    made = [make_comment(post, by=chance.choice((None, rhea, mona)), state=State.WAITING, body=f"Cheap anchors {n}.") for n in range(4)]
    for turn in range(40):
        comment, verb = chance.choice(made), chance.choice((*VERBS, moving.edit_comment))
        more = {"body": f"Dear chains {turn}."} if verb is moving.edit_comment else {}
        try:
            decide(verb, comment, **more)
        except Conflict:
            continue
    assert counts() == counted_anew()
    for comment in made:
        state = session().get_one(Comment, comment.id).state
        decide(moderating.trash, comment) if state is not State.TRASHED else None
    assert counts() == {}


def test_what_was_learnt_of_somebody_is_unlearnt_under_another_address(rhea, ada):
    comment = make_comment(make_open_post(), by=rhea, state=State.WAITING)
    decide(moderating.call_spam, comment)
    with transaction():
        change_email(session().merge(rhea.user), "rhea@elsewhere.test", by=ada)
    assert counts() == counted_anew()
    decide(moderating.trash, comment)
    assert counts() == {}


@pytest.mark.parametrize("keeps_name", [True, False])
def test_what_was_learnt_of_somebody_who_left_can_be_unlearnt(rhea, mona, keeps_name):
    post = make_open_post()
    of_rhea, of_mona = (make_comment(post, by=by, state=State.WAITING, body="Cheap anchors.") for by in (rhea, mona))
    for comment in (of_rhea, of_mona):
        decide(moderating.call_spam, comment)
    with transaction():
        rhea.user.name = "Rhea of the Reeds"
        leave_comments(rhea.user, keeps_name=keeps_name)
    assert ("n:reeds" in counts()) is keeps_name
    assert counts() == counted_anew()
    decide(moderating.approve, of_rhea)
    assert counts() == counted_anew()
    decide(moderating.trash, of_rhea)
    decide(moderating.trash, of_mona)
    assert counts() == {}


def test_a_long_comment_is_unlearnt_whole_when_its_writer_has_left(rhea):
    body = " ".join(f"word{number}" for number in range(900))
    comment = make_comment(make_open_post(), by=rhea, state=State.WAITING, body=body)
    decide(moderating.call_spam, comment)
    with transaction():
        leave_comments(rhea.user, keeps_name=False)
    decide(moderating.trash, comment)
    assert counts() == {}
