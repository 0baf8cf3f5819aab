"""The files of albums and shows are handed to whoever may hear those, and are not tidied away while they are in use."""

import io

import pytest

from inkhorn.core.database import session, transaction
from inkhorn.media.models import Album, Asset, Episode, Listeners, Reach, Show, Usage
from inkhorn.media.queries import Use
from inkhorn.media.services.receiving import receive
from inkhorn.media.services.replacing import replace_asset
from inkhorn.media.services.sound.albums import AlbumChanges, remove_album, revise_album, unpublish_album
from inkhorn.media.services.sound.showing import uses_of
from inkhorn.media.services.sound.shows import ShowChanges, revise_show, unpublish_show
from inkhorn.media.services.sound.tracks import remove_track
from inkhorn.media.tasks import listen_anew
from inkhorn.posts.tasks import discard_unused_uploads
from tests.factories.media import make_asset
from tests.factories.shows import make_album, make_episode, make_show
from tests.factories.sound import mp3_bytes


def change(kind, sound, verb, *words, by):
    with transaction():
        verb(session().get_one(kind, sound.id), *words, by=by)


def test_members_songs_are_handed_to_members_at_a_signed_address(client, signed_in, cast, rhea, wren):
    path = make_album("Slack", by=wren, audience=Listeners.MEMBERS).tracks[0].asset.path
    assert client.get(path).status_code == 404
    assert signed_in(rhea).get(path).status_code == 404
    answer = signed_in(cast.mona).get(f"{path}?download", follow_redirects=True)
    assert answer.status_code == 200
    assert 'filename="Slack.mp3"' in answer.headers["Content-Disposition"]


def test_what_becomes_public_is_handed_to_all_and_back(client, wren):
    album = make_album("Slack", by=wren, audience=Listeners.MEMBERS, cover_id=make_asset().id)
    files = [album.tracks[0].asset.path, album.cover.path]
    change(Album, album, revise_album, AlbumChanges(audience=Listeners.PUBLIC), by=wren)
    assert [client.get(path).status_code for path in files] == [200, 200]
    change(Album, album, revise_album, AlbumChanges(audience=Listeners.MEMBERS), by=wren)
    assert [client.get(path).status_code for path in files] == [404, 404]


@pytest.mark.parametrize(
    ("own", "around", "reach"),
    [
        (Listeners.PUBLIC, Listeners.PUBLIC, Reach.PUBLIC),
        (Listeners.MEMBERS, Listeners.PUBLIC, Reach.MEMBERS),
        (Listeners.PUBLIC, Listeners.MEMBERS, Reach.MEMBERS),
        (Listeners.MEMBERS, Listeners.MEMBERS, Reach.MEMBERS),
    ],
)
def test_an_episode_is_handed_to_nobody_who_may_not_see_its_show(wren, own, around, reach):
    show = make_show(by=wren)
    episode = make_episode(show, by=wren, audience=own)
    change(Show, show, revise_show, ShowChanges(audience=around), by=wren)
    assert session().get_one(Episode, episode.id).asset.reach is reach


def test_a_show_that_is_withdrawn_takes_its_episodes_along(wren):
    show = make_show(by=wren)
    make_episode(show, by=wren)
    change(Show, show, unpublish_show, by=wren)
    assert session().query(Usage).filter_by(room="episodes").one().reach is Reach.NOBODY


def test_what_members_lost_is_not_handed_to_everybody(client, wren):
    album = make_album("Slack", by=wren, audience=Listeners.MEMBERS, cover_id=make_asset().id)
    show = make_show(by=wren, audience=Listeners.MEMBERS)
    files = [album.tracks[0].asset.path, album.cover.path, make_episode(show, by=wren).asset.path]
    change(Album, album, unpublish_album, by=wren)
    change(Show, show, unpublish_show, by=wren)
    assert [client.get(path).status_code for path in files] == [404, 404, 404]


def test_what_an_album_no_longer_plays_is_no_longer_in_use(wren):
    album = make_album("a", "b", by=wren)
    first, second = (track.asset_id for track in album.tracks)
    with transaction():
        held = session().get_one(Album, album.id)
        remove_track(held, held.tracks[0].id)
        revise_album(held, AlbumChanges(), by=wren)
    assert {each.asset_id for each in session().query(Usage)} == {second}
    change(Album, album, unpublish_album, by=wren)
    change(Album, album, remove_album, by=wren)
    assert session().query(Usage).count() == 0
    assert session().get(Asset, first) is not None


def test_the_library_says_where_a_sound_is_played(wren, ada, emil):
    song = make_album("Slack", by=ada).tracks[0].asset
    assert uses_of(song, emil) == [Use("albums", "Fog signals", f"/desk/media/albums/{session().query(Album).one().id}")]
    assert uses_of(song, wren) == [Use("albums", "", None)]


def test_a_replaced_sound_is_listened_to_anew(wren):
    album = make_album("Slack", by=wren)
    asset = album.tracks[0].asset
    with receive(io.BytesIO(mp3_bytes(5, title="Other")), filename="other.mp3") as incoming, transaction():
        replace_asset(session().get_one(Asset, asset.id), incoming, by=wren)
    listen_anew(asset.id)
    track = session().get_one(Album, album.id).tracks[0]
    assert (track.title, round(track.seconds)) == ("Slack", 5)


def test_what_an_album_plays_outlives_whoever_uploaded_it(wren):
    kept, lost = make_album("Slack", by=wren).tracks[0].asset_id, make_asset(by=wren).id
    discard_unused_uploads([kept, lost])
    assert {each.id for each in session().query(Asset)} == {kept}
