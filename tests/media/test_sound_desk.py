"""Albums and shows at the desk: one form that saves names, order and state; files that are refused leave the others alone."""

import io

import pytest
from sqlalchemy import func, select

from inkhorn.core.database import session
from inkhorn.media.models import Episode, EpisodeKind, Listeners, State, Track
from inkhorn.media.sounds import album_at, episode_at, show_at
from tests.factories.accounts import Browser
from tests.factories.media import make_asset, picture_bytes
from tests.factories.shows import make_album, make_episode, make_show
from tests.factories.sound import mp3_bytes, tag_bytes


@pytest.fixture
def desk(signed_in, wren) -> Browser:
    return Browser(signed_in(wren))


def fields_of(album, **other):
    names = {f"title-{track.id}": track.title for track in album.tracks} | {f"artist-{track.id}": track.artist for track in album.tracks}
    return {"title": album.title, "artist": album.artist, "about": "", "slug": album.slug, "audience": "public"} | names | other


def sound(content: bytes, name: str):
    return io.BytesIO(content), name


def test_an_album_is_begun_filled_and_published(desk):
    answer = desk.send("/desk/media/albums/begin", title="Fog signals")
    address = answer.location
    files = [sound(mp3_bytes(1, title="First light"), "1.mp3"), sound(tag_bytes("Broken"), "broken.mp3"), sound(mp3_bytes(2), "2.mp3")]
    page = desk.client.post(f"{address}/tracks", data={"csrf_token": desk.token, "file": files}, follow_redirects=True).text
    assert "2 sounds were added." in page
    assert "broken.mp3: There is no sound in this file" in page
    assert "Give the song a name, or it is shown as “Song 2”" in page
    album = album_at("fog-signals")
    assert desk.send(f"{address}/revise", **(fields_of(album, then="publish") | {"about": "Mostly by mistake."})).status_code == 303
    assert (album_at("fog-signals").state, album.about) == (State.PUBLISHED, "Mostly by mistake.")


def test_names_order_and_cover_are_saved_at_once(desk, wren):
    album = make_album("a", "b", "c", by=wren, is_published=False)
    first, second, third = (track.id for track in album.tracks)
    sent = fields_of(
        album, order=[third, first, second], released_on="2026-05-02", cover=sound(picture_bytes(), "cover.jpg"), audience="members"
    )
    answer = desk.send(f"/desk/media/albums/{album.id}/revise", **(sent | {f"title-{first}": "Bell buoy", "move": f"{second}:up"}))
    assert answer.status_code == 303
    album = album_at("fog-signals")
    assert [track.title for track in album.tracks] == ["c", "b", "Bell buoy"]
    assert (str(album.released_on), album.audience, album.cover.width) == ("2026-05-02", Listeners.MEMBERS, 800)
    desk.send(f"/desk/media/albums/{album.id}/revise", **fields_of(album), remove=str(third), has_no_cover="y")
    assert len(album_at("fog-signals").tracks) == 2
    assert album_at("fog-signals").cover is None


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("title", "", "Give it a title."),
        ("slug", "!!", "no letter or digit"),
        ("released_on", "yesterday", "Not a valid date"),
        ("audience", "nobody", "Not a valid choice"),
        ("cover", "sound", "A cover is a picture"),
        ("remove", "999", "no such song"),
    ],
)
def test_what_cannot_be_kept_is_told_beside_its_field_and_nothing_else_is(desk, wren, field, value, sentence):
    album = make_album("a", by=wren)
    value = sound(mp3_bytes(), "a.mp3") if value == "sound" else value
    answer = desk.send(f"/desk/media/albums/{album.id}/revise", **(fields_of(album, artist="Somebody else") | {field: value}))
    assert answer.status_code in (404, 422)
    assert sentence in answer.text
    assert "Somebody else" in answer.text
    assert album_at("fog-signals").artist == "Pell"


def test_a_program_sends_files_one_by_one(desk, wren):
    album = make_album(by=wren, is_published=False)
    data = {"csrf_token": desk.token, "file": sound(picture_bytes(), "sea.jpg")}
    answer = desk.client.post(f"/desk/media/albums/{album.id}/tracks", data=data, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json["kept"]) == (422, [])
    assert "is no sound" in answer.json["refused"][0]


def test_what_is_in_the_library_is_added_by_its_number(desk, wren):
    album = make_album(by=wren, is_published=False)
    song, picture = make_asset(mp3_bytes(2, title="Slack"), filename="slack.mp3"), make_asset()
    assert "slack.mp3" in desk.get(f"/desk/media/albums/{album.id}").text
    page = f"/desk/media/albums/{album.id}/tracks"
    desk.send(page, asset_id=[song.id, picture.id, 99_999])
    assert [(track.title, track.asset_id) for track in album_at("fog-signals").tracks] == [("Slack", song.id)]
    told = desk.client.post(page, data={"csrf_token": desk.token, "asset_id": picture.id}, headers={"Accept": "application/json"})
    assert (told.status_code, "is no sound" in told.json["refused"][0]) == (422, True)


@pytest.mark.parametrize(("make", "path"), [(make_album, "albums/{}/tracks"), (make_show, "shows/{}/episodes")])
def test_what_is_tried_once_more_is_added_once_and_what_is_chosen_again_twice(desk, wren, make, path):
    made, song = make(by=wren, is_published=False), make_asset(mp3_bytes(2, title="Slack"), filename="slack.mp3")
    kind, column = (Track, Track.album_id) if make is make_album else (Episode, Episode.show_id)
    count = select(func.count()).select_from(kind).where(column == made.id)
    address = f"/desk/media/{path.format(made.id)}"
    for _try in range(2):
        data = {"csrf_token": desk.token, "asset_id": song.id, "once": "yes"}
        assert desk.client.post(address, data=data, headers={"Accept": "application/json"}).json == {"kept": ["Slack"], "refused": []}
    assert session().scalar(count) == 1
    desk.send(address, asset_id=song.id)
    assert session().scalar(count) == 2


def test_a_show_and_its_episode_are_made(desk):
    address = desk.send("/desk/media/shows/begin", title="The quiet frequencies").location
    said = {"title": "The quiet frequencies", "about": "Hums.", "slug": "quiet", "audience": "public", "author": "Wren", "language": "en"}
    assert desk.send(f"{address}/revise", **said, category="Arts", owner_email="wren@example.org", then="publish").status_code == 303
    show = show_at("quiet")
    desk.send(f"{address}/episodes", file=sound(mp3_bytes(3, title="At slack water"), "31.mp3"))
    episode = episode_at(show, "at-slack-water")
    said = {"title": "At slack water", "about": "", "slug": "", "audience": "public", "kind": "bonus", "season": "2", "number": "31"}
    page = f"/desk/media/episodes/{episode.id}"
    assert desk.send(f"{page}/revise", **said, published_on="2026-01-02", published_at="09:00", then="publish").status_code == 303
    assert (episode.kind, episode.season, episode.number, episode.state) == (EpisodeKind.BONUS, 2, 31, State.PUBLISHED)
    assert f"{episode.published_at:%Y-%m-%d}" == "2026-01-02"
    assert desk.get(page).status_code == 200


@pytest.mark.parametrize(
    ("field", "value"), [("season", "-1"), ("number", "1e9"), ("number", "999999999999"), ("kind", "x"), ("published_on", "0001-01-01")]
)
def test_an_episode_refuses_nonsense(desk, wren, field, value):
    episode = make_episode(make_show(by=wren), by=wren)
    said = {"title": "x", "about": "", "slug": "x", "audience": "public", "kind": "full"}
    assert desk.send(f"/desk/media/episodes/{episode.id}/revise", **(said | {field: value})).status_code == 422
    assert episode.slug == "at-slack-water"


def test_saving_what_was_shown_moves_no_date(desk, wren, clock):
    clock.set(clock.now.replace(second=31))
    episode = make_episode(make_show(by=wren), by=wren)
    moment = episode.published_at
    page = desk.get(f"/desk/media/episodes/{episode.id}").text
    day, hour = (page.split(f'name="{name}"')[1].split('value="')[1].split('"')[0] for name in ("published_on", "published_at"))
    said = {"title": "x", "about": "", "slug": "", "audience": "public", "kind": "full", "published_on": day, "published_at": hour}
    assert desk.send(f"/desk/media/episodes/{episode.id}/revise", **said).status_code == 303
    assert (episode.title, episode.published_at) == ("x", moment)


@pytest.mark.parametrize(("field", "value"), [("owner_email", "nobody"), ("language", "english please"), ("category", "Noise")])
def test_a_show_refuses_nonsense(desk, wren, field, value):
    show = make_show(by=wren)
    said = {"title": "x", "about": "", "slug": "x", "audience": "public", "category": "", "author": "", "language": "", "owner_email": ""}
    assert desk.send(f"/desk/media/shows/{show.id}/revise", **(said | {field: value})).status_code == 422
    assert show.title == "The quiet frequencies"


def test_the_list_asks_as_often_for_many_as_for_few(desk, wren, queries):
    make_album("a", by=wren)
    make_show(by=wren)
    queries.clear()
    desk.get("/desk/media/albums")
    few = len(queries)
    for number in range(4):
        make_album("a", "b", by=wren, title=f"Album {number}")
        make_episode(make_show(by=wren, title=f"Show {number}"), by=wren)
    queries.clear()
    assert "Album 3" in desk.get("/desk/media/albums").text
    assert len(queries) <= few


def test_strangers_find_nothing(signed_in, wren, rhea, emil):
    album = make_album("a", by=wren)
    episode = make_episode(make_show(by=wren), by=wren)
    for path in (f"albums/{album.id}", f"shows/{episode.show_id}", f"episodes/{episode.id}"):
        assert signed_in(rhea).get(f"/desk/media/{path}").status_code == 403
        assert signed_in(emil).get(f"/desk/media/{path}").status_code == 200
