"""Albums, shows and episodes as listeners meet them: who hears what, where it stands, how often the database is asked."""

import re
from datetime import timedelta

import pytest

from inkhorn.core.clock import now
from inkhorn.core.database import session, transaction
from inkhorn.media.models import Album, Listeners, Show
from inkhorn.media.services.sound.albums import AlbumChanges, revise_album, unpublish_album
from inkhorn.media.services.sound.shows import ShowChanges, revise_show
from inkhorn.site.listening import clock_time, iso_duration, wave_path
from tests.factories.shows import make_album, make_episode, make_show
from tests.factories.sound import mp3_bytes


def test_an_album_lists_its_songs_each_with_player_and_download(client, wren):
    album = make_album("First light", "Slack", by=wren, about="Eight pieces.\n\nBest played quietly.")
    page = client.get("/album/fog-signals/").text
    assert page.count('<details name="song"') == 2
    assert page.count("<audio controls") == 2
    assert page.count(" open>") == 1
    assert "Best played quietly." in page
    assert "2 songs, 2 seconds" in page
    assert f'href="{album.tracks[0].asset.path}?download"' in page
    assert '"@type":"MusicAlbum"' in page


def test_a_song_is_handed_over_under_its_original_name_and_in_parts(client, wren):
    path = make_album("First light", by=wren).tracks[0].asset.path
    whole = client.get(f"{path}?download")
    assert 'filename="First light.mp3"' in whole.headers["Content-Disposition"]
    part = client.get(path, headers={"Range": "bytes=100-199"})
    assert (part.status_code, len(part.data), part.content_type) == (206, 100, "audio/mpeg")
    assert part.data == whole.data[100:200]
    assert "Content-Disposition" not in part.headers


def test_chapters_lead_into_the_sound(client, wren):
    sound = mp3_bytes(3, title="Soup", chapters=((0.0, "The door"), (1.5, "<b>Soup</b>")))
    page = client.get(make_episode(make_show(by=wren), by=wren, sound=sound, title="Soup").path).text
    assert re.search(r'href="/media/[^"]+\.mp3#t=1\.5"><time datetime="PT2S">0:02</time><span dir="auto">&lt;b&gt;Soup', page)


def test_what_is_not_published_is_found_by_its_editors_only(signed_in, client, wren, emil, rhea):
    make_album("a", by=wren, is_published=False)
    draft = make_episode(make_show(by=wren), by=wren, is_published=False)
    later = make_episode(make_show(by=wren, title="Later"), by=wren, at=now() + timedelta(days=1))
    for path in ("/album/fog-signals/", draft.path, later.path):
        assert client.get(path).status_code == 404
        assert signed_in(rhea).get(path).status_code == 404
        for editor in (wren, emil):
            page = signed_in(editor).get(path)
            assert "Listeners cannot hear this" in page.text
            assert page.headers["Cache-Control"] == "private, no-store"


def test_the_hour_of_an_episode_comes_by_itself(client, wren, clock):
    episode = make_episode(make_show(by=wren), by=wren, at=clock.now + timedelta(hours=1))
    assert client.get(episode.path).status_code == 404
    clock.forward(hours=1)
    assert client.get(episode.path).status_code == 200


def test_what_is_for_members_asks_visitors_in_and_tells_readers(signed_in, client, cast, rhea, wren):
    make_album("a", by=wren, audience=Listeners.MEMBERS)
    show = make_show(by=wren)
    make_episode(show, by=wren, title="For all")
    hidden = make_episode(show, by=wren, title="For members", audience=Listeners.MEMBERS)
    for path in ("/album/fog-signals/", hidden.path):
        assert client.get(path).status_code == 303
        assert signed_in(rhea).get(path).status_code == 403
        assert signed_in(cast.mona).get(path).status_code == 200
    assert "For members" not in client.get(show.path).text
    assert "For members" in signed_in(cast.mona).get(show.path).text


def test_nothing_of_a_hidden_show_is_heard(client, wren):
    episode = make_episode(make_show(by=wren, is_published=False), by=wren)
    assert client.get(episode.path).status_code == 404


def test_old_addresses_lead_on_and_withdrawn_ones_are_not_found(client, wren):
    album, show = make_album("a", by=wren), make_show(by=wren)
    with transaction():
        revise_album(session().get_one(Album, album.id), AlbumChanges(slug="horns"), by=wren)
        revise_show(session().get_one(Show, show.id), ShowChanges(slug="quiet"), by=wren)
    for old, new in (("/album/fog-signals/", "/album/horns/"), ("/show/the-quiet-frequencies/", "/show/quiet/")):
        answer = client.get(old)
        assert (answer.status_code, answer.location) == (301, new)
    with transaction():
        unpublish_album(session().get_one(Album, album.id), by=wren)
    assert client.get("/album/horns/").status_code == 404


def test_the_list_of_episodes_is_turned(client, wren):
    show = make_show(by=wren)
    for number in range(21):
        make_episode(show, by=wren, title=f"Number {number:02}", at=now() - timedelta(days=number))
    first, second = client.get(show.path).text, client.get(f"{show.path}page/2/").text
    assert "Number 00" in first
    assert "Number 20" not in first
    assert "Number 20" in second
    assert client.get(f"{show.path}page/3/").status_code == 404
    assert client.get(f"{show.path}page/1/").location == show.path


@pytest.mark.parametrize(
    "path", ["/album/none/", "/show/none/", "/show/none/none/", "/album/%00/", "/show/x/page/0/", f"/album/{'x' * 500}/"]
)
def test_what_never_was_is_not_found(client, path):
    assert client.get(path).status_code == 404


def test_the_database_is_asked_as_often_for_many_as_for_few(client, wren, queries):
    show = make_show(by=wren)
    make_episode(show, by=wren, title="x")
    make_album("a", by=wren, title="Short")
    make_album(*(f"Song {number}" for number in range(9)), by=wren, title="Long")

    def asked(path: str) -> int:
        session().expunge_all()
        session().info.clear()
        queries.clear()
        assert client.get(path).status_code == 200
        return len(queries)

    few = asked(show.path)
    for number in range(6):
        make_episode(show, by=wren, title=f"Number {number}")
    assert asked("/album/long/") == asked("/album/short/") <= 6
    assert asked(show.path) == few <= 8


def test_lengths_and_drawings_are_written_for_people_and_programs():
    assert [clock_time(seconds) for seconds in (0, 69, 252.4, 3852)] == ["0:00", "1:09", "4:12", "1:04:12"]
    assert [iso_duration(seconds) for seconds in (5, 252.4, 3852)] == ["PT5S", "PT4M12S", "PT1H4M12S"]
    assert wave_path([0, 100]) == "M75.0 19.5v1.0M225.0 1.0v38.0"
