"""Sends large files in parts, as the library's script does, to a site that keeps them on a disk or in a bucket."""

from dataclasses import replace
from typing import BinaryIO

import pytest
from sqlalchemy import delete, select

from inkhorn.core.config import config
from inkhorn.core.database import session, transaction
from inkhorn.core.jobs import JobRow
from inkhorn.core.storage.bucket import BucketStorage
from inkhorn.core.storage.choosing import storage
from inkhorn.core.storage.keys import PARTS
from inkhorn.media import tasks
from inkhorn.media.models import Upload
from inkhorn.media.services import announcing, parts
from inkhorn.media.services.marking import MARK_KEY
from inkhorn.media.views import holding
from tests.buckets import KEYS, make_bucket
from tests.factories.media import wave_bytes

WAVE = wave_bytes(20)
HERE = "/desk/media/uploads"


class Sender:
    """Sends a file as the library's script does."""

    def __init__(self, desk, content: bytes = WAVE, name: str = "fog.wav", **more: object) -> None:
        self.desk, self.content = desk, content
        self.begun = desk.ask(HERE, filename=name, size=len(content), **more)
        self.address = self.begun.headers.get("Location")
        self.token = desk.token

    def part(self, start: int, end: int, *, offset: object = None, token: str | None = None, **more: str):
        headers = more | {"Upload-Offset": str(start if offset is None else offset), "X-CSRF-Token": self.token if token is None else token}
        return self.desk.browser.patch(self.address, data=self.content[start:end], headers={**headers, "Accept": "application/json"})

    def finish(self):
        return self.desk.ask(f"{self.address}/finish")

    def far(self) -> int:
        return int(self.desk.browser.head(self.address).headers["Upload-Offset"])


@pytest.fixture
def sender(at_desk, wren):
    desk = at_desk(wren)
    return lambda *args, **more: Sender(desk, *args, **more)


@pytest.fixture(autouse=True)
def empty_folder(database) -> None:
    for path in (config().data / "uploads").glob("*"):
        path.unlink()


@pytest.fixture(autouse=True)
def unrenewed(monkeypatch) -> None:
    """No thread renews what is held, since all of a test speaks over one connection; here no machine takes so long that it must."""
    monkeypatch.setattr(holding, "RENEW_SECONDS", 3600)


@pytest.fixture(autouse=True, params=["disk", "bucket"])
def place(request, app, database, monkeypatch) -> str:
    """Where the files of the site are kept while the test runs, and with them what is on its way."""
    if request.param == "bucket":
        settled = replace(config(), storage_url=make_bucket(request.getfixturevalue("store_endpoint")), **KEYS)
        monkeypatch.setitem(app.extensions, "inkhorn.config", settled)
    return request.param


def kept_files() -> list[str]:
    """What waits for the rest of it, on a disk or in a bucket, once the jobs that delete have run."""
    delete_parts()
    store = storage()
    in_bucket = store._listed(PARTS) if isinstance(store, BucketStorage) else ()
    return [path.name for path in (config().data / "uploads").glob("*")] + [each.key for each in in_bucket]


def delete_parts() -> None:
    """Does what waits for the parts of uploads, as the runner would."""
    for row in session().scalars(select(JobRow).where(JobRow.name == tasks.discard_parts.name)).all():
        uuid = row.args["uuid"]
        with transaction():
            session().execute(delete(JobRow).where(JobRow.id == row.id).execution_options(synchronize_session=False))
        tasks.discard_parts(uuid)


def whole_files() -> list[str]:
    """What the store keeps for good."""
    return [each.key for each in storage().files() if each.key != MARK_KEY]


def begun(actor, size_bytes: int, **more: str) -> Upload:
    with transaction():
        return announcing.begin_upload(actor.user, filename="fog.wav", size_bytes=size_bytes, **more)


def added(upload: Upload, offset: int, part: BinaryIO) -> int:
    """How far it is with that part, which counts."""
    with parts.add_part(upload, offset, part) as arrived:
        if arrived.is_to_be_noted:
            with transaction():
                parts.note_part(upload, arrived)
    return arrived.reached
