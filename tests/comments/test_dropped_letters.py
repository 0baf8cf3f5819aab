"""Letters that wait in the outbox while what they tell is taken away: they wait on where it may come back, else they are dropped, and the desk says why."""

import pytest
from sqlalchemy import select

from inkhorn.accounts.models import User
from inkhorn.comments.models import Comment, State
from inkhorn.comments.services import moderating, moving, reacting
from inkhorn.comments.services.muting import Leaving, mute_letters
from inkhorn.core import clock as house_clock
from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from inkhorn.core.mail.delivering import deliver_letters
from inkhorn.core.mail.letters import Letter, LetterState
from inkhorn.posts.models import Audience, Post, Status
from inkhorn.posts.services.publishing import publish_post, unpublish_post
from tests.accounts.letters import carry_out_jobs
from tests.factories.comments import make_comment, make_open_post

pytestmark = pytest.mark.usefixtures("database", "generous")


@pytest.fixture(autouse=True)
def served(database, app, monkeypatch):
    """What leaves is kept where it can be seen."""
    monkeypatch.setattr("inkhorn.core.mail.delivering.server_of", lambda _config: Shelf())


class Shelf:
    """A mail server that takes everything."""

    keeps_words = True

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        return None

    def hand_over(self, _letter, *, last_line):
        last_line()
        return "250 taken"


def outcomes() -> dict[tuple[str, str], tuple[LetterState, str | None]]:
    carry_out_jobs("comments")
    deliver_letters()
    found = session().scalars(select(Letter).execution_options(populate_existing=True))
    return {(each.kind.removeprefix("comments/"), each.to_address): (each.state, each.answer) for each in found}


def states() -> dict[tuple[str, str], LetterState]:
    return {letter: state for letter, (state, _answer) in outcomes().items()}


def until_the_end(clock) -> dict[tuple[str, str], LetterState]:
    """What becomes of letters whose reason to wait does not pass."""
    while waiting := [at for at, state in session().execute(select(Letter.next_at, Letter.state)) if state is LetterState.WAITING]:
        clock.forward(seconds=max(1.0, (min(waiting) - house_clock.now()).total_seconds()))
        deliver_letters()
    return states()


@pytest.fixture
def answered(clock, wren, emil, rhea, mona) -> Comment:
    """Mona answers Rhea under Wren's post, and the letters wait."""
    post = make_open_post(by=wren)
    answer = make_comment(post, by=mona, to=make_comment(post, by=rhea, wants_replies=True))
    carry_out_jobs("comments")
    with transaction():
        for old in session().scalars(select(Letter).where(~Letter.purpose.contains(f":{answer.id}:"))):
            session().delete(old)
    return answer


LETTERS = {("reply", "rhea@example.org"), ("on_post", "wren@example.org")}


def test_what_nobody_touched_leaves(answered):
    assert states() == dict.fromkeys(LETTERS, LetterState.SENT)


@pytest.mark.parametrize("verb", [moderating.call_spam, moderating.trash, moderating.hold_comment, moving.withdraw_comment])
def test_what_was_taken_away_meanwhile_is_not_told(answered, clock, verb):
    with transaction():
        verb(session().merge(answered), by=House())
    found = outcomes()
    assert {letter: state for letter, (state, _answer) in found.items()} == dict.fromkeys(LETTERS, LetterState.WAITING)
    assert {answer for _state, answer in found.values()} == {"What became of the comment since leaves nothing to tell."}
    assert until_the_end(clock) == dict.fromkeys(LETTERS, LetterState.DROPPED)
    assert session().scalars(select(Letter.content)).all() == [None, None]


@pytest.mark.parametrize("verb", [moderating.call_spam, moderating.trash, moderating.hold_comment])
def test_what_was_taken_away_by_mistake_and_put_back_is_told(answered, clock, verb):
    with transaction():
        verb(session().merge(answered), by=House())
    assert states() == dict.fromkeys(LETTERS, LetterState.WAITING)
    with transaction():
        moderating.approve(session().merge(answered), by=House())
    clock.forward(minutes=1)
    assert states() == dict.fromkeys(LETTERS, LetterState.SENT)


def test_what_was_removed_for_good_is_told_no_more(answered):
    with transaction():
        session().get_one(Comment, answered.id).state = State.PURGED
    assert states() == dict.fromkeys(LETTERS, LetterState.DROPPED)


def test_a_post_that_was_hidden_meanwhile_is_told_only_to_who_sees_it(answered, clock):
    with transaction():
        unpublish_post(session().get_one(Post, answered.post_id), by=House())
    assert states() == {("reply", "rhea@example.org"): LetterState.WAITING, ("on_post", "wren@example.org"): LetterState.SENT}
    with transaction():
        publish_post(session().get_one(Post, answered.post_id), by=House())
    clock.forward(minutes=1)
    assert states() == dict.fromkeys(LETTERS, LetterState.SENT)


def test_a_post_that_is_for_members_now_is_not_told_to_a_reader(answered, clock):
    with transaction():
        session().get_one(Post, answered.post_id).audience = Audience.MEMBERS
    assert states()["reply", "rhea@example.org"] is LetterState.WAITING
    assert until_the_end(clock)["reply", "rhea@example.org"] is LetterState.DROPPED


def test_whoever_wants_no_more_meanwhile_gets_none_that_waited(answered, rhea, wren):
    with transaction():
        mute_letters(Leaving(f"user:{rhea.id}", "reply", answered.root_id or answered.id), whole=False)
        session().get_one(User, wren.id).notices = {"comment_on_post": False}
    assert states() == dict.fromkeys(LETTERS, LetterState.DROPPED)


def test_a_guest_is_not_asked_about_what_was_called_spam(emil):
    comment = make_comment(make_open_post(), state=State.UNCONFIRMED, email="gale@example.org")
    kept = make_comment(make_open_post(), state=State.UNCONFIRMED, email="orla@example.org")
    carry_out_jobs("comments")
    with transaction():
        moving.mark_spam(session().merge(comment), by=House())
    assert states() == {("confirm", "gale@example.org"): LetterState.WAITING, ("confirm", "orla@example.org"): LetterState.SENT}
    assert kept.state is State.UNCONFIRMED


def test_moderators_are_not_told_of_what_one_of_them_decided(emil, rhea):
    waits, is_reported = make_comment(make_open_post(), by=rhea, state=State.WAITING), make_comment(make_open_post(), state=State.WAITING)
    carry_out_jobs("comments")
    with transaction():
        moderating.approve(session().merge(waits), by=House())
        moderating.approve(session().merge(is_reported), by=House())
        reacting.report_comment(is_reported, by=rhea)
    carry_out_jobs("comments")
    with transaction():
        moderating.approve(session().merge(is_reported), by=House())
    to_emil = {kind: state for (kind, address), state in states().items() if address == "emil@example.org"}
    assert to_emil == {"waiting": LetterState.WAITING, "reported": LetterState.DROPPED}


def test_a_post_that_is_gone_leaves_nothing_to_tell(answered):
    with transaction():
        session().get_one(Post, answered.post_id).status = Status.TRASHED
    assert states()["reply", "rhea@example.org"] is LetterState.WAITING
