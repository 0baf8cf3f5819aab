"""Nothing of the database is held while the store is asked, however slow it is: no transaction, no row, no snapshot."""

from hashlib import sha256
from io import BytesIO

import pytest

from inkhorn.core.database import db, session, transaction
from inkhorn.core.storage import DiskStorage, storage
from inkhorn.media import tasks
from inkhorn.media.models import Asset
from inkhorn.media.services.checking import missing_files
from inkhorn.media.services.sound.albums import begin_album
from tests.factories.media import make_asset, picture_bytes, wave_bytes
from tests.media.sweeping import sweep

VERBS = ("put", "open", "stat", "delete")


@pytest.fixture
def asked(database, monkeypatch) -> list[tuple[str, bool]]:
    """Each question to the store, and whether something of the database was held meanwhile."""
    seen: list[tuple[str, bool]] = []

    def watched(verb: str):
        real = getattr(DiskStorage, verb)

        def ask(self, *args, **more):
            seen.append((verb, db.session.in_transaction()))
            return real(self, *args, **more)

        return ask

    for verb in VERBS:
        monkeypatch.setattr(DiskStorage, verb, watched(verb))
    return seen


@pytest.fixture
def library(at_desk, wren):
    return at_desk(wren)


def assert_alone(asked: list[tuple[str, bool]], *verbs: str) -> None:
    assert {verb for verb, _held in asked} >= set(verbs)
    assert [verb for verb, is_held in asked if is_held] == []
    asked.clear()


def sent(content: bytes, name: str = "gulls.jpg") -> tuple[BytesIO, str]:
    return BytesIO(content), name


def test_uploads_new_known_and_lost(library, asked):
    content = picture_bytes(310, 200)
    for verbs in (("put",), ("stat",)):
        assert library.post("/desk/media/upload", file=sent(content)).status_code == 303
        assert_alone(asked, *verbs)
    key = session().query(Asset.key).filter_by(filename="gulls.jpg").scalar()
    storage().delete(key)
    asked.clear()
    assert library.post("/desk/media/upload", file=sent(content)).status_code == 303
    assert_alone(asked, "stat", "put")
    assert storage().stat(key)


def test_a_replaced_file(library, asked, wren):
    asset = make_asset(by=wren)
    asked.clear()
    assert library.post(f"/desk/media/{asset.id}/replace", file=sent(picture_bytes(311, 200))).status_code == 303
    assert_alone(asked, "put")


def test_a_large_file_in_parts(library, asked):
    content = wave_bytes(3, tone=5)
    begun = library.ask("/desk/media/uploads", filename="fog.wav", size=len(content), sha256=sha256(content).hexdigest())
    address = begun.headers["Location"]
    library.browser.patch(address, data=content, headers={"Upload-Offset": "0", "X-CSRF-Token": library.token})
    assert library.ask(f"{address}/finish").status_code == 200
    assert_alone(asked, "put")


def test_a_portrait_that_is_chosen_changed_and_taken_away(library, asked):
    for width in (200, 210):
        assert library.post("/account/picture", file=sent(picture_bytes(width, 200)), focus="middle").status_code == 303
        assert_alone(asked, "put")
    assert library.post("/account/picture/remove").status_code == 303
    assert_alone(asked, "delete")


def test_songs_that_are_sent_and_chosen(library, asked, wren):
    with transaction():
        album_id = begin_album(title="Low water", by=wren).id
    assert library.post(f"/desk/media/albums/{album_id}/tracks", file=sent(wave_bytes(2), "fog.wav")).status_code == 303
    assert_alone(asked, "put")
    asset_id = session().query(Asset.id).filter_by(filename="fog.wav").scalar()
    assert library.post(f"/desk/media/albums/{album_id}/tracks", asset_id=asset_id).status_code == 303
    assert_alone(asked, "open")


def test_the_cover_of_a_post_and_of_an_album(library, asked, wren):
    with transaction():
        album_id = begin_album(title="Low water", by=wren).id
    said = {"title": "Low water", "audience": "public", "cover": sent(picture_bytes(320, 200))}
    assert library.post(f"/desk/media/albums/{album_id}/revise", **said).status_code == 303
    assert_alone(asked, "put")


def test_a_file_that_is_handed_on(library, asked, client):
    asset = make_asset(b"%PDF-1.7 tide table", filename="tides.pdf")
    asked.clear()
    answer = client.get(asset.path)
    assert (answer.status_code, "tides.pdf" in answer.headers["Content-Disposition"]) == (200, True)
    assert_alone(asked, "stat", "open")


def test_work_that_comes_by_itself(asked):
    with transaction():
        asset = make_asset(picture_bytes(900, 600))
    asked.clear()
    tasks.make_renditions(asset_id=asset.id)
    assert_alone(asked, "open", "put")
    assert missing_files() == (1 + len(session().get(Asset, asset.id).renditions), [])
    assert_alone(asked, "stat")
    sweep()
    assert [verb for verb, is_held in asked if is_held] == []
