"""Albums, shows and episodes made by program: begun, filled, ordered, released and removed, by those whose they are."""

import pytest
from sqlalchemy import func, select

from inkhorn.core.database import session
from inkhorn.media.models import Album, Asset, Episode, Show
from tests.factories.media import make_asset, picture_bytes
from tests.factories.shows import make_album, make_episode, make_show
from tests.factories.sound import mp3_bytes


@pytest.fixture
def song(wren) -> Asset:
    return make_asset(mp3_bytes(2, title="Ebb", artist="Pell"), filename="ebb.mp3", by=wren)


def etag(program, address: str) -> str:
    return program.get(address).headers["ETag"]


def move(program, address: str, name: str):
    return program.post(f"{address}/{name}", If_Match=etag(program, address))


def test_an_album_is_begun_filled_released_and_removed(program, song, client):
    wren = program("wren")
    made = wren.post("/albums", {"title": "Fog signals", "released_on": "2026-05-02", "audience": "members"})
    assert (made.status_code, made.json["data"]["state"], made.json["data"]["released_on"]) == (201, "draft", "2026-05-02")
    address = made.location.removeprefix("/api/v1")
    assert move(wren, address, "publish").status_code == 422
    filled = wren.post(f"{address}/tracks", {"asset_id": song.id, "title": "The ebb"}, If_Match=etag(wren, address))
    track = filled.json["data"]["tracks"][0]
    assert (track["title"], track["artist"], track["asset_id"]) == ("The ebb", "Pell", song.id)
    assert wren.change(address, {"audience": "public", "released_on": None}).json["data"]["released_on"] is None
    assert move(wren, address, "publish").json["data"]["state"] == "published"
    assert client.get("/album/fog-signals/").status_code == 200
    assert move(wren, address, "unpublish").json["data"]["state"] == "unpublished"
    assert wren.change(address, method="DELETE").status_code == 204
    assert (session().scalar(select(func.count()).select_from(Album)), session().get(Asset, song.id) is not None) == (0, True)


def test_songs_are_called_ordered_and_taken_out(program, wren):
    album = make_album("a", "b", "c", by=wren)
    asker, address = program("wren"), f"/albums/{album.id}"
    first, second, third = (track.id for track in album.tracks)
    stale = etag(asker, address)

    def titles(answer) -> list[str]:
        assert answer.status_code == 200, answer.text
        return [each["title"] for each in answer.json["data"]["tracks"]]

    def change(method: str, place: str, body=None):
        return asker.send(method, f"{address}/{place}", body, If_Match=etag(asker, address))

    assert titles(change("PUT", "order", {"tracks": [third, first]})) == ["c", "a", "b"]
    assert titles(change("PATCH", f"tracks/{first}", {"title": "Bell buoy"})) == ["c", "Bell buoy", "b"]
    assert titles(change("DELETE", f"tracks/{second}")) == ["c", "Bell buoy"]
    assert change("DELETE", f"tracks/{second}").status_code == 404
    assert change("PUT", "order", {"tracks": [third, 999]}).status_code == 404
    assert asker.send("PUT", f"{address}/order", {"tracks": [first]}, If_Match=stale).status_code == 412
    assert asker.send("PUT", f"{address}/order", {"tracks": [first]}).status_code == 428


def test_a_show_and_its_episode_are_made(program, song, client):
    wren = program("wren")
    show = wren.post("/shows", {"title": "The quiet frequencies", "category": "Arts", "language": "en", "owner_email": "wren@example.org"})
    address = show.location.removeprefix("/api/v1")
    made = wren.post(f"{address}/episodes", {"asset_id": song.id, "season": 2, "number": 31, "kind": "bonus"})
    told = made.json["data"]
    assert (made.status_code, told["title"], told["season"], told["kind"], told["state"]) == (201, "Ebb", 2, "bonus", "draft")
    episode = made.location.removeprefix("/api/v1")
    assert wren.change(episode, {"season": None, "published_at": "2026-01-02T09:00:00Z"}).json["data"]["season"] is None
    assert move(wren, episode, "publish").json["data"]["published_at"] == "2026-01-02T09:00:00Z"
    assert move(wren, address, "publish").status_code == 200
    assert client.get(wren.data(episode)["path"]).status_code == 200
    assert wren.change(episode, method="DELETE").status_code == 204
    assert wren.change(address, method="DELETE").status_code == 204
    assert [session().scalar(select(func.count()).select_from(kind)) for kind in (Show, Episode)] == [0, 0]


def test_what_is_begun_twice_under_one_key_is_begun_once(program, wren, song):
    asker, show = program("wren"), make_show(by=wren)
    for address, body in (("/albums", {"title": "Tides"}), (f"/shows/{show.id}/episodes", {"asset_id": song.id})):
        first, again = (asker.post(address, body, Idempotency_Key=f"once{address}".replace("/", "-")) for _ in range(2))
        assert (first.status_code, again.status_code, first.data) == (201, 201, again.data)
    assert [session().scalar(select(func.count()).select_from(kind)) for kind in (Album, Episode)] == [1, 1]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 256}, "title"),
        ({"slug": "!?"}, "slug"),
        ({"released_on": "2026-02-30"}, "released_on"),
        ({"released_on": "yesterday"}, "released_on"),
        ({"audience": "nobody"}, "audience"),
        ({"cover_id": 999}, "cover_id"),
        ({"cover_id": "song"}, "cover_id"),
        ({"state": "published"}, "state"),
        ({"about": "a\x00"}, "about"),
    ],
    ids=str,
)
def test_a_wrong_field_is_named_and_nothing_is_saved(program, wren, song, body, field):
    album = make_album("a", by=wren)
    asker = program("wren")
    body = {"cover_id": song.id} if body.get("cover_id") == "song" else body
    refused = asker.change(f"/albums/{album.id}", {"artist": "Somebody else"} | body)
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, field), refused.text
    assert asker.data(f"/albums/{album.id}")["artist"] == "Pell"


def test_only_a_sound_of_the_library_is_played(program, wren):
    album, show = make_album(by=wren, is_published=False), make_show(by=wren)
    picture = make_asset(picture_bytes(), by=wren)
    asker = program("wren")
    for address in (f"/albums/{album.id}/tracks", f"/shows/{show.id}/episodes"):
        for number in (picture.id, 999):
            refused = asker.post(address, {"asset_id": number}, If_Match="*")
            assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "asset_id")


@pytest.mark.parametrize("who", ["vic", "rhea", "emil", "wren"])
def test_whose_it_is_not_changes_nothing(program, ada, song, who):
    album, show = make_album("a", by=ada), make_show(by=ada)
    episode = make_episode(show, by=ada)
    asker = program(who)
    acts = [
        (f"/{kind}/{number}", method, {"title": "Mine"} if method == "PATCH" else None)
        for kind, number in (("albums", album.id), ("shows", show.id), ("episodes", episode.id))
        for method in ("PATCH", "DELETE")
    ]
    acts += [
        (f"/albums/{album.id}/unpublish", "POST", None),
        (f"/albums/{album.id}/order", "PUT", {"tracks": []}),
        (f"/albums/{album.id}/tracks", "POST", {"asset_id": song.id}),
        (f"/shows/{show.id}/episodes", "POST", {"asset_id": song.id}),
        (f"/albums/{album.id}/tracks/{album.tracks[0].id}", "DELETE", None),
    ]
    if who == "emil":
        acts = acts[:1]
    answers = {asker.send(method, address, body, If_Match="*").status_code for address, method, body in acts}
    assert answers <= ({200} if who == "emil" else {404} if who == "wren" else {401, 403})
    assert session().get_one(Album, album.id).title == ("Mine" if who == "emil" else "Fog signals")
