"""Having pictures cleaned and drawn smaller by a limited child process, which is kept while there is work for it."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from inkhorn.core.errors import Invalid, NoRoom, Unavailable
from inkhorn.media.images.verdicts import Drawn, Seen

# By the wall clock, for a machine that is busy with other things; the child's own limit counts its work.
PATIENCE_SECONDS = {"clean": 60, "clean_svg": 30, "draw_smaller": 400, "blur": 60, "draw_portraits": 60}
# How long one waits for a place: people a few seconds, since a crowd of pictures must not hold every thread that answers;
# jobs as long as a picture may take.
PEOPLE_WAIT_SECONDS, JOBS_WAIT_SECONDS = 10.0, 400.0
# Where nothing is known of a picture, its middle counts: thousandths of width and height.
MIDDLE = (500, 500)
MOST_CHILDREN = 2


class PictureRefused(Invalid):
    """The picture cannot be kept; the sentence says why and what would do instead."""


class StudioBusy(Unavailable):
    """So many pictures are being looked at that this one found no place in time."""

    def __init__(self) -> None:
        super().__init__("Many pictures are being looked at just now. Wait a minute and send yours again.")


def clean(
    source: Path, target: Path, *, most_pixels: int | None = None, wait: float = PEOPLE_WAIT_SECONDS, room: Path | None = None
) -> Seen:
    """Write a picture whole, upright and without metadata to target; PictureRefused or StudioBusy in words.

    The room, here and below, is a folder that all processes of the site share; those that name it look into one large picture at a time.
    """
    return Seen(**_have("clean", source, target, wait, most_pixels=most_pixels, room=room))


def clean_svg(source: Path, target: Path, *, wait: float = PEOPLE_WAIT_SECONDS) -> Seen:
    """Write a drawing without anything that runs or calls out to target; PictureRefused or StudioBusy in words."""
    return Seen(**_have("clean_svg", source, target, wait))


def draw_smaller(source: Path, folder: Path, *, room: Path | None = None) -> list[Drawn]:
    """Draw the versions that browsers choose from into the folder."""
    return [Drawn(**drawn) for drawn in _have("draw_smaller", source, folder, JOBS_WAIT_SECONDS, room=room)]


def blur(source: Path, *, room: Path | None = None) -> str:
    """A cleaned picture in a few pixels, as the Base64 of a WebP; empty for one that can be looked through."""
    return str(_have("blur", source, source, JOBS_WAIT_SECONDS, room=room))


def draw_portraits(source: Path, folder: Path, focus: tuple[int, int] = MIDDLE, *, room: Path | None = None) -> list[Drawn]:
    """Draw the squares that stand for a person into the folder, the larger one first; PictureRefused in words."""
    return [Drawn(**drawn) for drawn in _have("draw_portraits", source, folder, PEOPLE_WAIT_SECONDS, focus=focus, room=room)]


_idle: list[subprocess.Popen[bytes]] = []
_idle_lock = threading.Lock()
# A forked process must not talk through its parent's pipes.
os.register_at_fork(after_in_child=_idle.clear)
_places = threading.BoundedSemaphore(MOST_CHILDREN)


def _have(verb: str, source: Path, target: Path, wait: float, *, room: Path | None = None, **more: Any) -> Any:
    where = {"source": str(source), "target": str(target), "room": str(room) if room else None}
    task = json.dumps({"verb": verb, **where, **more}).encode() + b"\n"
    with _place(wait):
        while True:
            with _idle_lock:
                child, is_new = (_idle.pop(), False) if _idle else (_started(), True)
            answer = _asked(child, task, PATIENCE_SECONDS[verb])
            if answer or is_new:
                break
            # It went home between two pictures.
        if not answer:
            raise PictureRefused("The picture takes more time or memory than one may have. Make it smaller and send that.", field="file")
        with _idle_lock:
            _idle.append(child)
    result = json.loads(answer)
    if "full" in result:
        raise NoRoom("The disk is full, so the picture could not be drawn. Make room and send it again.")
    if "refused" in result:
        raise PictureRefused(result["refused"], field="file")
    return result["done"]


@contextmanager
def _place(seconds: float) -> Iterator[None]:
    if not _places.acquire(timeout=seconds):
        raise StudioBusy
    try:
        yield
    finally:
        _places.release()


def _started() -> subprocess.Popen[bytes]:
    # Nothing of our own environment, where secrets may stand.
    environment = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "LANG": "C.UTF-8"}
    return subprocess.Popen(
        [sys.executable, "-m", "inkhorn.media.images.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        start_new_session=True,
    )


def _asked(child: subprocess.Popen[bytes], task: bytes, patience: float) -> bytes:
    """The child's answer; empty if it died, of the task or before it, and then it is buried."""
    asking, answering = child.stdin, child.stdout
    if asking is None or answering is None:
        raise RuntimeError("The child process was started without pipes.")
    alarm = threading.Timer(patience, child.kill)
    alarm.start()
    try:
        asking.write(task)
        asking.flush()
        answer = answering.readline()
    except BrokenPipeError:
        answer = b""
    finally:
        alarm.cancel()
    if not answer:
        child.kill()
        child.wait()
        answering.close()
        with suppress(BrokenPipeError):
            asking.close()
    return answer
