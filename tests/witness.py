"""The witness ledger: what was asked of a site and what the site acknowledged, in a file that outlives whatever is killed."""

import json
import os
import threading
from collections import Counter
from pathlib import Path
from typing import Any


class Ledger:
    """One line for each word, on the disk before the next thing is done."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("ab")
        self._lock = threading.Lock()

    def note(self, word: str, what: str, **more: Any) -> None:
        """Write down that something was "asked", "acknowledged" or whatever else happened to it."""
        line = json.dumps({"word": word, "what": what, **more}).encode() + b"\n"
        with self._lock:
            self._file.write(line)
            self._file.flush()
            os.fsync(self._file.fileno())

    def told(self, word: str) -> dict[str, dict[str, Any]]:
        """The last line with that word about each thing, as the file has it."""
        lines = map(json.loads, self._path.read_text(encoding="utf-8").splitlines())
        return {line["what"]: line for line in lines if line["word"] == word}

    def count(self) -> Counter[str]:
        """How often each word stands there."""
        return Counter(json.loads(line)["word"] for line in self._path.read_text(encoding="utf-8").splitlines())

    def close(self) -> None:
        self._file.close()
