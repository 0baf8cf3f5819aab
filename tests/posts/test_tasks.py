"""Jobs about posts: none holds up the rest, none writes over what is newer, and what is left goes on later."""

import pytest
from sqlalchemy import inspect, select
from sqlalchemy.dialects import postgresql

from inkhorn.core.database import session, transaction
from inkhorn.core.jobs import JobRow
from inkhorn.posts import events, tasks
from inkhorn.posts.models import Post, Status
from inkhorn.posts.queries import post_with_source, revisions_of
from tests.factories.media import make_asset
from tests.factories.posts import make_post


def waiting() -> list[tuple[str, dict]]:
    of_posts = select(JobRow).where(JobRow.name.startswith("posts.")).order_by(JobRow.id)
    return [(row.name, row.args) for row in session().scalars(of_posts)]


def make_stale(*posts: Post) -> None:
    with transaction():
        for post in posts:
            session().get_one(Post, post.id).pipeline = 0


def status_of(post: Post) -> Status:
    return session().get_one(Post, post.id, populate_existing=True).status


def test_a_post_that_cannot_be_released_holds_up_no_other(wren, clock):
    bad = make_post(by=wren, title="Bad", status=Status.SCHEDULED, at=clock.tomorrow())
    good = make_post(by=wren, title="Good", status=Status.SCHEDULED, at=clock.tomorrow())

    def stumble(post: Post, **_) -> None:
        if post.title == "Bad":
            raise ZeroDivisionError

    clock.forward(days=1, hours=1)
    with events.post_published.connected_to(stumble), pytest.raises(tasks.PostsLeftBehind, match=str(bad.id)):
        tasks.release_due_posts()
    assert (status_of(bad), status_of(good)) == (Status.SCHEDULED, Status.PUBLISHED)


def test_a_text_that_cannot_be_rendered_holds_up_no_other(wren, monkeypatch):
    bad, good = make_post(by=wren, body="bad"), make_post(by=wren, body="good")
    make_stale(bad, good)
    real = tasks.rerender_posts
    monkeypatch.setattr(tasks, "rerender_posts", lambda posts: real(posts) if posts[0].body == "good" else 1 / 0)
    with pytest.raises(tasks.PostsLeftBehind):
        tasks.rerender_stale_posts()
    assert [session().get(Post, post.id, populate_existing=True).pipeline > 0 for post in (bad, good)] == [False, True]


def test_what_a_spell_leaves_is_another_jobs_work(wren, monkeypatch):
    quay = make_asset()
    posts = [make_post(by=wren, body=f"![Quay]({quay.path})") for _ in range(2)]
    monkeypatch.setattr(tasks, "SPELL_SECONDS", -1.0)
    tasks.rerender_posts_showing(asset_id=quay.id)
    assert waiting()[-1] == ("posts.rerender_posts_showing", {"asset_id": quay.id, "after": posts[0].id - 1})
    make_stale(*posts)
    tasks.rerender_stale_posts()
    assert waiting()[-1] == ("posts.rerender_stale_posts", {})


def test_a_picture_is_shown_anew_from_the_given_number_on(wren):
    quay = make_asset()
    early, late = (make_post(by=wren, body=f"![Quay]({quay.path})") for _ in range(2))
    make_stale(early, late)
    tasks.rerender_posts_showing(asset_id=quay.id, after=early.id)
    assert [session().get(Post, post.id, populate_existing=True).pipeline > 0 for post in (early, late)] == [False, True]


def test_a_full_trash_is_emptied_at_once(wren, clock):
    posts = [make_post(by=wren, status=Status.TRASHED) for _ in range(30)]
    clock.forward(days=31)
    tasks.empty_trash()
    assert [session().get(Post, post.id) for post in posts] == [None] * 30


def test_a_text_is_locked_while_it_is_rendered():
    assert "FOR UPDATE" in str(post_with_source(1).with_for_update().compile(dialect=postgresql.dialect()))


def test_a_list_of_versions_leaves_their_texts_where_they_are(wren):
    post = make_post(by=wren, body="first")
    session().expunge_all()
    (kept,) = session().scalars(revisions_of(post))
    assert "body" in inspect(kept).unloaded
    assert kept.body == "first"
