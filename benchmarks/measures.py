"""Reads what a process tree costs, and drives a server with wrk."""

import json
import os
import re
import subprocess
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def tree_of(root: int) -> set[int]:
    """The process and all below it."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                stat = (folder / "stat").read_text()
            except OSError:
                continue
            children.setdefault(int(stat.rsplit(") ", 1)[1].split()[1]), []).append(int(folder.name))
    found, waiting = set(), [root]
    while waiting:
        pid = waiting.pop()
        found.add(pid)
        waiting += children.get(pid, [])
    return found


def cpu_seconds(root: int) -> float:
    """User and system time of the tree so far."""
    total = 0
    for pid in tree_of(root):
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
        except OSError:
            continue
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def pss_megabytes(root: int) -> dict[int, float]:
    """Proportional set size of each process of the tree."""
    sizes = {}
    for pid in tree_of(root):
        try:
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:
            continue
        found = re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)
        sizes[pid] = int(found[1]) / 1024 if found else 0.0
    return sizes


@dataclass(frozen=True)
class Load:
    """What one run of wrk told."""

    requests: int
    seconds: float
    cpu_ms: float
    p99_ms: float
    errors: int

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds


REPORT = """
done = function(s, l, r)
  io.write(string.format('JSON{"requests":%d,"us":%d,"errors":%d,"p99":%.0f}', s.requests, s.duration,
    s.errors.connect + s.errors.read + s.errors.write + s.errors.status + s.errors.timeout, l:percentile(99)))
end
"""


def drive(base: str, path: str, *, pid: int, seconds: int, connections: int = 32) -> Load:
    """Ask for one path over kept connections, and charge the server's tree for it."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(REPORT)
        script.flush()
        before = cpu_seconds(pid)
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", script.name, base + path]
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        spent = cpu_seconds(pid) - before
    told = json.loads(output[output.index("JSON") + 4 :])
    return Load(
        requests=told["requests"],
        seconds=told["us"] / 1e6,
        cpu_ms=1000 * spent / max(1, told["requests"]),
        p99_ms=told["p99"] / 1000,
        errors=told["errors"],
    )


def wait_for(url: str, *, most_seconds: float = 60) -> float:
    """Seconds until the address answers 200."""
    began = time.monotonic()
    while time.monotonic() - began < most_seconds:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                if answer.status == 200:
                    return time.monotonic() - began
        except OSError:
            time.sleep(0.01)
    raise TimeoutError(url)


def folder_megabytes(folder: Path, *, without: tuple[str, ...] = ("__pycache__",)) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not set(without) & set(path.parts)) / 1e6
