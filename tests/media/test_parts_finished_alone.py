"""One machine puts the parts of an upload together while others are told to ask again, and gives way where it was killed."""

import threading
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import pytest
from flask import Flask

from inkhorn.core.config import config
from inkhorn.core.database import end_read, session, transaction
from inkhorn.core.errors import Unavailable
from inkhorn.core.storage.bucket import BucketStorage
from inkhorn.media.models import Asset, Upload
from inkhorn.media.services import parts
from inkhorn.media.services.shelves import places
from inkhorn.media.services.shelves.shelf import LEASE, StillAtWork
from inkhorn.media.views import holding
from tests.buckets import KEYS, make_bucket
from tests.crowds import PATIENCE_SECONDS, running_crowd
from tests.factories.accounts import make_user
from tests.factories.media import wave_bytes
from tests.media.shelves import WAVE, begun, sender, unrenewed

__all__ = ["sender", "unrenewed"]

TOO_LONG = LEASE.total_seconds() + 1


@pytest.fixture
def settled(app, database, store_endpoint, monkeypatch) -> None:
    """The files are kept in a bucket."""
    monkeypatch.setitem(app.extensions, "inkhorn.config", replace(config(), storage_url=make_bucket(store_endpoint), **KEYS))


@pytest.fixture
def sent(settled, sender):
    """A file of which all has come."""
    sent = sender()
    sent.part(0, len(WAVE))
    return sent


def held_by_nobody() -> bool:
    end_read()
    return session().query(Upload.finisher, Upload.finishing_until).one() == (None, None)


def test_whoever_finishes_while_another_does_is_told_to_ask_again_and_works_nothing(sent, monkeypatch):
    real, answers, opened = BucketStorage.open, [], []

    def open_once(self, key):
        opened.append(key)
        if not answers:
            answers.append(sent.finish())
        return real(self, key)

    monkeypatch.setattr(BucketStorage, "open", open_once)
    asset = sent.finish()
    (refused,) = answers
    assert (refused.status_code, refused.headers["Retry-After"]) == (409, str(StillAtWork.retry_after_seconds))
    assert "Ask again" in refused.json["detail"]
    assert (asset.status_code, len([key for key in opened if key.startswith("parts/")])) == (200, 1)
    assert sent.finish().json == asset.json
    assert (session().query(Asset).count(), held_by_nobody()) == (1, True)


def test_what_went_wrong_can_be_finished_at_once(sent, monkeypatch):
    def fail(*_args, **_more):
        raise Unavailable("The store that keeps the files does not answer. Try again in a moment.")

    with monkeypatch.context() as away:
        away.setattr(BucketStorage, "open", fail)
        assert sent.finish().status_code == 503
    assert held_by_nobody()
    assert sent.finish().status_code == 200


def test_what_is_not_whole_is_held_by_nobody(settled, sender):
    sent = sender()
    sent.part(0, 1000)
    refused = sent.finish()
    assert (refused.status_code, "Retry-After" in refused.headers, held_by_nobody()) == (409, False, True)


def test_whoever_was_killed_gives_way(sent, clock):
    upload = session().query(Upload).one()
    with transaction():
        parts.hold_upload(upload)
    assert sent.finish().status_code == 409
    clock.forward(seconds=TOO_LONG)
    assert sent.finish().status_code == 200


def test_whoever_held_it_before_a_clock_was_set_right_gives_way(sent, clock):
    upload = session().query(Upload).one()
    clock.forward(hours=5)
    with transaction():
        parts.hold_upload(upload)
    clock.forward(hours=-5)
    assert sent.finish().status_code == 200


def test_who_was_paused_for_too_long_neither_renews_nor_ends_what_another_holds(settled, wren, clock):
    upload = begun(wren, len(WAVE))
    with transaction():
        first = parts.hold_upload(upload)
    clock.forward(seconds=TOO_LONG)
    with transaction():
        second = parts.hold_upload(upload)
        assert not parts.renew_hold(upload, first)
        parts.leave_upload(upload, first)
    with pytest.raises(StillAtWork), transaction():
        parts.hold_upload(upload)
    clock.forward(seconds=20)
    with transaction():
        assert parts.renew_hold(upload, second)
    clock.forward(seconds=20)
    with pytest.raises(StillAtWork), transaction():
        parts.hold_upload(upload)


def test_as_many_are_put_together_at_once_as_the_disk_has_room_for(settled, sender, wren):
    waiting = [sender(wave_bytes(1, tone=number)) for number in range(places.MOST_TOGETHER + 1)]
    for each in waiting:
        each.part(0, len(each.content))
    uploads = session().query(Upload).order_by(Upload.id).all()
    with ExitStack() as under_way:
        for upload in uploads[:-1]:
            under_way.enter_context(parts.finish_upload(upload))
        refused = waiting[-1].finish()
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, str(places.TooManyTogether.retry_after_seconds))
        assert "put together first" in refused.json["detail"]
    assert [each.finish().status_code for each in reversed(waiting)] == [200] * len(waiting)


@contextmanager
def kept_in_a_bucket(app: Flask, endpoint: str):
    app.extensions["inkhorn.config"] = replace(app.extensions["inkhorn.config"], storage_url=make_bucket(endpoint), **KEYS)
    with app.app_context():
        user = make_user(email="wren@example.org")
        with transaction():
            upload = Upload(user_id=user.id, filename="fog.wav", size_bytes=10)
            session().add(upload)
        session().refresh(upload)
        session().expunge(upload)
        yield upload
        session().close()


@pytest.mark.postgres
def test_whoever_takes_long_renews_what_it_holds(tmp_path, store_endpoint, monkeypatch):
    renewed, real = threading.Event(), parts.renew_hold

    def renew(upload: Upload, holder: str) -> bool:
        is_held = real(upload, holder)
        renewed.set()
        return is_held

    monkeypatch.setattr(parts, "renew_hold", renew)
    monkeypatch.setattr(holding, "RENEW_SECONDS", 0.01)
    with running_crowd(tmp_path) as app, kept_in_a_bucket(app, store_endpoint) as upload:
        before = {*threading.enumerate()}
        with pytest.raises(ZeroDivisionError), holding.held(upload):
            assert renewed.wait(PATIENCE_SECONDS)
            raise ZeroDivisionError
        assert [each for each in threading.enumerate() if each not in before and each.name.startswith("upload-")] == []
        assert held_by_nobody()
