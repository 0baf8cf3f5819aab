"""Having a sound looked into by a limited child process of its own."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from inkhorn.core.errors import Invalid, NoRoom, Unavailable
from inkhorn.media.audio.verdicts import Heard

# By the wall clock, for a machine that is busy with other things; the child's own limit counts its work.
PATIENCE_SECONDS = 90
# How long one waits for a place, since a crowd of sounds must not hold every thread that answers.
WAIT_SECONDS, JOBS_WAIT_SECONDS = 10.0, 300.0
MOST_CHILDREN = 2


class SoundRefused(Invalid):
    """The sound cannot be kept; the sentence says why and what would do instead."""


class ListenerBusy(Unavailable):
    """So many sounds are being looked into that this one found no place in time."""

    def __init__(self) -> None:
        super().__init__("Many sounds are being looked into just now. Wait a minute and send yours again.")


_places = threading.BoundedSemaphore(MOST_CHILDREN)


def listen(source: Path, content_type: str, *, cover: Path) -> Heard:
    """What the sound says of itself; a picture that lies in it is written to cover. SoundRefused or ListenerBusy in words."""
    return Heard(**_have("hear", source, content_type, WAIT_SECONDS, cover=str(cover)))


def draw(source: Path, content_type: str) -> list[int]:
    """How loud each part of the sound is, for its drawing; empty where that cannot be told. For jobs, which can wait."""
    return [int(each) for each in _have("draw", source, content_type, JOBS_WAIT_SECONDS)]


def _have(verb: str, source: Path, content_type: str, wait: float, **more: str) -> Any:
    task = json.dumps({"verb": verb, "source": str(source), "content_type": content_type, **more}) + "\n"
    with _place(wait):
        answer = _asked(task)
    if not answer:
        raise SoundRefused("The sound takes more time or memory than one may have. Export it afresh and send that.", field="file")
    result = json.loads(answer)
    if "full" in result:
        raise NoRoom("The disk is full, so the sound could not be looked into. Make room and send it again.")
    if "refused" in result:
        raise SoundRefused(result["refused"], field="file")
    return result["done"]


def _asked(task: str) -> str:
    # Nothing of our own environment, where secrets may stand.
    environment = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "LANG": "C.UTF-8"}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "inkhorn.media.audio.child"],
            input=task,
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
            timeout=PATIENCE_SECONDS,
            start_new_session=True,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return ""
    return done.stdout


@contextmanager
def _place(seconds: float) -> Iterator[None]:
    if not _places.acquire(timeout=seconds):
        raise ListenerBusy
    try:
        yield
    finally:
        _places.release()
