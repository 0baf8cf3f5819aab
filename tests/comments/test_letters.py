"""Letters about comments: who gets which, once; and what their links do."""

import re
import time

import pytest
from markupsafe import escape
from sqlalchemy import func, select

from inkhorn.accounts.models import User
from inkhorn.accounts.services.people import suspend_user
from inkhorn.comments.models import Comment, State
from inkhorn.comments.tasks import forgetting, telling
from inkhorn.core.database import session, transaction
from inkhorn.core.mail.letters import Letter
from inkhorn.posts.models import Audience
from tests.accounts.letters import carry_out_jobs, letters_to, text_of
from tests.factories.accounts import give_app
from tests.factories.comments import make_comment, make_open_post

pytestmark = pytest.mark.usefixtures("database", "generous")


def link_in(letter, kind: str) -> str:
    found = re.search(rf"(/comments/{kind}/[\w.-]+)", text_of(letter))
    assert found
    return found[1]


def days_later(monkeypatch, days: float) -> None:
    """Signed links read the machine's clock, which no test stops."""
    moment = time.time() + days * 86_400
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: moment)


def letters() -> list[tuple[str, str]]:
    carry_out_jobs("comments")
    return [(each.kind, each.to_address) for each in session().scalars(select(Letter).order_by(Letter.id))]


def test_a_guest_confirms_by_the_button_and_not_by_the_link(client, emil):
    comment = make_comment(make_open_post(), state=State.UNCONFIRMED, email="gale@example.org")
    carry_out_jobs("comments")
    (letter,) = letters_to("gale@example.org")
    # Both are a stranger's, who may have chosen this mailbox to carry them to.
    assert "Gale" not in text_of(letter)
    assert comment.body not in text_of(letter)
    path = link_in(letter, "confirm")
    assert "Is this yours?" in client.get(path).text
    assert session().get_one(Comment, comment.id).state is State.UNCONFIRMED
    assert "Your address is confirmed." in client.post(path).text
    assert session().get_one(Comment, comment.id, populate_existing=True).state is State.WAITING
    assert "Your address is confirmed." in client.post(path).text


def test_a_forged_or_old_confirmation_is_worth_nothing(client, monkeypatch):
    make_comment(make_open_post(), state=State.UNCONFIRMED, email="gale@example.org")
    carry_out_jobs("comments")
    path = link_in(letters_to("gale@example.org")[0], "confirm")
    for wrong in (f"{path}x", "/comments/confirm/none"):
        assert (client.get(wrong).status_code, client.post(wrong).status_code) == (410, 410)
    assert client.get(path).status_code == 200
    days_later(monkeypatch, 2.01)
    assert (client.get(path).status_code, client.post(path).status_code) == (410, 410)


def test_the_links_of_other_letters_end_too(client, wren, emil, rhea, monkeypatch):
    make_comment(make_open_post(by=wren), by=rhea, state=State.WAITING)
    carry_out_jobs("comments")
    (letter,) = letters_to("emil@example.org")
    decide, leave = link_in(letter, "decide"), link_in(letter, "leave")
    assert (client.get(decide).status_code, client.get(leave).status_code) == (200, 200)
    days_later(monkeypatch, 8)
    assert (client.get(decide).status_code, client.get(leave).status_code) == (410, 200)
    days_later(monkeypatch, 401)
    assert client.post(leave).status_code == 410


def test_whoever_never_wrote_here_is_asked_once_and_no_more(client):
    post = make_open_post()
    make_comment(post, state=State.UNCONFIRMED, email="gale@example.org")
    carry_out_jobs("comments")
    (letter,) = letters_to("gale@example.org")
    path = link_in(letter, "leave")
    assert "I never wrote here" in client.get(path).text
    assert client.post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    make_comment(post, state=State.UNCONFIRMED, email="gale@example.org")
    make_comment(post, state=State.UNCONFIRMED, email="sable@example.org")
    carry_out_jobs("comments")
    assert len(letters_to("gale@example.org")) == 1
    assert len(letters_to("sable@example.org")) == 1


def test_a_thread_that_runs_away_writes_no_letter_for_each_answer(rhea, mona):
    post = make_open_post()
    first = make_comment(post, by=rhea, wants_replies=True)
    for _time in range(telling.MOST_TOLD + 5):
        make_comment(post, by=mona, to=first)
    carry_out_jobs("comments")
    assert 0 < len(letters_to("rhea@example.org")) <= telling.MOST_TOLD


def test_whoever_may_not_sign_in_gets_no_letter_of_answers(rhea, mona, ada):
    post = make_open_post()
    first = make_comment(post, by=rhea, wants_replies=True)
    with transaction():
        suspend_user(session().get_one(User, rhea.id), by=ada)
    make_comment(post, by=mona, to=first)
    carry_out_jobs("comments")
    assert letters_to("rhea@example.org") == []


def test_whoever_is_answered_and_the_author_are_told_once(wren, rhea, emil):
    post = make_open_post(by=wren)
    first = make_comment(post, by=rhea, wants_replies=True)
    quiet = make_comment(post, by=emil, to=first)
    before = letters()
    make_comment(post, email="gale@example.org", to=quiet, name="Gale")
    told = letters()[len(before) :]
    assert sorted(told) == [
        ("comments/on_post", "wren@example.org"),
        ("comments/reply", "rhea@example.org"),
    ]


def test_a_job_that_runs_twice_writes_once(wren, rhea):
    post = make_open_post(by=wren)
    comment = make_comment(post, by=rhea)
    for _time in range(2):
        telling.tell_of_comment(comment.id)
    assert len(letters_to("wren@example.org")) == 1


def test_nobody_is_written_to_about_what_they_may_not_read(wren, rhea, mona):
    post = make_open_post(by=wren)
    first = make_comment(post, by=rhea, wants_replies=True)
    with transaction():
        post.audience = Audience.MEMBERS
    make_comment(post, by=mona, to=first)
    assert ("comments/reply", "rhea@example.org") not in letters()


def test_every_such_letter_can_be_left_by_one_click(client, wren, rhea):
    post = make_open_post(by=wren)
    make_comment(post, by=rhea)
    carry_out_jobs("comments")
    (letter,) = letters_to("wren@example.org")
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = re.fullmatch(r"<https?://[^/]+(/comments/leave/[\w.-]+)>", letter["List-Unsubscribe"])[1]
    assert "Fewer letters" in client.get(path).text
    assert session().get_one(User, wren.id, populate_existing=True).notices == {}
    assert client.post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    make_comment(post, by=rhea)
    carry_out_jobs("comments")
    assert len(letters_to("wren@example.org")) == 1


def test_a_conversation_can_be_left_without_the_others(client, emil, rhea):
    post = make_open_post()
    one, two = (make_comment(post, by=rhea, wants_replies=True) for _number in range(2))
    make_comment(post, by=emil, to=one)
    carry_out_jobs("comments")
    (letter,) = letters_to("rhea@example.org")
    client.post(link_in(letter, "leave"))
    make_comment(post, by=emil, to=one)
    make_comment(post, by=emil, to=two)
    carry_out_jobs("comments")
    assert len(letters_to("rhea@example.org")) == 2
    client.post(link_in(letter, "leave"), data={"whole": "y"})
    make_comment(post, by=emil, to=two)
    carry_out_jobs("comments")
    assert len(letters_to("rhea@example.org")) == 2


def test_no_more_about_any_answer_is_taken_back_in_the_profile(client, emil, rhea):
    post = make_open_post()
    make_comment(post, by=emil, to=make_comment(post, by=rhea, wants_replies=True))
    carry_out_jobs("comments")
    (letter,) = letters_to("rhea@example.org")
    client.post(link_in(letter, "leave"), data={"whole": "y"})
    assert session().get_one(User, rhea.id, populate_existing=True).notices == {"comment_reply": False}
    for wanted, many in ((False, 1), (True, 2)):
        with transaction():
            session().get_one(User, rhea.id).notices = {"comment_reply": wanted}
        make_comment(post, by=emil, to=make_comment(post, by=rhea, wants_replies=True))
        carry_out_jobs("comments")
        assert len(letters_to("rhea@example.org")) == many


def test_a_guest_takes_it_back_by_ticking_the_box_and_confirming(client, emil):
    gale = {"name": "Gale", "email": "gale@example.org"}
    post = make_open_post()
    answers = 0
    for box, more in ((True, 1), (False, 0), (True, 1)):
        make_comment(post, by=emil, to=make_comment(post, wants_replies=box, **gale))
        carry_out_jobs("comments")
        found = [each for each in letters_to("gale@example.org") if "/comments/confirm/" not in text_of(each)]
        answers += more
        assert len(found) == answers
        client.post(link_in(found[0], "leave"), data={"whole": "y"})


def held_letter(emil):
    comment = make_comment(make_open_post(), state=State.WAITING)
    carry_out_jobs("comments")
    (letter,) = letters_to("emil@example.org")
    return comment, link_in(letter, "decide")


def test_a_moderator_approves_and_answers_from_the_letter(client, emil):
    comment, path = held_letter(emil)
    page = client.get(path).text
    assert "A comment waits" in page
    assert str(escape(comment.reason)) in page
    assert session().get_one(Comment, comment.id).state is State.WAITING
    assert client.post(path, data={"answer": "Thank *you*."}).status_code == 303
    rows = session().scalars(select(Comment).order_by(Comment.id).execution_options(populate_existing=True)).all()
    assert [(row.state, row.user_id, row.parent_id) for row in rows[-2:]] == [
        (State.APPROVED, None, None),
        (State.APPROVED, emil.id, comment.id),
    ]
    assert "Already decided" in client.get(path).text


def test_a_moderator_calls_it_spam_from_the_letter(client, emil):
    comment, path = held_letter(emil)
    client.post(path, data={"verdict": "spam"})
    assert session().get_one(Comment, comment.id, populate_existing=True).state is State.SPAM


def test_a_letter_decides_once(client, emil):
    comment, path = held_letter(emil)
    client.post(path)
    answer = client.post(path, data={"verdict": "trash"})
    assert "Already decided" in answer.text
    assert session().get_one(Comment, comment.id, populate_existing=True).state is State.APPROVED


def test_whoever_is_to_set_up_a_second_factor_first_decides_nothing_by_a_letter(client, emil):
    comment, path = held_letter(emil)
    with transaction():
        session().get_one(User, emil.id).roles[0].demands_second_factor = True
    assert (client.get(path).status_code, client.post(path).status_code) == (410, 410)
    assert session().get_one(Comment, comment.id, populate_existing=True).state is State.WAITING
    give_app(emil.user)
    assert client.post(path).status_code == 303


def test_the_letter_of_somebody_who_moderates_no_more_is_worth_nothing(client, emil):
    comment, path = held_letter(emil)
    with transaction():
        session().get_one(User, emil.id).active = False
    assert (client.get(path).status_code, client.post(path).status_code) == (410, 410)
    assert session().get_one(Comment, comment.id, populate_existing=True).state is State.WAITING


def test_what_nobody_wants_to_keep_is_forgotten(clock, emil, rhea):
    post = make_open_post()
    kinds = [make_comment(post, state=state) for state in (State.UNCONFIRMED, State.SPAM, State.TRASHED, State.WAITING)]
    clock.forward(days=3)
    forgetting.forget_old_comments()
    assert session().scalar(select(func.count()).select_from(Comment)) == len(kinds) - 1
    clock.forward(days=30)
    forgetting.forget_old_comments()
    assert [each.state for each in session().scalars(select(Comment))] == [State.WAITING]
