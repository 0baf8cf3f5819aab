"""Keeping people out from the desk: by what they are known, for how long, and letting them in again."""

import pytest
from sqlalchemy import select

from inkhorn.comments.models import Ban, BanKind, Comment, State
from inkhorn.comments.services.banning import ban_address, standing_bans
from inkhorn.comments.services.posting import Banned, NewComment, post_comment
from inkhorn.core.access import House, Visitor
from inkhorn.core.database import session, transaction
from inkhorn.core.errors import Invalid
from tests.factories.comments import make_comment, make_open_post

ORLA = {"name": "Orla", "email": "orla@mail.harbour.test"}


def bans() -> list[Ban]:
    session().expire_all()
    return list(session().scalars(standing_bans()))


def say(post, by=None, **guest: str) -> Comment:
    with transaction():
        return post_comment(session().merge(post), NewComment(body="May I?", **guest), by=by or Visitor(address="203.0.113.9"))


@pytest.mark.parametrize("kind", ["email", "domain", "place"])
def test_a_guest_is_kept_out_by_address_host_or_place(desk_of, emil, wren, kind, generous):
    post = make_open_post(by=wren)
    comment, desk = make_comment(post, state=State.WAITING, **ORLA), desk_of(emil)
    page = desk.get(f"/desk/comments/{comment.id}/ban").text
    assert ("orla@mail.harbour.test" in page, f'value="{kind}"' in page) == (True, True)
    assert desk.send(f"/desk/comments/{comment.id}/ban", by=kind, span="week", reason="Rude.", is_spam="y").status_code == 303
    assert [(ban.kind.value, ban.reason) for ban in bans()] == [(kind, "Rude.")]
    assert session().get_one(Comment, comment.id).state is State.SPAM
    with pytest.raises(Banned):
        say(post, Visitor(address="192.0.2.7"), **(ORLA if kind != "place" else {"name": "Dag", "email": "dag@elsewhere.test"}))


def test_a_member_is_kept_out_by_account_until_it_ends(desk_of, emil, wren, mona, clock):
    post = make_open_post(by=wren)
    comment, desk = make_comment(post, by=mona), desk_of(emil)
    desk.send(f"/desk/comments/{comment.id}/ban", by="user", span="day")
    with pytest.raises(Banned):
        say(post, mona)
    assert session().get_one(Comment, comment.id).state is State.APPROVED
    clock.forward(days=1, seconds=1)
    assert say(post, mona)
    assert bans() == []


def test_nobody_keeps_out_those_who_work_here(desk_of, emil, wren, ada):
    comment = make_comment(make_open_post(by=wren), by=ada)
    answer = desk_of(emil).send(f"/desk/comments/{comment.id}/ban", by="user", span="ever")
    assert (answer.status_code, "works on this site" in answer.text, bans()) == (409, True, [])


@pytest.mark.parametrize(
    "fields", [{}, {"by": "user", "span": "day"}, {"by": "email", "span": "century"}, {"by": "email", "span": "day", "reason": "x" * 301}]
)
def test_a_ban_that_makes_no_sense_is_refused_in_place(desk_of, emil, wren, fields):
    comment = make_comment(make_open_post(by=wren), state=State.WAITING, **ORLA)
    answer = desk_of(emil).send(f"/desk/comments/{comment.id}/ban", **fields)
    assert (answer.status_code, "Keep somebody out" in answer.text, bans()) == (422, True, [])


def test_a_ban_is_made_by_address_listed_and_lifted(desk_of, emil):
    desk = desk_of(emil)
    assert desk.send("/desk/comments/bans/", address=" Spam@Casino.TEST ", span="ever", reason="Sells.").status_code == 303
    page = desk.get("/desk/comments/bans/").text
    assert ("spam@casino.test" in page, "For good" in page, "Sells." in page) == (True, True, True)
    desk.send(f"/desk/comments/bans/{bans()[0].id}/lift")
    assert bans() == []
    assert "Nobody is kept out" in desk.get("/desk/comments/bans/").text
    assert desk.send("/desk/comments/bans/1/lift").status_code == 404


@pytest.mark.parametrize(
    "address", ["", "a@", "@", "nowhere", "a b.test", "-x.test", "x" * 250 + ".test", "<script>", "a@b@c", "192.0.2.1"]
)
def test_an_address_that_is_none_is_refused_in_place(desk_of, emil, address):
    answer = desk_of(emil).send("/desk/comments/bans/", address=address, span="day")
    assert (answer.status_code, 'id="address-error"' in answer.text, bans()) == (422, True, [])


def test_the_same_ban_again_counts_anew(emil):
    with transaction():
        first = ban_address("casino.test", until=None, reason="Once.", by=emil)
        second = ban_address("@casino.test", until=None, reason="Twice.", by=emil)
    assert (first.id, [(ban.kind, ban.reason) for ban in bans()]) == (second.id, [(BanKind.DOMAIN, "Twice.")])


def test_a_day_that_is_over_bans_nobody(clock, database):
    with pytest.raises(Invalid, match="still to come"), transaction():
        ban_address("casino.test", until=clock.now, reason="", by=House())


def test_many_are_kept_out_at_once(desk_of, emil, wren):
    post, desk = make_open_post(by=wren), desk_of(emil)
    comments = [make_comment(post, state=State.WAITING) for _ in range(2)]
    desk.send("/desk/comments/move", move="ban", chosen=[comment.id for comment in comments])
    assert len(bans()) == 2
    states = session().scalars(select(Comment.state).where(Comment.id.in_([comment.id for comment in comments])))
    assert set(states) == {State.SPAM}


def test_a_host_that_is_kept_out_keeps_no_moderator_out(emil, ada, rhea):
    with transaction():
        ban_address("example.org", until=None, reason="", by=emil)
    post = make_open_post()
    for by in (emil, ada):
        assert make_comment(post, by=by).state is State.APPROVED
    with pytest.raises(Banned):
        make_comment(post, by=rhea)
