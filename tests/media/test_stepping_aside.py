"""While a file is fetched from far away or put together, the same process answers others."""

from contextlib import ExitStack
from dataclasses import replace
from io import BytesIO

import pytest

from inkhorn.core import turns as turns_module
from inkhorn.core.config import config
from inkhorn.core.fetch import FetchRefused
from inkhorn.core.storage.bucket import BucketStorage
from inkhorn.core.turns import Turns
from inkhorn.media.audio import listening
from inkhorn.media.services.shelves import places
from inkhorn.media.views import bringing
from tests.buckets import KEYS, make_bucket
from tests.factories.media import make_asset
from tests.factories.shows import make_album
from tests.factories.sound import mp3_bytes
from tests.media.shelves import WAVE, sender, unrenewed

__all__ = ["sender", "unrenewed"]


@pytest.fixture
def ask(app, monkeypatch):
    """Asks from within a request, in a process with one turn that lets nobody wait."""
    monkeypatch.setattr(turns_module, "STUCK_SECONDS", -1.0)
    monkeypatch.setattr(app, "wsgi_app", Turns(app.wsgi_app, 1, most_waiting=0))
    return lambda: app.test_client().get("/feed.xml").status_code


@pytest.fixture
def bucket(app, database, store_endpoint, monkeypatch) -> None:
    settled = replace(config(), storage_url=make_bucket(store_endpoint), **KEYS)
    monkeypatch.setitem(app.extensions, "inkhorn.config", settled)


def test_while_a_file_is_put_together_from_its_parts(bucket, sender, ask, monkeypatch):
    real, answers = BucketStorage.open, []

    def far_away(self, key):
        answers.append(ask())
        return real(self, key)

    sent = sender()
    sent.part(0, len(WAVE))
    monkeypatch.setattr(BucketStorage, "open", far_away)
    assert sent.finish().status_code == 200
    assert set(answers) == {200}


@pytest.mark.usefixtures("bucket")
@pytest.mark.parametrize("is_sent", [True, False], ids=["sent", "chosen"])
def test_while_a_song_is_fetched_from_the_store_and_listened_to(at_desk, wren, ask, monkeypatch, is_sent):
    album_id = make_album(by=wren, is_published=False).id
    song = make_asset(mp3_bytes(2, title="Slack"), filename="slack.mp3")
    chosen = {"file": (BytesIO(mp3_bytes(3)), "ebb.mp3")} if is_sent else {"asset_id": song.id}
    answers: list[int] = []

    def watch(place: object, name: str) -> None:
        real = getattr(place, name)

        def slow(*args, **more):
            answers.append(ask())
            return real(*args, **more)

        monkeypatch.setattr(place, name, slow)

    watch(BucketStorage, "put" if is_sent else "open")
    watch(listening, "listen")
    assert at_desk(wren).post(f"/desk/media/albums/{album_id}/tracks", **chosen).status_code == 303
    assert set(answers) == {200}


def test_while_a_file_is_fetched_from_an_address(at_desk, wren, ask, monkeypatch):
    answers = []

    def far_away(*_address, **_wishes: BytesIO):
        answers.append(ask())
        raise FetchRefused("Not there.")

    monkeypatch.setattr(bringing, "fetch", far_away)
    at_desk(wren).post("/desk/media/fetch", address="https://example.org/x")
    assert answers == [200]


def test_so_many_have_a_sound_fetched_again_at_once(at_desk, wren):
    album_id, song = make_album(by=wren, is_published=False).id, make_asset(mp3_bytes(2, title="Slack"), filename="slack.mp3")
    desk = at_desk(wren)
    with ExitStack() as taken:
        for _ in range(places.MOST_TOGETHER):
            taken.enter_context(places.place())
        told = desk.ask(f"/desk/media/albums/{album_id}/tracks", asset_id=song.id)
        assert (told.status_code, told.headers["Retry-After"]) == (503, "15")
    assert desk.ask(f"/desk/media/albums/{album_id}/tracks", asset_id=song.id).status_code == 200
