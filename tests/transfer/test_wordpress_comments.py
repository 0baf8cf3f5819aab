"""Comments of a WordPress export: threads, states, dates and writers as they were, once, and without a letter to anybody."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from sqlalchemy import func, select

from inkhorn.comments.models import DEEPEST, Comment, CommentKind, Guest, State
from inkhorn.comments.queries import PINGS, thread_of
from inkhorn.comments.services import moving
from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from inkhorn.core.mail.letters import Letter
from inkhorn.posts.models import Post
from inkhorn.transfer.commands.running import run_import
from inkhorn.transfer.services.journey import Options
from inkhorn.transfer.services.reporting import Report
from inkhorn.transfer.wordpress.source import wordpress_source
from tests.transfer.box import count_of
from tests.transfer.wxr import export, item

CORPORA = Path(__file__).parents[3] / "shared" / "corpora"
UNIT_TEST = CORPORA / "wxr-theme-test-data" / "themeunittestdata.wordpress.xml"
CC_LABS = CORPORA / "wxr-cclabs-real" / "wordpress.xml"
needs_corpora = pytest.mark.skipif(not UNIT_TEST.exists(), reason="the corpora are not beside the project")
pytestmark = pytest.mark.usefixtures("database")


def said(number: str, content: str = "Aye.", **fields: str) -> str:
    told = {
        "author": "Orla",
        "author_email": "Orla@harbour.test",
        "date_gmt": "2020-05-02 10:00:00",
        "approved": "1",
        "parent": "0",
    } | fields
    inner = "".join(f"<wp:comment_{name}>{escape(value)}</wp:comment_{name}>" for name, value in told.items())
    return f"<wp:comment><wp:comment_id>{number}</wp:comment_id><wp:comment_content><![CDATA[{content}]]></wp:comment_content>{inner}</wp:comment>"


def imported(file: Path, **options: bool) -> Report:
    return run_import(wordpress_source(file), by=House(), options=Options(**options))


def comments() -> dict[str, Comment]:
    session().expire_all()
    return {comment.origin_key or "": comment for comment in session().scalars(select(Comment).order_by(Comment.id))}


def rows() -> list[tuple[object, ...]]:
    session().rollback()
    return [tuple(row) for row in session().execute(select(*Comment.__table__.c).order_by(Comment.id))]


@needs_corpora
@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "kinds", "states", "answers", "first"),
    [
        (UNIT_TEST, {"comment": 29, "trackback": 2, "pingback": 2}, {"approved": 30, "waiting": 3}, 10, "2007-09-04 00:49:03"),
        (CC_LABS, {"comment": 119, "pingback": 62}, {"approved": 181}, 3, "2007-04-11 23:18:48"),
    ],
    ids=["theme unit test", "CC Labs"],
)
def test_a_real_export_comes_with_all_its_comments_and_a_second_time_changes_nothing(file, kinds, states, answers, first):
    tried = imported(file, is_dry_run=True)
    assert count_of(Comment) == 0
    report = imported(file)
    found = list(comments().values())
    assert Counter(comment.kind.value for comment in found) == kinds
    assert Counter(comment.state.value for comment in found) == states
    assert sum(comment.parent_id is not None for comment in found) == answers
    assert f"{min(comment.created_at for comment in found):%Y-%m-%d %H:%M:%S}" == first
    assert all(comment.parent.post_id == comment.post_id for comment in found if comment.parent)
    told = {noun: dict(report.counts[noun]) for noun in ("comments", "pings")}
    assert (
        told
        == {noun: dict(tried.counts[noun]) for noun in told}
        == {"comments": {"new": kinds["comment"]}, "pings": {"new": sum(kinds.values()) - kinds["comment"]}}
    )
    before = rows()
    again = imported(file)
    assert (rows(), again.of("comments", "unchanged"), again.of("comments", "new"), again.changed_something) == (
        before,
        kinds["comment"],
        0,
        False,
    )
    assert count_of(Letter) == 0


def test_threads_states_dates_and_writers_are_as_they_were(tmp_path, rhea):
    thread = [
        said("1", "Which <b>key</b>?", date_gmt="2020-05-02 10:00:00"),
        said("2", "B flat.", parent="1", author="Rhea", author_email="RHEA@example.org"),
        said("3", "Hm.", parent="2", approved="0", author="Dag", author_email=""),
        said("4", "Buy!", approved="spam"),
        said("5", "Gone.", approved="trash", date_gmt="0000-00-00 00:00:00"),
        said("6", "Mine.", user_id="1", author_email="other@harbour.test"),
    ]
    imported(export(tmp_path, item(more="".join(thread))))
    found = comments()
    assert {key: comment.state.value for key, comment in found.items()} == {
        "1": "approved", "2": "approved", "3": "waiting", "4": "spam", "5": "trashed", "6": "approved",
    }  # fmt: skip
    assert [found[key].depth for key in "123"] == [1, 2, 3]
    assert (found["2"].parent_id, found["3"].root_id) == (found["1"].id, found["1"].id)
    assert found["1"].created_at == found["1"].approved_at == datetime(2020, 5, 2, 10, tzinfo=UTC)
    assert found["1"].html.strip() == "<p>Which <strong>key</strong>?</p>"
    assert (found["1"].guest.email, found["1"].user_id) == ("orla@harbour.test", None)
    assert (found["2"].user_id, found["2"].guest_id) == (rhea.id, None)
    assert (found["3"].name, found["3"].guest_id, found["3"].reason) == ("Dag", None, "It waited where it was imported from")
    assert found["5"].created_at == datetime(2020, 5, 1, 12, tzinfo=UTC)
    assert [comment.origin_key for comment in session().scalars(thread_of(found["1"].post_id))] == ["1", "2", "6"]


def test_pingbacks_stand_apart(tmp_path):
    pings = said("1", "[...] as they say [...]", type="pingback", author="Another &amp; blog", author_url="https://blog.test/x") + said("2")
    report = imported(export(tmp_path, item(more=pings)))
    post = session().scalars(select(Post)).one()
    (ping,) = session().scalars(select(Comment).where(Comment.post_id == post.id, Comment.kind.in_(PINGS), Comment.is_shown))
    assert (ping.kind, ping.name, ping.website) == (CommentKind.PINGBACK, "Another & blog", "https://blog.test/x")
    assert [comment.origin_key for comment in session().scalars(thread_of(post.id))] == ["2"]
    assert "pingback or trackback: 1 new" in "\n".join(report.lines())


def test_what_moderators_decided_meanwhile_stays_and_what_is_new_comes(tmp_path):
    imported(export(tmp_path, item(more=said("1") + said("2", parent="1"))))
    with transaction():
        moving.mark_spam(comments()["1"], by=House())
        moving.edit_comment(comments()["2"], "Put right.", by=House())
    report = imported(export(tmp_path, item(more=said("1") + said("2", parent="1") + said("3", parent="2"))))
    found = comments()
    assert (found["1"].state, found["2"].body, found["3"].parent_id) == (State.SPAM, "Put right.", found["2"].id)
    assert dict(report.counts["comments"]) == {"unchanged": 2, "new": 1}
    assert report.of("posts", "unchanged") == 1


def test_what_was_removed_for_good_stays_away(tmp_path):
    file = export(tmp_path, item(more=said("1") + said("2", parent="1")))
    imported(file)
    with transaction():
        moving.trash_comment(comments()["1"], by=House())
        moving.trash_comment(comments()["2"], by=House())
        moving.purge_comment(comments()["2"], by=House())
    with transaction():
        moving.purge_comment(comments()["1"], by=House())
    report = imported(file)
    assert (comments(), dict(report.counts["comments"])) == ({}, {"unchanged": 2})


@pytest.mark.parametrize(
    "thread",
    [
        [said("2", parent="1"), said("1")],
        [said("1", parent="2"), said("2", parent="1")],
        [said("1", parent="1")],
        [said("1", parent="99")],
        [said("1"), said("1", "Twice.")],
        [said("1", type="pingback"), said("2", parent="1")],
        ["<wp:comment></wp:comment>", "<wp:comment></wp:comment>"],
        [said("x" * 2000, author="n" * 2000, author_email="e" * 2000, author_url="https://" + "u" * 4000, date_gmt="never")],
        [said("1", "\x01<script>alert(1)</script>" + "&#0; \u202e x" * 5000, author="<b>\u0007", author_url="javascript:alert(1)")],
    ],
    ids=["answer first", "ring", "itself", "nobody", "twice", "other kind", "empty", "long", "hostile"],
)
def test_a_broken_thread_comes_as_far_as_it_goes_and_only_once(tmp_path, thread):
    file = export(tmp_path, item(more="".join(thread)))
    imported(file)
    before = rows()
    assert before
    assert all(comment.place and "<script" not in comment.html for comment in comments().values())
    imported(file)
    assert rows() == before


def test_a_very_deep_thread_ends_flat(tmp_path):
    deep = "".join(said(str(number), parent=str(number - 1)) for number in range(1, 1500))
    imported(export(tmp_path, item(more=deep)))
    assert session().scalar(select(func.max(Comment.depth))) == DEEPEST
    assert count_of(Comment) == 1499
    assert count_of(Guest) == 1
