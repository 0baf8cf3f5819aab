"""The limited process that opens strangers' pictures: one JSON line in, one out, until nothing has come for a while."""

import ctypes
import errno
import json
import os
import resource
import select
import sys
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from inkhorn.media.images import large, pictures, svg

MEMORY_BYTES = 2 << 30
LARGEST_FILE_BYTES = 400 << 20
CPU_SECONDS = {"clean": 20, "clean_svg": 10, "draw_smaller": 180, "blur": 20, "draw_portraits": 20}
IDLE_SECONDS = 20.0
DISK_IS_FULL = (errno.ENOSPC, errno.EDQUOT)
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000


def main() -> None:
    # What the decoders' libraries print must not be taken for an answer.
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    _limit()
    while select.select([sys.stdin], [], [], IDLE_SECONDS)[0]:
        line = sys.stdin.buffer.readline()
        if not line:
            return
        _answer(json.loads(line), answers)


def _answer(task: dict[str, Any], answers: BinaryIO) -> None:
    _give_time(CPU_SECONDS[task["verb"]])
    large.begin_task(Path(task["room"]) if task.get("room") else None)
    result: dict[str, Any]
    try:
        result = {"done": _do(task["verb"], Path(task["source"]), Path(task["target"]), task)}
    except pictures.NotAPicture as refusal:
        result = {"refused": str(refusal)}
    except MemoryError:
        result = {"refused": "The picture needs more memory than one may have. Make it smaller and send that."}
    except OSError as error:
        result = {"full": True} if error.errno in DISK_IS_FULL else _damaged(error)
    except Exception as error:
        # Whatever a hostile file provokes, the caller gets words and the log the kind of failure.
        result = _damaged(error)
    answers.write(json.dumps(result).encode() + b"\n")


def _damaged(error: Exception) -> dict[str, Any]:
    sys.stderr.write(f"picture refused: {error!r}\n")
    return {"refused": "The picture’s file is damaged. Save it afresh and send that."}


def _do(verb: str, source: Path, target: Path, task: dict[str, Any]) -> Any:
    if verb == "clean":
        return asdict(pictures.clean(source, target, task.get("most_pixels")))
    if verb == "clean_svg":
        return asdict(svg.clean_svg(source, target))
    if verb == "blur":
        return pictures.blur(source)
    if verb == "draw_portraits":
        return [asdict(drawn) for drawn in pictures.draw_portraits(source, target, task["focus"])]
    return [asdict(drawn) for drawn in pictures.draw_smaller(source, target)]


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE_BYTES, LARGEST_FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    if sys.platform == "linux":
        # Where a machine runs out of memory, this process goes and not the site.
        with suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
        # No network at all, where the kernel lets an ordinary process give it up.
        ctypes.CDLL(None).unshare(_NEW_NETWORK if os.geteuid() == 0 else _NEW_USER | _NEW_NETWORK)


def _give_time(seconds: int) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + seconds + 1, resource.RLIM_INFINITY))


if __name__ == "__main__":
    main()
