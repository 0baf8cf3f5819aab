"""Comments by program: seen where their post is, written by people with an account, decided on by moderators."""

import pytest

from inkhorn.comments.models import State
from inkhorn.core.database import session, transaction
from inkhorn.posts.models import Audience, Post
from inkhorn.posts.services.publishing import trash_post, unpublish_post
from tests.factories.comments import make_comment, make_open_post
from tests.factories.posts import make_post


def texts(asker, address: str) -> list[str]:
    return [each["html"] for each in asker.data(address)]


@pytest.fixture
def harbour(emil):
    return make_open_post(by=emil, title="Harbour")


@pytest.mark.parametrize("who", ["vic", "rhea", "wren"])
@pytest.mark.parametrize("state", [State.UNCONFIRMED, State.WAITING, State.SPAM, State.TRASHED])
def test_what_is_not_approved_is_hidden(program, harbour, who: str, state: State):
    hidden = make_comment(harbour, body="Canary", state=State.UNCONFIRMED if state is State.WAITING else state)
    asker = program(who)
    assert texts(asker, f"/comments?filter[state]={state}") == []
    assert "Canary" not in asker.get(f"/comments/{hidden.id}").text


@pytest.mark.parametrize("who", ["vic", "rhea", "wren"])
def test_what_stands_under_a_hidden_post_is_hidden_with_it(program, emil, who: str):

    posts = [make_open_post(by=emil) for _ in range(3)]
    held = [make_comment(post, body="Canary") for post in posts]
    with transaction():
        first, second, third = (session().get_one(Post, post.id) for post in posts)
        unpublish_post(first, by=emil)
        trash_post(second, by=emil)
        third.audience = Audience.PRIVATE
    asker = program(who)
    assert asker.data("/comments") == []
    assert asker.data(f"/comments?filter[post]={posts[2].id}") == []
    assert {asker.get(f"/comments/{each.id}").status_code for each in held} == {404}


def test_a_reader_writes_edits_and_takes_away(program, harbour):
    rhea, emil = program("rhea"), program("emil")
    sent = rhea.post(f"/posts/{harbour.id}/comments", {"body": "How **deep** is it? <script>alert(1)</script>"})
    assert sent.status_code == 201, sent.text
    assert "<strong>deep</strong>" in sent.json["data"]["html"]
    assert "<script" not in sent.json["data"]["html"]
    address = sent.location.removeprefix("/api/v1")
    assert "deeper" in rhea.change(address, {"body": "deeper"}).json["data"]["html"]
    assert program("mona").send("PATCH", address, {"body": "Mine"}, If_Match="*").status_code in (403, 404)
    assert rhea.change(address, method="DELETE").status_code == 204
    assert emil.data(address)["state"] == "trashed"


def test_the_same_comment_sent_twice_is_one(program, harbour):
    rhea = program("rhea")
    first, again = (rhea.post(f"/posts/{harbour.id}/comments", {"body": "Twice"}) for _ in range(2))
    assert first.json["data"]["id"] == again.json["data"]["id"]


def test_moderators_decide(program, harbour):
    waiting = make_comment(harbour, body="Is it deep?")
    emil, address = program("emil"), f"/comments/{waiting.id}"
    assert emil.change(f"{address}/spam", method="POST").json["data"]["state"] == "spam"
    assert emil.change(f"{address}/restore", method="POST").json["data"]["state"] == "approved"
    assert emil.change(f"{address}/trash", method="POST").json["data"]["state"] == "trashed"
    for who in ("rhea", "wren"):
        assert program(who).send("POST", f"{address}/approve", If_Match="*").status_code == 403


def test_guests_do_not_write_by_program(program, harbour):
    assert program("vic").post(f"/posts/{harbour.id}/comments", {"body": "Hello"}).status_code == 401


def test_nothing_is_written_under_what_takes_none(program, emil):
    draft = make_post(by=emil)
    assert program("rhea").post(f"/posts/{draft.id}/comments", {"body": "Hello"}).status_code == 404
    assert program("emil").post(f"/posts/{draft.id}/comments", {"body": "Hello"}).status_code == 409


def test_a_readers_words_are_not_the_moderators(program, harbour):
    make_comment(harbour)
    assert not {"body", "reason"} & set(program("rhea").data("/comments")[0])
    assert program("rhea").get("/comments?fields=reason").status_code == 400
    assert {"body", "reason"} <= set(program("emil").data("/comments")[0])
