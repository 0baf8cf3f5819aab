"""Two machines on one database and one bucket that take in the same part, or finish the same file, at the same moment."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from secrets import token_hex

import pytest
from flask import Flask
from sqlalchemy import func, select

from inkhorn.app import create_app
from inkhorn.core.access import House
from inkhorn.core.database import db, end_read, session, transaction
from inkhorn.media import services
from inkhorn.media.models import Asset, Upload, UploadPart
from inkhorn.media.services import announcing, parts
from inkhorn.media.services.shelves.shelf import PartsGone, WrongOffset
from tests.buckets import KEYS, make_bucket
from tests.crowds import PATIENCE_SECONDS, running_crowd
from tests.factories.accounts import make_user
from tests.factories.media import wave_bytes
from tests.media.shelves import added, kept_files, whole_files

pytestmark = pytest.mark.postgres
MACHINES = 2


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory, store_endpoint: str) -> Iterator[list[Flask]]:
    """Each with a data folder of its own."""
    with running_crowd(tmp_path_factory.mktemp("one")) as one:
        shared = replace(one.extensions["inkhorn.config"], storage_url=make_bucket(store_endpoint), **KEYS)
        one.extensions["inkhorn.config"] = shared
        another = create_app(replace(shared, data=tmp_path_factory.mktemp("another")))
        yield [one, another]
        with another.app_context():
            db.engine.dispose()


def begun(machine: Flask, content: bytes) -> Upload:
    with machine.app_context():
        user = make_user(email=f"{token_hex(8)}@example.org")
        with transaction():
            upload = announcing.begin_upload(user, filename="fog.wav", size_bytes=len(content))
        session().expunge(upload)
        return upload


def on_each(machines: list[Flask], act: Callable[[int], object]) -> list[object]:
    """What each machine got out of one act, told its number, or the error it met."""
    gate, got = threading.Barrier(len(machines)), []

    def run(number: int) -> None:
        with machines[number].app_context():
            try:
                gate.wait(timeout=PATIENCE_SECONDS)
                got.append(act(number))
            except Exception as error:
                got.append(error)
            finally:
                session().close()

    threads = [threading.Thread(target=run, args=(number,), daemon=True) for number in range(len(machines))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=PATIENCE_SECONDS)
    assert not any(thread.is_alive() for thread in threads), f"Still at work after {PATIENCE_SECONDS} seconds; so far: {got}"
    return got


def finished(upload: Upload) -> int | None:
    """The number of the file, asked for again where the other machine was faster, as the view does."""
    try:
        with parts.finish_upload(upload) as incoming, transaction():
            asset = services.store_asset(incoming, by=House())
            parts.close_upload(upload, asset)
            return asset.id
    except PartsGone:
        end_read()
        known = parts.asset_of(upload)
        return known.id if known else None


def test_of_one_place_one_part_counts(machines):
    content = wave_bytes(4, tone=3)
    upload = begun(machines[0], content)
    for start in range(0, 40_000, 10_000):
        got = on_each(machines, lambda number, at=start: added(upload, at, BytesIO(content[at : at + 10_000 - number])))
        told = [each for each in got if isinstance(each, int)]
        refused = [each.offset for each in got if isinstance(each, WrongOffset)]
        assert (len(told), told) == (1, refused)
        with machines[0].app_context():
            added(upload, told[0], BytesIO(content[told[0] : start + 10_000]))
            assert parts.offset_of(upload) == start + 10_000
            session().close()


def test_both_finish_and_make_one_file(machines):
    content = wave_bytes(4, tone=5)
    upload = begun(machines[0], content)
    for number, start in enumerate(range(0, len(content), 30_000)):
        with machines[number % MACHINES].app_context():
            added(upload, start, BytesIO(content[start : start + 30_000]))
            session().close()
    got = on_each(machines, lambda _number: finished(upload))
    with machines[0].app_context():
        assert [each for each in got if not isinstance(each, int)] == []
        asset = session().scalars(select(Asset)).one()
        assert got == [asset.id, asset.id]
        assert whole_files() == [asset.key]
        assert [key for key in kept_files() if upload.uuid in key] == []
        assert session().scalar(select(func.count()).where(UploadPart.upload_id == upload.id)) == 0
        session().close()


def test_a_part_that_comes_while_it_is_stopped_leaves_nothing(machines):
    content = wave_bytes(4, tone=7)
    upload = begun(machines[0], content)

    def act(number: int) -> object:
        if number:
            return added(upload, 0, BytesIO(content[:10_000]))
        with transaction():
            parts.forget_upload(upload)
        return None

    got = on_each(machines, act)
    assert [each for each in got if isinstance(each, Exception) and not isinstance(each, PartsGone)] == []
    with machines[0].app_context():
        assert [key for key in kept_files() if upload.uuid in key] == []
        session().close()
