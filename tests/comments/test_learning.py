"""What the classifier learns of the moderators, unlearns when they change their mind, and does with it."""

import pytest
from sqlalchemy import select

from inkhorn.comments.models import Feature, State
from inkhorn.comments.services import moderating
from inkhorn.comments.services.learning import EVERYTHING, learn
from inkhorn.comments.services.posting import NewComment, post_comment
from inkhorn.comments.settings import CommentSettings
from inkhorn.comments.tasks.forgetting import forget_rare_features
from inkhorn.core import settings
from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from tests.comments.labelled import labelled_set
from tests.factories.comments import make_comment, make_open_post

pytestmark = pytest.mark.usefixtures("database", "generous")
SPAM = "Great post!!! Buy casino slots online cheap http://win-king8.test/"


def counts() -> dict[str, tuple[int, int]]:
    return {feature: (spam, ham) for feature, spam, ham in session().execute(select(Feature.feature, Feature.spam, Feature.ham))}


def decide(verb, comment, **more) -> None:
    with transaction():
        verb(session().merge(comment), by=House(), **more)


def test_a_decision_is_learnt_once_and_unlearnt_when_it_is_taken_back(wren):
    comment = make_comment(make_open_post(by=wren), state=State.WAITING, body="Cheap anchors, cheap chains.")
    decide(moderating.call_spam, comment)
    assert counts()[EVERYTHING] == (1, 0)
    assert counts()["w:cheap"] == (1, 0)
    decide(moderating.approve, comment)
    assert counts()["w:cheap"] == counts()[EVERYTHING] == (0, 1)
    decide(moderating.put_back, comment, state=State.WAITING, since=State.APPROVED)
    assert counts() == {}


def test_words_that_were_edited_meanwhile_leave_no_count_below_none(wren):
    comment = make_comment(make_open_post(by=wren), body="Cheap anchors.")
    with transaction():
        comment = session().merge(comment)
        learn(comment, "spam")
        comment.body = "Dear anchors."
        learn(comment, None)
    assert all(spam >= 0 and ham >= 0 for spam, ham in counts().values())
    assert counts()["w:cheap"] == (1, 0)


def test_what_occurred_once_and_long_ago_is_forgotten(wren, clock, monkeypatch):
    monkeypatch.setattr("inkhorn.comments.tasks.forgetting.BATCH", 2)
    post = make_open_post(by=wren)
    once, again, late = (make_comment(post, body=f"{word} anchors.") for word in ("Cheap", "Dear", "Fresh"))
    decide(moderating.call_spam, once)
    decide(moderating.call_spam, again)
    clock.forward(days=179)
    decide(moderating.call_spam, late)
    forget_rare_features()
    assert counts()["w:cheap"] == (1, 0)
    clock.forward(days=2)
    forget_rare_features()
    kept = counts()
    assert kept[EVERYTHING] == kept["w:anchors"] == (3, 0)
    assert kept["w:fresh"] == (1, 0)
    assert not {"w:cheap", "w:dear"} & set(kept)
    # Taken back, what was forgotten is not missed.
    decide(moderating.put_back, once, state=State.APPROVED, since=State.SPAM)
    assert counts()["w:anchors"] == (2, 1)
    assert counts()["w:cheap"] == (0, 1)


def test_what_is_trashed_teaches_nothing(wren):
    decide(moderating.trash, make_comment(make_open_post(by=wren), body="You rude person."))
    assert counts() == {}


def test_taught_by_moderators_it_keeps_spam_from_readers(wren, rhea, mona):
    with transaction():
        settings.tune(CommentSettings, by=House(), holds_first=False, links_held=0)
    post = make_open_post(by=wren)
    for each in labelled_set(25, seed=5):
        comment = make_comment(post, body=each.came.text, name=each.came.name)
        with transaction():
            learn(session().merge(comment), "spam" if each.is_spam else "ham")
    with transaction():
        came = [post_comment(session().merge(post), NewComment(body=body), by=who) for who, body in ((rhea, "Lovely rope."), (mona, SPAM))]
    assert [comment.state for comment in came] == [State.APPROVED, State.SPAM]
    assert came[1].reason.startswith("Reads like spam: ")
    assert came[1].score > 0.9 > came[0].score


def test_the_same_words_again_and_a_place_known_for_spam_are_told(wren, rhea):
    with transaction():
        settings.tune(CommentSettings, by=House(), holds_first=False)
    post = make_open_post(by=wren)
    words = "The very same words, and enough of them to be told from a short word of thanks."
    make_comment(post, body=words)
    again = make_comment(post, body=words, state=State.WAITING)
    assert again.reason == "Same words as another comment"
    decide(moderating.call_spam, again)
    assert make_comment(post, body="Something else.", state=State.WAITING).reason == "Same address as a spam comment"
    with transaction():
        assert post_comment(session().merge(post), NewComment(body="From another place."), by=rhea).state is State.APPROVED
