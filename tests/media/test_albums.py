"""Albums and their songs: begun, filled, ordered, published, moved to other addresses."""

import pytest

from inkhorn.core.access import Forbidden
from inkhorn.core.database import session, transaction
from inkhorn.core.errors import Invalid, NotFound
from inkhorn.media.models import Listeners, State
from inkhorn.media.services.leaving import leave_sounds
from inkhorn.media.services.sound.albums import AlbumChanges, publish_album, remove_album, revise_album, unpublish_album
from inkhorn.media.services.sound.settling import SoundMoved, SoundNotReady, SoundSlugTaken
from inkhorn.media.services.sound.tracks import DOWN, UP, move_track, remove_track, revise_tracks
from inkhorn.media.sound_policies import can_publish_sound, get_album_for
from inkhorn.media.sounds import album_at, moved_to
from tests.factories.media import CORPUS
from tests.factories.shows import make_album, make_show


def titles(album) -> list[str]:
    return [track.title for track in album.tracks]


def test_songs_are_called_what_their_files_say(wren):
    album = make_album("First light", "Slack", by=wren)
    assert titles(album) == ["First light", "Slack"]
    assert album.artist == "Pell"
    assert [track.position for track in album.tracks] == [1, 2]
    assert album.state is State.PUBLISHED


@pytest.mark.corpora
@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpora are not beside the checkout")
def test_the_picture_in_a_song_becomes_the_cover(wren):
    album = make_album("x", by=wren, sound=(CORPUS / "audio" / "has-tags.m4a").read_bytes())
    assert album.cover.content_type.startswith("image/")


def test_an_album_without_songs_stays_a_draft(wren):
    album = make_album(by=wren, is_published=False)
    with pytest.raises(SoundNotReady), transaction():
        publish_album(album, by=wren)


def test_songs_change_places_and_stop_at_the_ends(wren):
    album = make_album("a", "b", "c", by=wren)
    with transaction():
        album = get_album_for(wren, album.id)
        move_track(album, album.tracks[2].id, UP)
        move_track(album, album.tracks[0].id, UP)
        move_track(album, album.tracks[2].id, DOWN)
    assert titles(album_at("fog-signals")) == ["a", "c", "b"]


def test_a_song_is_renamed_and_another_taken_out(wren):
    album = make_album("a", "b", by=wren)
    first, second = (track.id for track in album.tracks)
    with transaction():
        album = get_album_for(wren, album.id)
        revise_tracks(album, {first: ("Bell  buoy", "Pell"), 99_999: ("nobody", "")})
        remove_track(album, second)
    assert titles(album_at("fog-signals")) == ["Bell buoy"]
    with pytest.raises(NotFound):
        remove_track(album, second)


def test_the_old_address_leads_on_and_is_given_to_nobody_else(wren):
    album = make_album("a", by=wren)
    other = make_album("b", by=wren, title="Other")
    with transaction():
        revise_album(get_album_for(wren, album.id), AlbumChanges(slug="Horns & bells"), by=wren)
    assert moved_to("/album/fog-signals/") == "/album/horns-bells/"
    for taken in ("fog-signals", "horns-bells"):
        with pytest.raises(SoundSlugTaken), transaction():
            revise_album(get_album_for(wren, other.id), AlbumChanges(slug=taken), by=wren)
    assert make_album(by=wren, is_published=False).slug == "fog-signals-2"


@pytest.mark.parametrize("changes", [{"title": " "}, {"title": "x" * 256}, {"slug": "!?"}, {"about": "x" * 20_001}, {"artist": "x" * 256}])
def test_what_cannot_be_kept_names_its_field(wren, changes):
    album = make_album(by=wren, is_published=False)
    with pytest.raises(Invalid) as refused, transaction():
        revise_album(get_album_for(wren, album.id), AlbumChanges(**changes), by=wren)
    assert refused.value.field in changes


def test_strangers_find_nothing_and_colleagues_may_edit(wren, emil, rhea, ada, cast):
    album = make_album("a", by=wren)
    assert get_album_for(emil, album.id) is album
    for stranger in (rhea, cast.mona, cast.vic):
        with pytest.raises(NotFound):
            get_album_for(stranger, album.id)
    elses = make_album("a", by=ada, title="Ada's")
    with pytest.raises(NotFound):
        get_album_for(wren, elses.id)


def test_whoever_may_not_publish_is_told(wren, monkeypatch):
    album = make_album("a", by=wren, is_published=False)
    monkeypatch.setattr(type(wren), "may", lambda _self, word: word == "media.upload")
    with pytest.raises(Forbidden, match="Ask an editor"):
        get_album_for(wren, album.id, can=can_publish_sound)


def test_published_once_means_published_once(wren):
    album = make_album("a", by=wren, audience=Listeners.MEMBERS)
    moment = album.published_at
    with pytest.raises(SoundMoved), transaction():
        publish_album(get_album_for(wren, album.id), by=wren)
    with transaction():
        unpublish_album(get_album_for(wren, album.id), by=wren)
    with transaction():
        publish_album(get_album_for(wren, album.id), by=wren)
    assert album.published_at == moment


def test_a_removed_album_leaves_its_files(wren):
    album = make_album("a", by=wren)
    asset = album.tracks[0].asset
    with transaction():
        remove_album(get_album_for(wren, album.id), by=wren)
    assert album_at("fog-signals") is None
    assert asset.path.startswith("/media/")


@pytest.mark.parametrize("has_heir", [True, False])
def test_whoever_leaves_leaves_albums_and_shows_to_an_heir_or_to_the_editors(wren, emil, ada, has_heir):
    album, show = make_album("a", by=wren), make_show(by=wren)
    changed_at = album.updated_at
    with transaction():
        leave_sounds(wren.user, emil.user if has_heir else None)
    session().expire_all()
    assert {album.created_by_id, show.created_by_id} == ({emil.id} if has_heir else {None})
    assert album.updated_at == changed_at
    assert get_album_for(ada, album.id) is album
