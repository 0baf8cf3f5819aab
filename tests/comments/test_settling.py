"""Reports are settled by whoever looked, or by what is gone; and keeping somebody out is taken back whole."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from inkhorn.comments.models import Ban, Comment, Report, State
from inkhorn.comments.services import reacting
from inkhorn.comments.services.banning import ban_address
from inkhorn.core import clock
from inkhorn.core.access import House, Visitor
from inkhorn.core.database import session, transaction
from tests.accounts.browsing import post
from tests.api.program import Program
from tests.comments.test_queue import state_of, undo_of
from tests.factories.comments import make_comment, make_open_post

pytestmark = pytest.mark.usefixtures("database", "generous")


def reported(*, by, reporter) -> Comment:
    comment = make_comment(make_open_post(), by=by)
    with transaction():
        reacting.report_comment(session().merge(comment), by=reporter, reason="Rude.")
    return comment


def unsettled(comment: Comment) -> tuple[int, int]:
    """As the comment counts them, and as they stand."""
    session().expire_all()
    rows = select(func.count()).where(Report.comment_id == comment.id, Report.settled_at.is_(None))
    return session().get_one(Comment, comment.id).reports, session().scalar(rows) or 0


def test_what_its_writer_takes_away_needs_no_look(signed_in, rhea, mona):
    comment = reported(by=rhea, reporter=mona)
    assert unsettled(comment) == (1, 1)
    assert post(signed_in(rhea), f"/comments/{comment.id}/withdraw").status_code == 200
    assert (unsettled(comment), state_of(comment)) == ((0, 0), State.TRASHED)


def test_what_its_writer_edits_still_wants_a_look(signed_in, rhea, mona):
    comment = reported(by=rhea, reporter=mona)
    assert post(signed_in(rhea), f"/comments/{comment.id}/edit", body="Kinder.").status_code == 303
    assert unsettled(comment) == (1, 1)


@pytest.mark.parametrize("way", ["edit", "trash"])
def test_a_moderator_who_edits_or_removes_it_on_the_page_has_looked(signed_in, emil, rhea, mona, way):
    comment = reported(by=rhea, reporter=mona)
    assert post(signed_in(emil), f"/comments/{comment.id}/{way}", body="Kinder.").status_code in (200, 303)
    assert unsettled(comment) == (0, 0)


def test_a_moderator_who_edits_it_at_the_desk_has_looked(desk_of, emil, rhea, mona):
    comment = reported(by=rhea, reporter=mona)
    assert desk_of(emil).send(f"/desk/comments/{comment.id}/edit", body="Kinder.").status_code == 303
    assert unsettled(comment) == (0, 0)


@pytest.mark.parametrize(("who", "left"), [("emil", (0, 0)), ("rhea", (1, 1))])
def test_the_same_holds_by_program(app, cast, who, left):
    comment = reported(by=cast.rhea, reporter=cast.mona)
    assert Program(app, cast, who).send("PATCH", f"/comments/{comment.id}", {"body": "Kinder."}, If_Match="*").status_code == 200
    assert unsettled(comment) == left


def test_moderators_read_why_a_comment_was_reported_until_they_have_looked(desk_of, emil, rhea, mona, wren):
    comment, other = reported(by=rhea, reporter=mona), reported(by=rhea, reporter=mona)
    for by, reason in ((wren, "It is <b>unkind</b>."), (Visitor(address="192.0.2.1"), "")):
        with transaction():
            reacting.report_comment(session().merge(comment), by=by, reason=reason)
    desk = desk_of(emil)
    page = desk.get("/desk/comments/?state=reported").text
    assert (page.count("Reported:"), page.count("Rude."), "It is &lt;b&gt;unkind&lt;/b&gt;." in page) == (3, 2, True)
    desk.send(f"/desk/comments/{comment.id}/approve")
    page = desk.get("/desk/comments/?state=reported").text
    assert (page.count("Reported:"), f'id="comment-{other.id}"' in page) == (1, True)


def test_of_many_reasons_the_latest_are_read_by_one_query(desk_of, emil, rhea, queries):
    comment, desk = make_comment(make_open_post(), by=rhea), desk_of(emil)
    asked = []
    for many in (1, 8):
        for number in range(many):
            with transaction():
                by = Visitor(address=f"192.0.{many}.{number}")
                reacting.report_comment(session().merge(comment), by=by, reason=f"Reason {many}-{number}.")
        session().expunge_all()
        queries.clear()
        page = desk.get("/desk/comments/?state=reported").text
        asked.append(len(queries))
    assert [f"Reason 8-{number}." in page for number in range(8)] == [False] * 3 + [True] * 5
    assert asked[0] == asked[1]


def bans() -> list[str]:
    session().expire_all()
    return sorted(ban.value for ban in session().scalars(select(Ban)))


def test_keeping_several_out_is_undone_whole(desk_of, emil, wren):
    under = make_open_post(by=wren)
    mails = ("gale@example.org", "dag@example.org", "gale@example.org")
    comments = [make_comment(under, state=State.WAITING, name="Gale", email=mail) for mail in mails]
    desk = desk_of(emil)
    desk.send("/desk/comments/move", move="ban", chosen=[each.id for each in comments])
    assert ([state_of(each) for each in comments], bans()) == ([State.SPAM] * 3, ["dag@example.org", "gale@example.org"])
    undo = undo_of(desk.get("/desk/comments/").text)
    for _time in range(2):
        assert desk.send(undo).status_code == 303
        assert ([state_of(each) for each in comments], bans()) == ([State.WAITING] * 3, [])


def test_a_ban_that_stood_before_is_neither_shortened_nor_lifted(desk_of, emil, wren):
    comment = make_comment(make_open_post(by=wren), state=State.WAITING, email="gale@example.org")
    with transaction():
        ban_address("gale@example.org", until=None, reason="For good", by=House())
    desk = desk_of(emil)
    desk.send("/desk/comments/move", move="ban", chosen=[comment.id])
    assert session().scalars(select(Ban.until)).all() == [None]
    desk.send(undo_of(desk.get("/desk/comments/").text))
    assert (state_of(comment), bans()) == (State.WAITING, ["gale@example.org"])


def test_one_that_has_ended_is_made_anew(desk_of, emil, wren, clock):
    comment = make_comment(make_open_post(by=wren), state=State.WAITING, email="gale@example.org")
    with transaction():
        ban_address("gale@example.org", until=now_and(1), reason="A day", by=House())
    clock.forward(days=2)
    desk = desk_of(emil)
    desk.send("/desk/comments/move", move="ban", chosen=[comment.id])
    (until,) = session().scalars(select(Ban.until))
    assert until is not None
    assert until > now_and(20)


def now_and(days: int):
    return clock.now() + timedelta(days=days)


def test_fifty_with_long_numbers_are_undone_too(desk_of, emil, wren):
    under = make_open_post(by=wren)
    comments = [make_comment(under, state=State.WAITING, email=f"g{number}@example.org") for number in range(50)]
    desk = desk_of(emil)
    desk.send("/desk/comments/move", move="ban", chosen=[each.id for each in comments])
    desk.send(undo_of(desk.get("/desk/comments/").text))
    assert ({state_of(each) for each in comments}, bans()) == ({State.WAITING}, [])
