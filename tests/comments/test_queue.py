"""The moderators' list: what it shows, how it is narrowed down, what many at once become, and undo."""

import re
from dataclasses import replace

import pytest
from sqlalchemy.exc import OperationalError

from inkhorn.comments.models import Comment, State
from inkhorn.comments.services import moderating
from inkhorn.comments.views import moves
from inkhorn.core.database import session, transaction
from tests.factories.comments import make_comment, make_open_post

WORDS = "The pump sings in B flat."


def state_of(comment: Comment) -> State:
    session().expire_all()
    return session().get_one(Comment, comment.id).state


def undo_of(page: str) -> str:
    found = re.search(r'action="(/desk/comments/undo\?[^"]+)"', page)
    assert found, page
    return found[1]


def test_an_editor_reads_what_waits_with_its_reason_its_post_and_what_it_answers(desk_of, emil, wren):
    post = make_open_post(by=wren, title="The lamp room")
    asked = make_comment(post, body="Which key?", name="Dag")
    make_comment(post, to=asked, state=State.WAITING, body="**B flat**, I think.", name="Orla", email="orla@example.org")
    page = desk_of(emil).get("/desk/comments/").text
    for told in (
        "1 is waiting",
        "Orla",
        "orla@example.org",
        "First comment",
        "The lamp room",
        "Dag",
        "Which key?",
        "<strong>B flat</strong>",
    ):
        assert told in page
    assert "<strong>Which" not in page


@pytest.mark.parametrize("who", ["wren", "mona", "rhea"])
def test_nobody_else_opens_the_queue(signed_in, cast, who):
    assert signed_in(getattr(cast, who)).get("/desk/comments/").status_code == 403


def test_a_visitor_is_led_to_the_sign_in(client):
    assert client.get("/desk/comments/").status_code == 303


def test_each_state_has_its_tab_with_its_number(desk_of, emil, wren):
    post = make_open_post(by=wren)
    for state in (State.WAITING, State.APPROVED, State.SPAM, State.TRASHED):
        make_comment(post, state=state, body=f"This one is {state.value}.")
    desk = desk_of(emil)
    for state in ("waiting", "approved", "spam", "trashed"):
        page = desk.get(f"/desk/comments/?state={state}").text
        assert re.findall(r"This one is (\w+)\.", page) == [state]
        assert re.findall(r'<span class="count">(\d+)</span>', page) == ["1", "1", "0", "1", "1"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("search=sings", [WORDS]),
        ("search=ORLA", [WORDS]),
        ("search=orla@example", [WORDS]),
        ("search=100%25", []),
        ("cause=links", ["https://a.test and https://b.test"]),
        ("cause=first&search=sings", [WORDS]),
        ("cause=imported", []),
        # A cause is a word of its own: no sentence about links is found by it.
        ("cause=spam", []),
        ("kind=ping", []),
        ("post_id=2147483648", [WORDS, "https://a.test and https://b.test"]),
        ("post_id=999", []),
        ("state=nonsense&cause=nonsense&kind=nonsense&post_id=x&page=x", [WORDS, "https://a.test and https://b.test"]),
    ],
)
def test_it_is_narrowed_down(desk_of, emil, wren, asked, found):
    post = make_open_post(by=wren)
    make_comment(post, state=State.WAITING, body=WORDS, name="Orla", email="orla@example.org")
    linked = make_comment(post, state=State.WAITING, body="https://a.test and https://b.test")
    with transaction():
        linked.reason = "Reads like spam in another language"
    page = desk_of(emil).get(f"/desk/comments/?{asked}").text
    shown = re.sub(r"<[^>]+>", "", "".join(re.findall(r'class="said".*?</div>', page, re.DOTALL)))
    assert sorted(words for words in (WORDS, "https://a.test and https://b.test") if words in shown) == sorted(found)


@pytest.mark.parametrize(("move", "state"), [("approve", State.APPROVED), ("spam", State.SPAM), ("trash", State.TRASHED)])
def test_many_are_decided_at_once_and_undone(desk_of, emil, wren, move, state):
    post = make_open_post(by=wren)
    comments = [make_comment(post, state=State.WAITING) for _ in range(3)]
    desk = desk_of(emil)
    assert desk.send("/desk/comments/move", move=move, chosen=[comment.id for comment in comments[:2]]).status_code == 303
    assert [state_of(comment) for comment in comments] == [state, state, State.WAITING]
    page = desk.get("/desk/comments/").text
    assert "2 comments " in page
    assert desk.send(undo_of(page)).status_code == 303
    assert [state_of(comment) for comment in comments] == [State.WAITING] * 3
    assert "Undone: 2 comments are where they were." in desk.get("/desk/comments/").text


def test_undo_brings_each_back_to_where_it_stood(desk_of, emil, wren):
    post = make_open_post(by=wren)
    were = {state: make_comment(post, state=state) for state in (State.WAITING, State.APPROVED, State.SPAM)}
    desk = desk_of(emil)
    desk.send("/desk/comments/move", move="trash", chosen=[comment.id for comment in were.values()])
    desk.send(undo_of(desk.get("/desk/comments/").text))
    assert {state: state_of(comment) for state, comment in were.items()} == {state: state for state in were}


def test_undo_leaves_alone_what_a_colleague_decided_since(desk_of, emil, ada, wren):
    post = make_open_post(by=wren)
    one, other = (make_comment(post, state=State.WAITING) for _ in range(2))
    desk = desk_of(emil)
    desk.send("/desk/comments/move", move="approve", chosen=[one.id, other.id])
    undo = undo_of(desk.get("/desk/comments/").text)
    desk_of(ada).send(f"/desk/comments/{one.id}/spam")
    desk.send(undo)
    assert (state_of(one), state_of(other)) == (State.SPAM, State.WAITING)
    assert "Somebody has moved this comment on meanwhile" in desk.get("/desk/comments/").text


def test_one_that_somebody_moved_meanwhile_costs_itself_alone(desk_of, emil, wren):
    post = make_open_post(by=wren)
    one, other = make_comment(post, state=State.APPROVED), make_comment(post, state=State.WAITING)
    desk = desk_of(emil)
    desk.send("/desk/comments/move", move="approve", chosen=[one.id, other.id, 10**6, -1])
    page = desk.get("/desk/comments/").text
    assert "1 comment approved." in page
    assert "cannot be approved" in page
    assert "There is no such comment" in page


@pytest.mark.parametrize("fields", [{"move": "approve"}, {"move": "explode", "chosen": [1]}])
def test_a_move_of_nothing_or_by_nothing_known_asks_to_choose(desk_of, emil, fields):
    desk = desk_of(emil)
    assert desk.send("/desk/comments/move", **fields).status_code == 303
    assert "Choose some comments first" in desk.get("/desk/comments/").text


def test_an_undo_that_somebody_made_up_changes_nothing(desk_of, emil, wren):
    comment = make_comment(make_open_post(by=wren))
    desk = desk_of(emil)
    for were in ("", "x", f"{comment.id}qa", f"{comment.id}t", "99999999999999wa", "0wa"):
        assert desk.send(f"/desk/comments/undo?were={were}").status_code == 303
    assert state_of(comment) is State.APPROVED
    assert desk.client.post(f"/desk/comments/undo?were={comment.id}ta", data={}).status_code == 422


def test_it_leads_back_to_the_list_from_which_it_was_pressed(desk_of, emil, wren):
    comment = make_comment(make_open_post(by=wren), state=State.SPAM)
    desk = desk_of(emil)
    came = {"Referer": "http://localhost/desk/comments/?state=spam&page=1"}
    fields = {"csrf_token": desk.token, "move": "approve", "chosen": [comment.id]}
    assert desk.client.post("/desk/comments/move", data=fields, headers=came).location == "/desk/comments/?state=spam&page=1"
    elsewhere = {"Referer": "https://elsewhere.test/desk/comments/?state=spam"}
    assert desk.client.post("/desk/comments/move", data=fields, headers=elsewhere).location == "/desk/comments/"


def test_the_list_and_every_page_of_the_desk_ask_the_database_evenly(desk_of, emil, wren, queries):
    post, desk = make_open_post(by=wren), desk_of(emil)
    asked = []
    for many in (2, 48):
        for _ in range(many):
            make_comment(post, to=make_comment(post), state=State.WAITING)
        session().expunge_all()
        queries.clear()
        assert desk.get("/desk/comments/").text.count('class="queue"') == 1
        asked.append(len(queries))
    assert asked[0] == asked[1] <= 10


def test_the_rail_counts_what_waits_for_those_who_may_look(desk_of, emil, wren):
    post = make_open_post(by=wren)
    make_comment(post, state=State.WAITING)
    page = desk_of(emil).get("/desk/").text
    assert 'data-kind="new">1<' in page
    assert "1 comment waits to be approved" in page
    assert "/desk/comments/" not in desk_of(wren).get("/desk/").text


def test_a_page_of_fifty_is_turned(desk_of, emil, wren):
    post = make_open_post(by=wren)
    for number in range(51):
        make_comment(post, state=State.WAITING, body=f"Number {number}.")
    desk = desk_of(emil)
    assert desk.get("/desk/comments/").text.count('class="said"') == 50
    second = desk.get("/desk/comments/?page=2").text
    assert (second.count('class="said"'), "51–51 of 51" in second) == (1, True)
    # The last one of the last page was decided.
    assert desk.get("/desk/comments/?page=7").text.count('class="said"') == 50


def test_the_words_of_a_hostile_comment_are_words(desk_of, emil, wren):
    name = "<script>alert(1)</script>"
    make_comment(
        make_open_post(by=wren, title=name), state=State.WAITING, body='<img src=x onerror="alert(1)"> [x](javascript:alert(1))', name=name
    )
    page = desk_of(emil).get("/desk/comments/").text
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert 'href="javascript:' not in page
    with transaction():
        assert session().query(Comment).count() == 1


def test_a_database_that_is_busy_for_one_costs_that_one_alone(desk_of, emil, wren, monkeypatch):
    post = make_open_post(by=wren)
    comments = [make_comment(post, state=State.WAITING) for _ in range(3)]
    approve = moderating.approve

    def busy(comment, *, by):
        if comment.id == comments[1].id:
            raise OperationalError("UPDATE", {}, Exception("database is locked"))
        approve(comment, by=by)

    monkeypatch.setitem(moves.MOVES, "approve", replace(moves.MOVES["approve"], verb=busy))
    desk = desk_of(emil)
    assert desk.send("/desk/comments/move", move="approve", chosen=[each.id for each in comments]).status_code == 303
    page = desk.get("/desk/comments/").text
    assert "The database was busy" in page
    assert [state_of(each) for each in comments] == [State.APPROVED, State.WAITING, State.APPROVED]
    desk.send(undo_of(page))
    assert [state_of(each) for each in comments] == [State.WAITING] * 3


def test_more_than_fifty_are_told_to_be_left(desk_of, emil, wren):
    comment, desk = make_comment(make_open_post(by=wren), state=State.WAITING), desk_of(emil)
    desk.send("/desk/comments/move", move="approve", chosen=[*range(10**6, 10**6 + 51), comment.id])
    assert "2 more were left as they are" in desk.get("/desk/comments/").text
    assert state_of(comment) is State.WAITING
