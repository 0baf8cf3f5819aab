"""Writing comments by the forms of the site: guests, people with an account, programs; once each."""

import re

import pytest
from sqlalchemy import select

from inkhorn.comments.models import Comment, State
from inkhorn.core import captcha, limits, remarks
from inkhorn.core.database import session
from tests.comments.talking import PROGRAM, guest_fields, send
from tests.factories.accounts import Browser, audited
from tests.factories.comments import make_comment, make_open_post
from tests.puzzles import drawn

pytestmark = pytest.mark.usefixtures("database", "generous")


def comments() -> list[Comment]:
    return list(session().scalars(select(Comment).order_by(Comment.id)))


def test_a_guest_without_a_script_looks_it_over_and_waits(client, clock):
    post = make_open_post()
    look = send(client, post, name="Gale", email="gale@example.org", body="Well *said*.")
    assert (look.status_code, comments()) == (200, [])
    assert "Well <em>said</em>." in look.text
    assert 'value="gale@example.org"' in look.text
    fields = dict(re.findall(r'name="(waiting|parent)" value="([^"]*)"', look.text))
    early = send(client, post, name="Gale", email="gale@example.org", body="Well *said*.", **fields)
    assert (early.status_code, comments()) == (422, [])
    clock.forward(seconds=25)
    done = send(client, post, name="Gale", email="gale@example.org", body="Well *said*.", **fields)
    assert "Confirm your address" in done.text
    assert [comment.state for comment in comments()] == [State.UNCONFIRMED]


def test_a_guest_whose_browser_did_the_sum_is_through_at_once(client):
    answer = send(client, make_open_post(), **guest_fields())
    assert "A letter is on its way to you." in answer.text
    assert comments()[0].guest.email == "gale@example.org"


def test_the_same_form_sent_twice_is_one_comment_and_one_answer(client):
    post, fields = make_open_post(), guest_fields()
    first, second = send(client, post, **fields), send(client, post, **fields)
    assert (first.status_code, second.status_code, len(comments())) == (200, 200, 1)
    assert first.text == second.text
    assert audited("comments.posted") == 1


def test_another_guest_may_not_use_the_same_proof(client):
    post, fields = make_open_post(), guest_fields()
    send(client, post, **fields)
    again = send(client, post, **{**fields, "email": "robot@example.org"})
    assert (again.status_code, len(comments())) == (422, 1)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"homepage": "http://spam.example"}, "should stay empty"),
        ({"waiting": "forged"}, "open for too long"),
        ({"email": "gale@"}, "Enter an address like ada@example.org."),
        ({"name": "  "}, "Write a name."),
        ({"body": ""}, "Write something first."),
        ({"parent": "999999"}, "is not there any more"),
        ({"parent": "x"}, "is not there any more"),
        ({"body": "y" * 10_001}, "10,000 are possible"),
    ],
)
def test_what_is_wrong_is_said_with_the_words_kept(client, wrong, words):
    answer = send(client, make_open_post(), **guest_fields(**wrong))
    assert answer.status_code in (404, 422)
    assert words in answer.text
    assert comments() == []
    if "body" not in wrong:
        assert "Well *said*." in answer.text


def test_a_form_that_was_faster_than_people_is_refused(client, monkeypatch):
    monkeypatch.setattr(captcha, "LEAST_SECONDS", 600)
    answer = send(client, make_open_post(), **guest_fields())
    assert (answer.status_code, comments()) == (422, [])


def test_somebody_signed_in_is_led_to_their_comment(signed_in, rhea):
    post = make_open_post()
    make_comment(post, by=rhea)
    browser = Browser(signed_in(rhea))
    answer = browser.send(f"/comments/on/{post.id}", body="Again.", key="k")
    assert (answer.status_code, answer.location) == (303, f"{post.path}#comment-{comments()[-1].id}")
    assert browser.send(f"/comments/on/{post.id}", body="Again.", key="k").location == answer.location
    assert len(comments()) == 2


def test_without_the_token_the_words_are_kept_and_nothing_else(signed_in, rhea):
    answer = send(signed_in(rhea), make_open_post(), body="Precious words.")
    assert (answer.status_code, comments()) == (422, [])
    assert "Precious words." in answer.text
    assert "open for too long" in answer.text


def test_a_program_is_told_what_became_of_it(client, signed_in, rhea, emil):
    post = make_open_post()
    assert send(client, post, headers=PROGRAM, **guest_fields()).json["state"] == "unconfirmed"
    for who, state in ((rhea, "waiting"), (emil, "approved")):
        browser = Browser(signed_in(who))
        answer = browser.client.post(f"/comments/on/{post.id}", data={"csrf_token": browser.token, "body": "Hm."}, headers=PROGRAM)
        assert answer.json["state"] == state
        assert bool(answer.json["message"])
    assert answer.json["message"] == "Your comment is on the page."
    wrong = send(client, post, headers=PROGRAM, **guest_fields(email="x"))
    assert (wrong.status_code, wrong.json["errors"][0]["field"]) == (422, "email")


def test_how_fast_people_write_is_limited(client, monkeypatch):
    monkeypatch.setattr(limits, "COMMENT_PERSON", limits.Limit("comment.person", "1 per 15 seconds"))
    post = make_open_post()
    send(client, post, **guest_fields())
    answer = send(client, post, **guest_fields(body="And another thing.", waiting=drawn("comment", once="b")))
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 15
    assert "And another thing." in answer.text
    assert len(comments()) == 1


def test_what_is_refused_is_never_drawn_however_long_it_is(client, monkeypatch):
    drawn_bodies = []
    monkeypatch.setattr(remarks, "render_remark", drawn_bodies.append)
    post = make_open_post()
    for body in ("[" * 10_001, "[" * 3_000_000):
        looked_at = {name: value for name, value in guest_fields(body=body).items() if name != "waiting"}
        for fields in (guest_fields(body=body), looked_at, {"body": body}):
            assert send(client, post, **fields).status_code in (413, 422)
    assert drawn_bodies == []


def test_how_often_a_place_may_look_is_limited(client, monkeypatch):
    monkeypatch.setattr(limits, "COMMENT_LOOK", limits.Limit("comment.look", "1 per 10 minutes"))
    post = make_open_post()
    looked_at = {name: value for name, value in guest_fields().items() if name != "waiting"}
    assert "Look it over" in send(client, post, **looked_at).text
    again = send(client, post, **looked_at)
    assert again.status_code == 429
    assert "Well *said*." in again.text


def test_nobody_writes_under_what_they_may_not_read(client, rhea, signed_in):
    for post in (make_open_post(audience="members"), make_open_post(audience="private")):
        assert send(client, post, **guest_fields()).status_code == 404
        assert Browser(signed_in(rhea)).send(f"/comments/on/{post.id}", body="Hm.").status_code == 404
        assert client.get(f"/comments/on/{post.id}").status_code == 404


def test_an_answer_is_written_on_a_sheet_of_its_own(client, emil):
    post = make_open_post()
    comment = make_comment(post, by=emil, body="A question?")
    sheet = client.get(f"/comments/{comment.id}/answer").text
    assert "Reply to Emil" in sheet
    assert "A question?" in sheet
    assert f'name="parent" value="{comment.id}"' in sheet
    send(client, post, **guest_fields(parent=str(comment.id)))
    assert comments()[-1].parent_id == comment.id
