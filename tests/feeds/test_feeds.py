"""The feeds of the site, of tags and authors, read as programs read them."""

import json
from xml.etree import ElementTree as ET

import feedparser
import pytest

from inkhorn.core.access import House
from inkhorn.core.database import transaction
from inkhorn.core.settings import SiteSettings, tune
from inkhorn.posts.models import PostKind, Status
from inkhorn.posts.services.publishing import unpublish_post
from inkhorn.posts.services.writing import PostChanges, revise_post
from tests.factories.accounts import make_user
from tests.factories.media import make_asset
from tests.factories.posts import make_post

XML_FEEDS = ["/feed.xml", "/atom.xml"]
FEEDS = [*XML_FEEDS, "/feed.json"]


def publish(**changes):
    return make_post(status=Status.PUBLISHED, **changes)


def parsed(client, path):
    response = client.get(path)
    assert response.status_code == 200
    feed = feedparser.parse(response.data)
    assert not feed.bozo, feed.get("bozo_exception")
    return feed


def entry(client, path="/feed.xml"):
    return parsed(client, path).entries[0]


def item(client):
    return client.get("/feed.json").get_json(force=True)["items"][0]


def text_of(found):
    return next(content.value for content in found.content if content.type == "text/html")


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/feed.xml", "application/rss+xml"), ("/atom.xml", "application/atom+xml"), ("/feed.json", "application/feed+json")],
)
def test_each_format_says_what_it_is(client, path, kind):
    response = client.get(path)
    assert response.status_code == 200
    assert response.mimetype == kind


@pytest.mark.parametrize(("path", "version"), [("/feed.xml", "rss20"), ("/atom.xml", "atom10")])
def test_feedparser_reads_the_whole_of_it(client, path, version):
    ida = make_user()
    post = publish(title="Salt & <sea>", tags=["Tides", "C++ & <co>"], author_ids=[ida.id], body="Some *words*.")
    feed = parsed(client, path)
    (found,) = feed.entries
    assert feed.version == version
    assert (found.title, found.link) == ("Salt & <sea>", f"http://localhost{post.path}")
    assert [author.name for author in found.authors] == ["Ida"]
    assert [tag.term for tag in found.tags] == ["Tides", "C++ & <co>"]
    assert "<em>words</em>" in text_of(found)


def test_json_feed_carries_the_same(client):
    ida = make_user()
    post = publish(tags=["Tides"], author_ids=[ida.id], language="pt", body="Some *words*.")
    found = item(client)
    assert found["url"] == f"http://localhost{post.path}"
    assert found["authors"] == [{"name": "Ida", "url": f"http://localhost/author/{ida.username}/"}]
    assert (found["tags"], found["language"]) == (["Tides"], "pt")
    assert "<em>words</em>" in found["content_html"]


@pytest.mark.parametrize("path", XML_FEEDS)
def test_the_identity_outlives_the_address(client, path):
    post = publish()
    before = entry(client, path)
    with transaction():
        revise_post(post, PostChanges(slug="elsewhere"), by=House(), against=post.revision)
    after = entry(client, path)
    assert before.id == after.id
    assert after.id.startswith("urn:uuid:")
    assert before.link != after.link


@pytest.mark.parametrize("path", FEEDS)
def test_only_published_posts_are_in_it(client, path, clock):
    gone = publish(title="Gone")
    with transaction():
        unpublish_post(gone, by=House())
    make_post(title="Draft")
    make_post(title="Later", status=Status.SCHEDULED, at=clock.tomorrow())
    publish(title="Page", kind=PostKind.PAGE)
    publish(title="There")
    text = client.get(path).text
    assert [title for title in ("Gone", "Draft", "Later", "Page", "There") if f'"{title}"' in text or f">{title}<" in text] == ["There"]


@pytest.mark.parametrize("path", FEEDS)
def test_nothing_that_xml_forbids_breaks_a_feed(client, path):
    publish(title="A \x08bell\x0b and ]]> and \ufffe", body="Text \x0c with ]]> and `<![CDATA[` in it 🌊", tags=["]]>"])
    response = client.get(path)
    if path.endswith(".json"):
        assert json.loads(response.data)["items"]
    else:
        ET.fromstring(response.data)
        assert "]]>" in text_of(entry(client, path)) or "]]&gt;" in text_of(entry(client, path))


def test_addresses_in_the_text_are_absolute(client):
    post = publish(body="[here](/a/) [there](#part) ![A boat](/media/x.png) [out](https://other.example/)")
    text = text_of(entry(client))
    assert 'href="http://localhost/a/"' in text
    assert 'src="http://localhost/media/x.png"' in text
    assert f'href="http://localhost{post.path}#' in text
    assert 'href="https://other.example/"' in text


def test_notes_are_told_once(client):
    publish(body="Words[^1].\n\n[^1]: The only note.")
    assert text_of(entry(client)).count("The only note") == 1


def test_a_cover_of_our_own_is_told_with_its_kind(client):
    asset = make_asset()
    publish(cover_id=asset.id)
    (media,) = entry(client).media_content
    assert (media["url"], media["type"], media["medium"]) == (f"http://localhost{asset.path}", asset.content_type, "image")
    enclosure = next(link for link in entry(client, "/atom.xml").links if link.rel == "enclosure")
    assert (enclosure.href, enclosure.length) == (f"http://localhost{asset.path}", str(asset.size_bytes))
    assert item(client)["image"] == f"http://localhost{asset.path}"


def test_a_feed_has_as_many_items_as_the_settings_say(client):
    with transaction():
        tune(SiteSettings, by=House(), feed_items=3)
    for number in range(5):
        publish(title=f"Post {number}")
    assert len(parsed(client, "/feed.xml").entries) == 3
    assert len(client.get("/feed.json").get_json(force=True)["items"]) == 5


@pytest.mark.parametrize("name", ["feed.xml", "atom.xml", "feed.json"])
def test_tags_and_authors_have_feeds_of_their_own(client, name):
    ida = make_user()
    post = publish(title="Hers", tags=["Tides"], author_ids=[ida.id])
    publish(title="Another")
    for path in (f"/tag/{post.tags[0].slug}/{name}", f"/author/{ida.username}/{name}"):
        text = client.get(path).text
        assert "Hers" in text
        assert "Another" not in text


def test_what_does_not_exist_has_no_feed(client):
    reader = make_user(role="reader")
    for path in ("/tag/nothing/feed.xml", "/author/nobody/feed.xml", f"/author/{reader.username}/feed.xml"):
        assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", FEEDS)
def test_an_empty_site_has_empty_feeds(client, path):
    response = client.get(path)
    assert response.status_code == 200
    assert path.endswith(".json") or not feedparser.parse(response.data).entries


def test_a_post_without_a_title_keeps_atom_valid(client):
    publish(title="", body="Only a few words.")
    assert entry(client, "/atom.xml").title == "Only a few words."
    assert "title" not in item(client)


def test_a_description_is_html_that_says_what_the_excerpt_says(client):
    make_post(title="Tags", excerpt='Write <img> & <b>, not "b".', status=Status.PUBLISHED)
    item = ET.fromstring(client.get("/feed.xml").data).find("channel/item")
    assert item.findtext("description") == 'Write &lt;img&gt; &amp; &lt;b&gt;, not "b".'
