"""One button each: publish, schedule, take back, trash, undo; and the old versions."""

from datetime import UTC, datetime

import pytest

from inkhorn.core.database import session, transaction
from inkhorn.core.settings import SiteSettings, tune
from inkhorn.posts.models import Post, Status
from inkhorn.posts.services.writing import PostChanges, revise_post
from tests.factories.posts import make_post

VERBS = ("publish", "unpublish", "unschedule", "trash", "restore", "purge")


def fresh(post):
    return session().get(Post, post.id, populate_existing=True)


def live_in(zone, *, by):
    with transaction():
        tune(SiteSettings, by=by, timezone=zone)


def test_publish_and_undo(desk_of, wren):
    post, desk = make_post(by=wren), desk_of(wren)
    desk.send(f"/desk/posts/{post.id}/publish")
    assert fresh(post).status is Status.PUBLISHED
    assert f"/desk/posts/{post.id}/unpublish" in desk.get(f"/desk/posts/{post.id}/edit").text
    desk.send(f"/desk/posts/{post.id}/unpublish")
    assert fresh(post).status is Status.UNPUBLISHED


def test_trash_and_undo(desk_of, wren):
    post, desk = make_post(by=wren), desk_of(wren)
    assert desk.send(f"/desk/posts/{post.id}/trash").location == "/desk/posts/"
    assert f"/desk/posts/{post.id}/restore" in desk.get("/desk/posts/").text
    desk.send(f"/desk/posts/{post.id}/restore")
    assert fresh(post).status is Status.DRAFT


def test_an_hour_is_meant_in_the_sites_zone(desk_of, wren, clock):
    live_in("Europe/Copenhagen", by=wren)
    post = make_post(by=wren)
    desk_of(wren).send(f"/desk/posts/{post.id}/publish", release_on="2026-07-01", release_at="09:00")
    assert fresh(post).release_at == datetime(2026, 7, 1, 7, tzinfo=UTC)


def test_a_minute_that_the_clocks_skip_is_refused_in_words(desk_of, wren, clock):
    live_in("Europe/Copenhagen", by=wren)
    post = make_post(by=wren)
    answer = desk_of(wren).send(f"/desk/posts/{post.id}/revise", revision=1, then="publish", release_on="2026-03-29", release_at="02:30")
    assert answer.status_code == 422
    assert "skip 02:30" in answer.text


def test_an_hour_of_the_past_publishes_with_that_date(desk_of, wren, clock):
    post = make_post(by=wren)
    desk_of(wren).send(f"/desk/posts/{post.id}/publish", release_on="2020-01-01", release_at="00:00")
    assert (fresh(post).status, fresh(post).published_at.year) == (Status.PUBLISHED, 2020)


def test_a_promise_is_taken_back(desk_of, wren, clock):
    post = make_post(by=wren, status=Status.SCHEDULED, at=clock.tomorrow())
    desk_of(wren).send(f"/desk/posts/{post.id}/unschedule")
    assert fresh(post).status is Status.DRAFT


@pytest.mark.parametrize("verb", VERBS)
def test_a_strangers_post_cannot_be_moved(desk_of, wren, ada, verb):
    post = make_post(by=ada)
    assert desk_of(wren).send(f"/desk/posts/{post.id}/{verb}").status_code in (403, 404)
    assert fresh(post).status is Status.DRAFT


@pytest.mark.parametrize("verb", VERBS)
def test_a_move_without_its_token_does_nothing(desk_of, emil, verb):
    post, desk = make_post(by=emil), desk_of(emil)
    desk.token = ""
    assert desk.send(f"/desk/posts/{post.id}/{verb}").status_code in (400, 403, 422)
    assert fresh(post).status is Status.DRAFT


@pytest.mark.parametrize("verb", ["unpublish", "unschedule", "restore", "purge"])
def test_a_move_that_makes_no_sense_is_answered_in_words(desk_of, emil, verb):
    post = make_post(by=emil)
    answer = desk_of(emil).send(f"/desk/posts/{post.id}/{verb}")
    assert answer.status_code == 409
    assert "cannot be" in answer.text


def test_an_empty_post_says_what_it_needs(desk_of, wren):
    post = make_post(by=wren, title="", body="")
    assert "a title or some text" in desk_of(wren).send(f"/desk/posts/{post.id}/publish").text


def test_only_editors_remove_for_good(desk_of, wren, emil):
    post = make_post(by=wren, status=Status.TRASHED)
    assert desk_of(wren).send(f"/desk/posts/{post.id}/purge").status_code == 403
    desk_of(emil).send(f"/desk/posts/{post.id}/purge")
    assert session().get(Post, post.id) is None


def test_versions_are_compared_and_restored(desk_of, wren):
    post = make_post(by=wren, body="the first words")
    with transaction():
        revise_post(post, PostChanges(body="the second words"), by=wren, against=1)
    desk = desk_of(wren)
    page = desk.get(f"/desk/posts/{post.id}/revisions?number=1").text
    assert "<del>the first words</del>" in page
    assert "<ins>the second words</ins>" in page
    desk.send(f"/desk/posts/{post.id}/revisions/1/restore")
    assert (fresh(post).body, fresh(post).revision) == ("the first words", 3)


@pytest.mark.parametrize("number", [99, 2**31, 2**63])
def test_a_version_that_was_not_kept_is_not_there(desk_of, wren, number):
    post = make_post(by=wren)
    assert desk_of(wren).send(f"/desk/posts/{post.id}/revisions/{number}/restore").status_code == 404


def test_a_preview_is_drawn_and_kept_nowhere(desk_of, wren):
    answer = desk_of(wren).send("/desk/posts/preview", title="<i>T</i>", body="Some *stress*.<script>alert(1)</script>")
    assert "<em>stress</em>" in answer.text
    assert "<script>alert" not in answer.text
    assert "no-store" in answer.headers["Cache-Control"]
    assert session().query(Post).count() == 0
