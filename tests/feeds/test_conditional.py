"""What a feed reader that asks every hour costs: answers without a body, few queries."""

import pytest

from inkhorn.core.access import House
from inkhorn.core.database import transaction
from inkhorn.core.settings import SiteSettings, tune
from inkhorn.feeds.shelf import Shelf
from inkhorn.posts.models import Status
from inkhorn.posts.services.publishing import unpublish_post
from inkhorn.posts.services.writing import PostChanges, revise_post
from tests.factories.accounts import make_user
from tests.factories.posts import make_post

PATHS = ["/feed.xml", "/atom.xml", "/feed.json", "/sitemap.xml", "/sitemap-posts-1.xml", "/robots.txt"]


def publish(**changes):
    return make_post(status=Status.PUBLISHED, **changes)


def known(client, path="/feed.xml"):
    return {"If-None-Match": client.get(path).headers["ETag"]}


@pytest.mark.parametrize("path", PATHS)
def test_what_the_reader_has_is_not_sent_again(client, path):
    publish()
    answer = client.get(path, headers=known(client, path))
    assert answer.status_code == 304
    assert answer.data == b""
    assert answer.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert "ETag" in answer.headers


def test_a_date_serves_where_no_tag_is_sent(client):
    publish()
    said = client.get("/feed.xml").headers["Last-Modified"]
    assert client.get("/feed.xml", headers={"If-Modified-Since": said}).status_code == 304
    assert client.get("/feed.xml", headers={"If-Modified-Since": "Sat, 01 Jan 2000 00:00:00 GMT"}).status_code == 200


def test_every_change_is_seen(client):
    post, other = publish(title="One"), publish(title="Two")
    before = known(client)
    with transaction():
        revise_post(post, PostChanges(body="Other words."), by=House(), against=post.revision)
    revised = known(client)
    with transaction():
        unpublish_post(other, by=House())
    shorter = known(client)
    with transaction():
        tune(SiteSettings, by=House(), title="Renamed")
    assert len({answer["If-None-Match"] for answer in (before, revised, shorter, known(client))}) == 4


def test_a_feed_that_borrows_the_line_of_the_site_changes_with_it(client):
    ida = make_user()
    publish(tags=["Tides"], author_ids=[ida.id])
    for path in ("/tag/tides/feed.xml", f"/author/{ida.username}/atom.xml"):
        before = known(client, path)
        with transaction():
            tune(SiteSettings, by=House(), description=f"Not the words of {path}")
        assert client.get(path, headers=before).status_code == 200


def test_a_post_that_was_taken_back_is_not_held_by_an_old_date(client, clock):
    publish(title="Stays")
    clock.forward(hours=1)
    gone = publish(title="Goes")
    said = {"If-Modified-Since": client.get("/feed.xml").headers["Last-Modified"]}
    with transaction():
        unpublish_post(gone, by=House())
    # Unpublishing is a change of the gone post, not of the one that stays.
    assert client.get("/feed.xml", headers=said).status_code == 200


def test_an_edit_shows_in_a_text_that_was_kept(client):
    post = publish(body="Old words.")
    assert "Old words." in client.get("/feed.xml").text
    with transaction():
        revise_post(post, PostChanges(body="New words."), by=House(), against=post.revision)
    text = client.get("/feed.xml").text
    assert "New words." in text
    assert "Old words." not in text


def test_feeds_need_at_most_six_queries(client, queries):
    ida = make_user()
    for number in range(8):
        publish(title=f"Post {number}", tags=["Tides", "Boats"], author_ids=[ida.id], body="Words[^1].\n\n[^1]: A note.")
    for path in ("/feed.xml", "/atom.xml", "/feed.json", "/tag/tides/feed.xml", f"/author/{ida.username}/atom.xml"):
        queries.clear()
        assert client.get(path).status_code == 200
        assert len(queries) <= 6, (path, queries)


def test_a_reader_who_has_it_costs_no_text(client, queries):
    publish()
    headers = known(client)
    queries.clear()
    client.get("/feed.xml", headers=headers)
    assert not any("post.html" in statement for statement in queries)


def test_the_shelf_forgets_the_least_used_and_refuses_giants():
    shelf = Shelf(100)
    for key in range(30):
        shelf.put(key, "12345")
        shelf.get(0)
    shelf.put("giant", "x" * 50)
    assert shelf.get(0) == "12345"
    assert shelf.get(1) is None
    assert shelf.get("giant") is None
