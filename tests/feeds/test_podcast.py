"""The podcast feed as programs and directories read it, and its chapters; only what anybody may hear is in it."""

import json
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import feedparser
import pytest

from inkhorn.core.clock import now
from inkhorn.core.database import session, transaction
from inkhorn.media.models import EpisodeKind, Listeners, Show
from inkhorn.media.services.sound.shows import ShowChanges, revise_show
from tests.factories.media import make_asset, picture_bytes
from tests.factories.shows import make_album, make_episode, make_show
from tests.factories.sound import mp3_bytes

PACKAGE = Path(__file__).parents[1] / "tools" / "node_modules" / "podcast-partytime"
NODE = shutil.which("node")
FEED = "/show/the-quiet-frequencies/feed.xml"
ITUNES = "{http://www.itunes.com/dtds/podcast-1.0.dtd}"
PODCAST = "{https://podcastindex.org/namespace/1.0}"


@pytest.fixture
def show(wren):
    said = {
        "about": "Hums & \\<hisses>.",
        "author": "Wren",
        "owner_email": "wren@example.org",
        "category": "Society & Culture",
        "language": "en-GB",
    }
    cover = make_asset(picture_bytes(1400, 1400), filename="cover.jpg")
    return make_show(by=wren, cover_id=cover.id, **said)


@pytest.fixture
def episode(show, wren):
    sound = mp3_bytes(4, title="At slack water", chapters=((0.0, "The door"), (2.5, "Soup")))
    about = "We left a microphone.\n\nFor one \\<turning> of the tide."
    return make_episode(show, by=wren, sound=sound, about=about, season=2, number=31, kind=EpisodeKind.FULL)


def read(client):
    answer = client.get(FEED)
    assert answer.content_type == "application/rss+xml; charset=utf-8"
    return ET.fromstring(answer.data).find("channel")


def test_a_directory_finds_what_it_asks_for(client, show, episode):
    channel = read(client)
    assert channel.findtext("title") == "The quiet frequencies"
    # Apps take a description for HTML.
    assert channel.findtext("description") == "Hums &amp; &lt;hisses&gt;."
    assert channel.findtext("language") == "en-GB"
    assert channel.find(f"{ITUNES}category").get("text") == "Society & Culture"
    assert channel.find(f"{ITUNES}image").get("href") == f"http://localhost{show.cover.path}"
    assert channel.findtext(f"{ITUNES}owner/{ITUNES}email") == "wren@example.org"
    assert channel.findtext(f"{ITUNES}explicit") == "false"
    assert channel.find(f"{PODCAST}locked").text == "yes"
    item = channel.find("item")
    assert item.findtext(f"{ITUNES}duration") == "4"
    assert (item.findtext(f"{ITUNES}season"), item.findtext(f"{ITUNES}episode"), item.findtext(f"{ITUNES}episodeType")) == (
        "2",
        "31",
        "full",
    )
    assert item.findtext("description") == "<p>We left a microphone.</p>\n<p>For one &lt;turning&gt; of the tide.</p>\n"


def test_the_enclosure_is_the_file_as_it_is_served(client, episode):
    enclosure = read(client).find("item/enclosure")
    served = client.get(enclosure.get("url").removeprefix("http://localhost"))
    assert served.status_code == 200
    assert (enclosure.get("type"), int(enclosure.get("length"))) == (served.content_type, len(served.data))


def test_chapters_stand_in_a_file_of_their_own(client, episode):
    place = read(client).find(f"item/{PODCAST}chapters")
    answer = client.get(place.get("url").removeprefix("http://localhost"))
    assert answer.content_type == place.get("type") == "application/json+chapters"
    assert json.loads(answer.data) == {
        "version": "1.2.0",
        "chapters": [{"startTime": 0.0, "title": "The door"}, {"startTime": 2.5, "title": "Soup"}],
    }


def test_only_what_anybody_may_hear_is_in_it(client, signed_in, cast, show, wren):
    make_episode(show, by=wren, title="draft canary", is_published=False)
    make_episode(show, by=wren, title="members canary", audience=Listeners.MEMBERS)
    make_episode(show, by=wren, title="later canary", at=now() + timedelta(hours=1))
    for browser in (client, signed_in(cast.mona), signed_in(wren)):
        assert "canary" not in browser.get(FEED).text
    hidden = [make_show(by=wren, title="Draft", is_published=False), make_show(by=wren, title="For members", audience=Listeners.MEMBERS)]
    for each in hidden:
        inside = make_episode(each, by=wren, sound=mp3_bytes(2, title="x", chapters=((0.0, "canary"),)), title="x")
        assert client.get(f"{each.path}feed.xml").status_code == 404
        assert client.get(f"{inside.path}chapters.json").status_code == 404


def test_who_has_it_is_told_so_until_something_changes(client, show, episode, wren):
    first = client.get(FEED)
    again = {"If-None-Match": first.headers["ETag"]}
    assert client.get(FEED, headers=again).status_code == 304
    assert client.get(FEED, headers={"If-Modified-Since": first.headers["Last-Modified"]}).status_code == 304
    make_episode(show, by=wren, title="Another")
    assert client.get(FEED, headers=again).status_code == 200


def test_the_feed_of_a_moved_show_leads_on_and_its_number_stays(client, show, episode, wren):
    guid = read(client).findtext(f"{PODCAST}guid")
    with transaction():
        revise_show(session().get_one(Show, show.id), ShowChanges(slug="quiet"), by=wren)
    answer = client.get(FEED)
    assert (answer.status_code, answer.location) == (301, "/show/quiet/feed.xml")
    assert guid in client.get("/show/quiet/feed.xml").text


def test_three_queries_whatever_the_number_of_episodes(client, show, wren, queries):
    for number in range(4):
        make_episode(show, by=wren, title=f"Number {number}")
    session().expunge_all()
    queries.clear()
    assert client.get(FEED).text.count("<item>") == 4
    assert len(queries) <= 4


def test_albums_shows_and_episodes_are_in_the_sitemap(client, episode, wren):
    make_album("a", by=wren)
    make_album("a", by=wren, title="draft canary", is_published=False)
    make_episode(make_show(by=wren, title="hidden canary", is_published=False), by=wren, title="y")
    index = client.get("/sitemap.xml").text
    named = {"albums": "/album/fog-signals/", "shows": "/show/the-quiet-frequencies/", "episodes": episode.path}
    for section, path in named.items():
        assert f"/sitemap-{section}-1.xml" in index
        text = client.get(f"/sitemap-{section}-1.xml").text
        assert f"<loc>http://localhost{path}</loc>" in text
        assert "canary" not in text


def test_feedparser_finds_nothing_to_complain_of(client, episode):
    found = feedparser.parse(client.get(FEED).data)
    assert not found.bozo
    assert found.entries[0].itunes_duration == "4"


@pytest.mark.skipif(NODE is None or not PACKAGE.is_dir(), reason="needs node and the packages of tests/tools")
def test_partytime_reads_every_tag(client, show, episode, tmp_path):
    file = tmp_path / "feed.xml"
    file.write_bytes(client.get(FEED).data)
    main = PACKAGE / json.loads((PACKAGE / "package.json").read_text())["main"]
    script = Path(__file__).with_name("read_podcast.mjs")
    done = subprocess.run([NODE or "node", script, main, file], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert (found["title"], found["medium"], found["locked"]) == ("The quiet frequencies", "podcast", True)
    assert len(found["guid"]) == 36
    (support,) = [json.dumps(found["pc20support"])]
    assert all(tag in support for tag in ("guid", "locked", "medium", "chapters", "person", "season", "episode"))
    item = found["items"][0]
    assert item["enclosure"]["length"] == episode.asset.size_bytes
    assert item["podcastChapters"]["type"] == "application/json+chapters"
    assert (item["podcastSeason"]["number"], item["podcastEpisode"]["number"], item["duration"]) == (2, 31, 4)
