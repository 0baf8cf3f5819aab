"""The feed of those somebody follows: at an address that nobody guesses, in every format, told to nobody else."""

import logging
import xml.etree.ElementTree as ET

import pytest
from sqlalchemy import insert

from inkhorn.accounts.models import Follow, User
from inkhorn.accounts.services.closing import close_account
from inkhorn.accounts.services.following import renew_following_key
from inkhorn.accounts.services.people import suspend_user
from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from inkhorn.core.logs import Redact
from inkhorn.posts import queries as posts_queries
from inkhorn.posts.models import Post, Status
from inkhorn.posts.services.publishing import trash_post, unpublish_post
from tests.factories.posts import make_post
from tests.plans import plans, walked_whole

NAMES = ("feed.xml", "atom.xml", "feed.json")


@pytest.fixture(params=[False, True], ids=["few", "many"])
def root(request, rhea, wren, emil, monkeypatch) -> str:
    """Where the feeds stand of Rhea, who follows Wren and Emil; once for each shape of the question."""
    if request.param:
        monkeypatch.setattr(posts_queries, "FEW_LINKS", 0)
    with transaction():
        session().execute(insert(Follow), [{"follower_id": rhea.id, "author_id": author.id} for author in (wren, emil)])
        key = renew_following_key(session().get(User, rhea.id), by=House())
    return f"/following/{key}"


@pytest.mark.parametrize("name", NAMES)
def test_it_holds_what_they_publish_and_nothing_else(client, root, cast, clock, name):
    for author, title in ((cast.wren, "By Wren"), (cast.emil, "By Emil"), (cast.ada, "By Ada")):
        make_post(by=author, title=title, status=Status.PUBLISHED)
        clock.forward(hours=1)
    text = client.get(f"{root}/{name}").text
    assert text.index("By Emil") < text.index("By Wren")
    assert "By Ada" not in text


@pytest.mark.parametrize("name", NAMES)
def test_what_may_not_be_seen_is_not_in_it(client, root, wren, clock, name):
    make_post(by=wren, title="Draft")
    make_post(by=wren, title="Promised", status=Status.SCHEDULED, at=clock.tomorrow())
    hidden, gone = (make_post(by=wren, title=title, status=Status.PUBLISHED) for title in ("Hidden", "Gone"))
    make_post(by=wren, title="Seen", status=Status.PUBLISHED)
    with transaction():
        unpublish_post(session().get(Post, hidden.id), by=House())
        trash_post(session().get(Post, gone.id), by=House())
    text = client.get(f"{root}/{name}").text
    assert [title for title in ("Draft", "Promised", "Hidden", "Gone", "Seen") if title in text] == ["Seen"]


def test_an_empty_one_is_a_feed_all_the_same(client, root):
    assert ET.fromstring(client.get(f"{root}/feed.xml").data).find("channel/title").text.startswith("Following")
    assert client.get(f"{root}/feed.json").json["items"] == []


def test_what_the_reader_has_is_not_sent_again(client, root, wren):
    make_post(by=wren, title="One", status=Status.PUBLISHED)
    first = client.get(f"{root}/feed.xml")
    assert client.get(f"{root}/feed.xml", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    make_post(by=wren, title="Two", status=Status.PUBLISHED)
    assert client.get(f"{root}/feed.xml", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_whoever_is_left_is_not_in_it_any_more(client, root, wren, rhea):
    make_post(by=wren, title="One", status=Status.PUBLISHED)
    before = client.get(f"{root}/feed.xml").headers["ETag"]
    with transaction():
        session().delete(session().get(Follow, (rhea.id, wren.id)))
    answer = client.get(f"{root}/feed.xml", headers={"If-None-Match": before})
    assert (answer.status_code, "One" in answer.text) == (200, False)


@pytest.mark.parametrize("key", ["x", "None", "%00", "x" * 43, "x" * 3000, "\u00e9", "..", "' OR 1=1"])
def test_a_guessed_address_is_nothing(client, root, key):
    assert client.get(f"/following/{key}/feed.xml").status_code == 404


def test_another_address_ends_the_old_one(client, root, rhea):
    with transaction():
        key = renew_following_key(session().get(User, rhea.id), by=House())
    assert (client.get(f"{root}/feed.xml").status_code, client.get(f"/following/{key}/feed.xml").status_code) == (404, 200)


@pytest.mark.parametrize("end", [suspend_user, lambda user, by: close_account(user, heir_id=None, by=by)])
def test_it_ends_with_the_account(client, root, rhea, end):
    with transaction():
        end(session().get(User, rhea.id), by=House())
    assert client.get(f"{root}/feed.xml").status_code == 404


def test_it_is_kept_and_told_nowhere(client, root):
    headers = client.get(f"{root}/feed.xml").headers
    assert headers["Cache-Control"] == "private, max-age=0, must-revalidate"
    assert (headers["Referrer-Policy"], headers["X-Robots-Tag"]) == ("no-referrer", "noindex")
    assert "Disallow: /following/" in client.get("/robots.txt").text


def test_its_address_is_in_no_log(client, root, caplog, request_lines):
    with caplog.at_level(logging.INFO):
        for name in (*NAMES, "nothing.xml", ""):
            client.get(f"{root}/{name}")
    key = root.rpartition("/")[2]
    redact = Redact()
    told = [str(redact(None, "info", {"event": record.getMessage()} | record.__dict__)) for record in caplog.records]
    assert request_lines
    assert not any(key in line for line in (*request_lines, *told))


def test_two_readers_feeds_are_two_feeds(client, root, wren):
    with transaction():
        other = renew_following_key(session().get(User, wren.id), by=House())
    ids = {
        ET.fromstring(client.get(f"{at}/atom.xml").data).find("{http://www.w3.org/2005/Atom}id").text
        for at in (root, f"/following/{other}")
    }
    assert len(ids) == 2
    assert not any(root.rpartition("/")[2] in each for each in ids)


def test_it_asks_little_and_walks_nothing(client, root, wren, queries):
    make_post(by=wren, status=Status.PUBLISHED, tags=["Tides"])
    queries.clear()
    with plans() as steps:
        client.get(f"{root}/feed.xml")
    assert len(queries) <= 8, queries
    assert walked_whole(steps) == []
