"""Having pictures cleaned and drawn smaller by a limited child process, which is kept while there is work for it."""

import json
import os
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from inkhorn.core.errors import Invalid
from inkhorn.media.images.verdicts import Drawn, Seen

# By the wall clock, for a machine that is busy with other things; the child's own limit counts its work.
PATIENCE_SECONDS = {"clean": 60, "clean_svg": 30, "draw_smaller": 400}
MOST_CHILDREN = 2


class PictureRefused(Invalid):
    """The picture cannot be kept; the sentence says why and what would do instead."""


def clean(source: Path, target: Path) -> Seen:
    """Write a picture whole, upright and without metadata to target; PictureRefused in words."""
    return Seen(**_have("clean", source, target))


def clean_svg(source: Path, target: Path) -> Seen:
    """Write a drawing without anything that runs or calls out to target; PictureRefused in words."""
    return Seen(**_have("clean_svg", source, target))


def draw_smaller(source: Path, folder: Path) -> list[Drawn]:
    """Draw the versions that browsers choose from into the folder."""
    return [Drawn(**drawn) for drawn in _have("draw_smaller", source, folder)]


_idle: list[subprocess.Popen[bytes]] = []
_idle_lock = threading.Lock()
# A forked process must not talk through its parent's pipes.
os.register_at_fork(after_in_child=_idle.clear)
_places = threading.BoundedSemaphore(MOST_CHILDREN)


def _have(verb: str, source: Path, target: Path) -> Any:
    task = json.dumps({"verb": verb, "source": str(source), "target": str(target)}).encode() + b"\n"
    with _places:
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
    if "refused" in result:
        raise PictureRefused(result["refused"], field="file")
    return result["done"]


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
