"""A post's way to its readers and back."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from inkhorn.core import audit
from inkhorn.core.access import Actor
from inkhorn.core.database import session, transaction
from inkhorn.core.jobs import JobRow
from inkhorn.posts import events, tasks
from inkhorn.posts.models import Address, Post, Status
from inkhorn.posts.queries import revisions_of
from inkhorn.posts.services import publishing
from inkhorn.posts.services.publishing import IllegalMove, PostNotReady
from inkhorn.posts.services.writing import PostChanges, draft_post
from tests.factories.posts import make_post


def move(verb, post, **how):
    with transaction():
        verb(post, **how)


def test_publishing_now_puts_it_before_readers(wren, clock):
    post = make_post(by=wren, status=Status.PUBLISHED)
    assert (post.status, post.published_at, post.release_at) == (Status.PUBLISHED, clock.now, None)


def test_a_scheduled_post_waits_for_its_hour(wren, clock):
    post = make_post(by=wren, status=Status.SCHEDULED, at=clock.tomorrow())
    tasks.release_due_posts()
    assert session().get(Post, post.id).status is Status.SCHEDULED


def test_a_scheduled_post_goes_live_on_its_hour_with_that_date(wren, clock):
    promised = clock.tomorrow()
    post = make_post(by=wren, status=Status.SCHEDULED, at=promised)
    clock.forward(days=1, seconds=7)
    tasks.release_due_posts()
    assert (post.status, post.published_at) == (Status.PUBLISHED, promised)


def test_an_empty_post_is_not_ready(wren):
    with pytest.raises(PostNotReady, match="a title or some text"):
        make_post(by=wren, title="", body="", status=Status.PUBLISHED)


def test_a_second_publication_keeps_the_first_date(wren, clock):
    post = make_post(by=wren, status=Status.UNPUBLISHED)
    first = post.published_at
    clock.forward(days=3)
    move(publishing.publish_post, post, by=wren)
    assert post.published_at == first


def test_unscheduling_gives_the_draft_back(wren, clock):
    post = make_post(by=wren, status=Status.SCHEDULED, at=clock.tomorrow())
    move(publishing.unschedule_post, post, by=wren)
    assert (post.status, post.release_at) == (Status.DRAFT, None)


@pytest.mark.parametrize("status", [Status.DRAFT, Status.PUBLISHED, Status.UNPUBLISHED])
def test_the_trash_gives_back_what_it_took(wren, status):
    post = make_post(by=wren, status=status)
    move(publishing.trash_post, post, by=wren)
    assert post.status is Status.TRASHED
    move(publishing.restore_post, post, by=wren)
    assert post.status is status


def test_a_promise_that_passed_in_the_trash_is_not_kept_late(wren, clock):
    post = make_post(by=wren, status=Status.SCHEDULED, at=clock.tomorrow())
    move(publishing.trash_post, post, by=wren)
    clock.forward(days=2)
    move(publishing.restore_post, post, by=wren)
    assert (post.status, post.release_at) == (Status.DRAFT, None)


@pytest.mark.parametrize(
    ("verb", "status"),
    [
        (publishing.publish_post, Status.TRASHED),
        (publishing.unpublish_post, Status.DRAFT),
        (publishing.unschedule_post, Status.PUBLISHED),
        (publishing.restore_post, Status.PUBLISHED),
        (publishing.purge_post, Status.PUBLISHED),
        (publishing.trash_post, Status.TRASHED),
    ],
)
def test_an_illegal_move_is_refused_by_name(wren, verb, status):
    post = make_post(by=wren, status=status)
    with pytest.raises(IllegalMove, match=status.value):
        move(verb, post, by=wren)


def test_publishing_is_announced_once_and_noted(wren):
    heard = []
    with events.post_published.connected_to(lambda post, is_first: heard.append((post, is_first))):
        post = make_post(by=wren, status=Status.PUBLISHED)
    assert heard == [(post, True)]
    assert [entry.action for entry in session().scalars(audit.entries_about(post))] == ["posts.published", "posts.drafted"]


NEW = PostChanges(title="Tides", body="They come. ![](/media/2026/01/nothing.png)", tags=["Sea", "Moon", "Ash"], series="Water")


def in_two_steps(changes: PostChanges, *, by: Actor) -> Post:
    post = draft_post(by=by, changes=changes)
    publishing.publish_post(post, by=by)
    return post


def told(write, clock, wren) -> dict[str, object]:
    """All that can be known of a post after it was written so."""
    heard: list[object] = []
    with (
        events.post_drafted.connected_to(lambda post: heard.append("drafted")),
        events.post_published.connected_to(lambda post, is_first: heard.append(is_first)),
        transaction(),
    ):
        post = write(NEW, by=wren)
    session().expire_all()
    columns = {each.key: getattr(post, each.key) for each in Post.__table__.c if each.key not in ("id", "uuid", "slug", "path")}
    beside = {
        "tags": [tag.name for tag in post.tags],
        "authors": [each.name for each in post.authors],
        "versions": [(each.number, each.body) for each in session().scalars(revisions_of(post))],
        "noted": [entry.action for entry in session().scalars(audit.entries_about(post))],
        "leads here": session().get(Address, post.path).post_id == post.id,
        "heard": heard,
        "jobs": sorted(session().scalars(select(JobRow.name).where(JobRow.unique_key.endswith(f":{post.id}")))),
    }
    return columns | beside


def test_what_is_published_at_once_is_the_same_as_what_is_published_later(wren, clock):
    in_two, at_once = (told(write, clock, wren) for write in (in_two_steps, publishing.publish_new_post))
    assert at_once.pop("series_position") == in_two.pop("series_position") + 1
    assert at_once == in_two


def test_an_empty_post_is_not_published_at_once(wren):
    with pytest.raises(PostNotReady), transaction():
        publishing.publish_new_post(PostChanges(), by=wren)
    assert session().scalars(select(Post)).all() == []


def test_of_two_published_at_once_under_one_title_the_second_gets_the_next_address(wren):
    paths = []
    for _each in range(2):
        with transaction():
            paths.append(publishing.publish_new_post(PostChanges(title="Tides"), by=wren).path)
    assert paths == ["/tides/", "/tides-2/"]


def test_a_post_that_comes_back_is_not_announced_as_new(wren):
    post, heard = make_post(by=wren, status=Status.UNPUBLISHED), []
    with events.post_published.connected_to(lambda _post, is_first: heard.append(is_first)):
        move(publishing.publish_post, post, by=wren)
        move(publishing.trash_post, post, by=wren)
        move(publishing.restore_post, post, by=wren)
    assert heard == [False, False]


def test_nothing_is_announced_when_the_transaction_fails(wren):
    post = make_post(by=wren)
    with pytest.raises(ZeroDivisionError), transaction():
        publishing.publish_post(post, by=wren)
        raise ZeroDivisionError
    assert session().get(Post, post.id).status is Status.DRAFT


def test_the_trash_is_emptied_after_thirty_days(wren, clock):
    post = make_post(by=wren, status=Status.TRASHED)
    clock.forward(days=29)
    tasks.empty_trash()
    assert session().get(Post, post.id) is not None
    clock.forward(days=2)
    tasks.empty_trash()
    assert session().get(Post, post.id) is None


def test_a_stale_post_is_rendered_again_without_counting_as_changed(wren, clock):
    post = make_post(by=wren)
    changed_at, number = post.updated_at, post.revision
    with transaction():
        post.pipeline = 0
        post.html = ""
        post.updated_at = changed_at
    clock.forward(hours=1)
    tasks.rerender_stale_posts()
    session().refresh(post)
    assert post.html
    assert (post.updated_at, post.revision) == (changed_at, number)
    assert clock.now - changed_at == timedelta(hours=1)
