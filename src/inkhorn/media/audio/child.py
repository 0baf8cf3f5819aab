"""The limited process that opens strangers' sounds: one JSON line in, one out, and it ends."""

import ctypes
import errno
import json
import os
import resource
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from inkhorn.media.audio.drawing import draw
from inkhorn.media.audio.hearing import hear
from inkhorn.media.audio.verdicts import NotASound

# Beside the file itself, which is mapped into memory and counts as well.
MEMORY_BYTES = 512 << 20
LARGEST_WRITTEN_BYTES = 32 << 20
CPU_SECONDS = 30
DISK_IS_FULL = (errno.ENOSPC, errno.EDQUOT)
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000


def main() -> None:
    task = json.loads(sys.stdin.readline())
    source = Path(task["source"])
    _limit(source.stat().st_size)
    result: dict[str, Any]
    try:
        result = {"done": _do(task, source)}
    except NotASound as refusal:
        result = {"refused": str(refusal)}
    except MemoryError:
        result = {"refused": "The sound needs more memory than one may have. Export it afresh and send that."}
    except OSError as error:
        result = {"full": True} if error.errno in DISK_IS_FULL else _damaged(error)
    except Exception as error:
        # Whatever a hostile file provokes, the caller gets words and the log the kind of failure.
        result = _damaged(error)
    sys.stdout.write(json.dumps(result) + "\n")


def _damaged(error: Exception) -> dict[str, Any]:
    sys.stderr.write(f"sound refused: {error!r}\n")
    return {"refused": "The sound’s file is damaged. Export it afresh and send that."}


def _do(task: dict[str, Any], source: Path) -> Any:
    if task["verb"] == "draw":
        return draw(source, task["content_type"])
    return asdict(hear(source, task["content_type"], Path(task["cover"])))


def _limit(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES + size, MEMORY_BYTES + size))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_WRITTEN_BYTES, LARGEST_WRITTEN_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    if sys.platform == "linux":
        # No network at all, where the kernel lets an ordinary process give it up.
        ctypes.CDLL(None).unshare(_NEW_NETWORK if os.geteuid() == 0 else _NEW_USER | _NEW_NETWORK)


if __name__ == "__main__":
    main()
