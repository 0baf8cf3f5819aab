"""What albums, shows and episodes say of themselves: Markdown by the posts' own pipeline, on pages, in feeds and at the API."""

import xml.etree.ElementTree as ET

import pytest

from inkhorn.core import prose
from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from inkhorn.media.models import Album, Asset, Listeners, Reach
from inkhorn.media.services.sound.albums import AlbumChanges, revise_album
from inkhorn.media.sounds import about_in_html, about_in_words
from tests.factories.media import make_asset
from tests.factories.shows import make_album, make_episode, make_show

TEXT = "Recorded *by the sea*, see [the tides](/tides/).\n\n- low\n- high\n\n<script>alert(1)</script><b onclick=x>bold</b>"
PLAIN = "* Not a list\n\n1986. A year & a <day>"


@pytest.fixture
def old_album(database) -> Album:
    """An album from before its words were Markdown."""
    album = make_album("a", title="Fog signals")
    with transaction():
        kept = session().get_one(Album, album.id)
        kept.about, kept.about_html, kept.about_pipeline = PLAIN, None, None
    return session().get_one(Album, album.id)


def save(album: Album, about: str) -> Album:
    with transaction():
        revise_album(session().get_one(Album, album.id), AlbumChanges(about=about), by=House())
    return session().get_one(Album, album.id)


def test_pages_show_it_as_safe_html(client):
    album = make_album("a", about=TEXT)
    show = make_show(about=TEXT)
    episode = make_episode(show, about=TEXT)
    for sound in (album, show, episode):
        page = client.get(sound.path).text
        assert '<p>Recorded <em>by the sea</em>, see <a href="/tides/">the tides</a>.</p>' in page
        assert "<li>low</li>" in page
        assert "alert(1)" not in page
        assert "onclick" not in page
        assert "Recorded by the sea, see the tides. low high" in page


def test_the_feed_carries_words_and_html_with_whole_addresses(client):
    show = make_show(about=TEXT)
    make_episode(show, about=TEXT)
    channel = ET.fromstring(client.get(f"{show.path}feed.xml").data).find("channel")
    assert channel.findtext("description").startswith("Recorded by the sea, see the tides. low high")
    item = channel.find("item")
    assert item.findtext("{http://www.itunes.com/dtds/podcast-1.0.dtd}summary").startswith("Recorded by the sea, see the tides. low high")
    html = item.findtext("description")
    assert "<em>by the sea</em>" in html
    assert 'href="http://localhost/tides/"' in html
    assert "script" not in html


def test_programs_get_both_forms(client):
    make_album("a", about=TEXT)
    (told,) = client.get("/api/v1/albums").json["data"]
    assert told["about"] == TEXT
    assert "<em>by the sea</em>" in told["about_html"]
    assert "onclick" not in told["about_html"]


def test_plain_words_from_before_stay_as_they_were(client, old_album):
    page = client.get(old_album.path).text
    assert "<p>* Not a list</p><p>1986. A year &amp; a &lt;day&gt;</p>" in page
    assert about_in_words(old_album) == ("* Not a list", "1986. A year & a <day>")
    # Whoever saves the form as it was shown changes nothing of them.
    assert save(old_album, PLAIN).about_html is None
    changed = save(old_album, f"{PLAIN}\n\nMore.")
    assert "<li>Not a list</li>" in changed.about_html


def test_an_emptied_one_says_nothing(client, old_album):
    assert about_in_html(save(old_album, "")) == ""
    assert "album-text" not in client.get(old_album.path).text


def test_html_of_an_older_pipeline_is_made_again(database):
    album = make_album("a", about="*Fog*")
    with transaction():
        kept = session().get_one(Album, album.id)
        kept.about_html, kept.about_pipeline = "<p>old</p>", prose.PIPELINE - 1
    assert about_in_html(session().get_one(Album, album.id)).strip() == "<p><em>Fog</em></p>"


def test_a_picture_that_it_names_is_for_those_who_may_hear_it(database):
    picture = make_asset()
    make_album("a", about=f"![Quay]({picture.path})", audience=Listeners.MEMBERS)
    assert session().get_one(Asset, picture.id).reach is Reach.MEMBERS
