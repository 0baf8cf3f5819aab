"""Pictures sent by a program, each until it is acknowledged, and a look at what became of their files."""

import os
import random
import secrets
import threading
import time
from contextlib import suppress
from pathlib import Path

from sqlalchemy import select

from inkhorn.app import create_app
from inkhorn.core.config_loading import load_config
from inkhorn.core.database import db, session
from inkhorn.core.storage import storage
from inkhorn.media import tasks
from inkhorn.media.models import Asset, Rendition
from inkhorn.media.services.checking import missing_files
from inkhorn.media.services.marking import MARK_KEY
from tests.dice import SEED
from tests.factories.media import noise_bytes
from tests.faults.writers import CUT_OFF, SETTINGS, Answer, Program, ask
from tests.witness import Ledger

PATIENCE_SECONDS, LONG_AGO = 120, 2 * 86_400


def upload(port: int, key: str, content: bytes, once: str, *, seconds: float = 60) -> Answer:
    edge = "one-and-the-same-edge"
    head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="tide.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
    body = head.encode() + content + f"\r\n--{edge}--\r\n".encode()
    headers = {"Authorization": f"Bearer {key}", "Idempotency_Key": once, "Content_Type": f"multipart/form-data; boundary={edge}"}
    return ask(port, "POST", "/api/v1/media", body, seconds=seconds, **headers)


def send_pictures(program: Program, ledger: Ledger, sender: int, over: threading.Event) -> None:
    chance, number = random.Random(f"{SEED} {sender}"), 0
    while not over.is_set():
        what, once = f"{sender}-{number}", secrets.token_hex(8)
        picture = noise_bytes(chance.randbytes(400 * 300 * 3), 400, 300)
        ledger.note("asked", what)
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            with suppress(*CUT_OFF):
                answer = upload(program.site.port, program.key, picture, once)
                if answer.status == 201:
                    ledger.note("acknowledged", what, path=answer.json["data"]["path"], number=answer.json["data"]["id"])
                    break
                ledger.note("refused", what, kind=answer.is_kind_refusal, words=answer.body[:300].decode())
            time.sleep(0.1)
        number += 1


def look_into(data: Path) -> None:
    """Each row has its file, and once two days have passed each file its row."""
    for path in data.rglob("*"):
        if path.is_dir() or "media" in path.parts:
            os.utime(path, (time.time() - LONG_AGO,) * 2)
    with create_app(load_config(data=data, environ=SETTINGS)).app_context():
        _looked, missing = missing_files()
        assert missing == []
        tasks.sweep_orphans()
        rows = {*session().scalars(select(Asset.key)), *session().scalars(select(Rendition.key)), MARK_KEY}
        assert {each.key for each in storage().files()} <= rows
        assert list((data / "tmp").iterdir()) == []
        db.session.close()
        db.engine.dispose()
