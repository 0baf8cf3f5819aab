"""Who may listen to a thread, and what counts as a change of it."""

import pytest

from inkhorn.comments.models import State
from inkhorn.comments.queries import changes_of
from inkhorn.comments.services import moderating, moving, reacting
from inkhorn.comments.services.importing import ArrivedComment, take_in_comments
from inkhorn.comments.views.listening import PLACES
from inkhorn.core.access import House
from inkhorn.core.database import transaction
from inkhorn.core.streams import Streams
from inkhorn.posts.models import Audience
from tests.factories.comments import make_comment, make_open_post
from tests.factories.posts import make_post

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def places(app, monkeypatch) -> Streams:
    """Room for one, and no look at the database from another thread."""
    held = Streams(1, lambda _topics: {})
    monkeypatch.setitem(app.extensions, PLACES, held)
    return held


def listen(client, post, **headers: str):
    return client.get(f"/comments/on/{post.id}/live", headers=headers, buffered=False)


def test_a_reader_is_told_where_the_thread_stands(client, places, wren, rhea):
    post = make_open_post(by=wren)
    make_comment(post, by=rhea)
    answer = listen(client, post)
    assert (answer.status_code, answer.mimetype, answer.headers["Cache-Control"]) == (200, "text/event-stream", "no-store")
    assert next(answer.iter_encoded()) == b"retry: 5000\nid: 1\nevent: here\ndata: 1\n\n"
    answer.close()
    assert places.held == 0


def test_who_comes_again_is_told_what_they_missed(client, places, wren, rhea):
    post = make_open_post(by=wren)
    make_comment(post, by=rhea)
    answer = listen(client, post, **{"Last-Event-ID": "0"})
    assert b"event: changed" in next(answer.iter_encoded())
    answer.close()


def test_who_finds_no_place_is_sent_away_without_complaint(client, places):
    post = make_open_post()
    taken = listen(client, post)
    answer = client.get(f"/comments/on/{post.id}/live")
    assert (answer.status_code, answer.headers["Retry-After"], answer.data) == (204, "300", b"")
    taken.close()
    again = listen(client, post)
    assert again.status_code == 200
    again.close()


def test_a_look_at_the_headers_takes_no_place(client, places):
    assert client.head(f"/comments/on/{make_open_post().id}/live").status_code == 204
    assert places.held == 0


def test_nobody_listens_to_what_they_may_not_read(client, places, signed_in, wren, mona):
    for_members, draft = make_open_post(by=wren, audience=Audience.MEMBERS), make_post(by=wren)
    assert [client.get(f"/comments/on/{number}/live").status_code for number in (for_members.id, draft.id, 999_999)] == [404, 404, 404]
    answer = listen(signed_in(mona), for_members)
    assert answer.status_code == 200
    answer.close()
    assert places.held == 0


def test_a_page_says_where_to_listen_only_where_one_may(client, monkeypatch):
    post = make_open_post()
    assert "data-stream" not in client.get(post.path).text
    monkeypatch.setattr("inkhorn.comments.pages.threads.holds_streams", lambda: True)
    assert f'data-stream="/comments/on/{post.id}/live"' in client.get(post.path).text


def test_each_thing_that_readers_see_is_a_change(wren, emil, rhea):
    post = make_open_post(by=wren)
    comment = make_comment(post, by=rhea)
    for number, verb in enumerate(
        (
            lambda: moving.edit_comment(comment, "Other words.", by=rhea),
            lambda: reacting.like_comment(comment, by=emil),
            lambda: moving.pin_comment(comment, by=emil),
            lambda: moving.pin_comment(comment, by=emil, is_pinned=False),
            lambda: moderating.hold_comment(comment, by=emil),
            lambda: moderating.approve(comment, by=emil),
            lambda: moderating.call_spam(comment, by=emil),
            lambda: moderating.restore(comment, by=emil),
            lambda: moderating.trash(comment, by=emil),
            lambda: take_in_comments(post, [ArrivedComment(key="one", body="From elsewhere.")], origin="harbour"),
        ),
        2,
    ):
        with transaction():
            verb()
        assert changes_of([post.id]) == {post.id: number}


def test_what_readers_never_saw_changes_nothing(wren, emil):
    post = make_open_post(by=wren)
    held = make_comment(post, state=State.WAITING)
    make_comment(post, state=State.UNCONFIRMED)
    make_comment(post, state=State.SPAM)
    with transaction():
        moving.edit_comment(held, "Other words.", by=emil)
    with transaction():
        moderating.trash(held, by=emil)
    with transaction():
        moderating.restore(held, by=emil)
    with transaction():
        moving.mark_spam(held, by=House())
    with transaction():
        moving.purge_comment(held, by=House())
    assert changes_of([post.id]) == {}
