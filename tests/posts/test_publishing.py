"""A post's way to its readers and back."""

from datetime import timedelta

import pytest

from inkhorn.core import audit
from inkhorn.core.database import session, transaction
from inkhorn.posts import events, tasks
from inkhorn.posts.models import Post, Status
from inkhorn.posts.services import publishing
from inkhorn.posts.services.publishing import IllegalMove, PostNotReady
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
