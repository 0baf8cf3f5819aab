"""Starts servers, reads what a process tree costs, and drives them with wrk."""

import json
import os
import re
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
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
    """User and system time of the tree so far, with that of the processes of it that ended meanwhile."""
    total = 0
    for pid in tree_of(root):
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
        except OSError:
            continue
        total += sum(int(each) for each in fields[11:15])
    return total / TICKS


def web_of(root: int) -> int:
    """Of a running site the child that serves pages: it has workers below it, and the runner has not."""
    return max(tree_of(root) - {root}, key=lambda pid: len(tree_of(pid)))


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


# Each request seems to come from another address, since one address may not ask this often.
FROM_EVERYWHERE = """
local n = 0
request = function()
  n = n + 1
  wrk.headers["X-Forwarded-For"] = string.format("10.%d.%d.%d", n / 65536 % 256, n / 256 % 256, n % 256)
  return wrk.format()
end
"""


def drive(
    base: str, path: str, *, pid: int, seconds: int, connections: int = 32, script_more: str = "", headers: tuple[str, ...] = ()
) -> Load:
    """Ask for one path over kept connections, and charge the server's tree for it."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(script_more + REPORT)
        script.flush()
        before = cpu_seconds(pid)
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", script.name]
        command += [word for header in headers for word in ("-H", header)] + [base + path]
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        spent = cpu_seconds(pid) - before
    told = json.loads(output[output.index("JSON") + 4 :])
    if told["errors"] > told["requests"] / 100:
        raise RuntimeError(f"{path} was refused {told['errors']} times of {told['requests']}; what is measured is no page.")
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


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def inkhorn(*words: str) -> list[str]:
    return [sys.executable, "-m", "inkhorn", *words]


@contextmanager
def serving(command: list[str], url: str, **environment: str) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    """Start a server, tell how long its first answer took, and stop it whole."""
    server = subprocess.Popen(command, cwd=ROOT, env=os.environ | environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield server, wait_for(url)
    finally:
        server.terminate()
        server.wait(30)


def bare_command(port: int, app: str = "benchmarks.bare:app") -> list[str]:
    return [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)),
        *("--workers", "2", "--blocking-threads", "4", "--no-log", app),
    ]


# CPU milliseconds of the bare Flask route inside one process on a quiet day of the machine of this house, 29 November 2026.
QUIET_PACE_MS = 0.037
ASKING = """
import time
from benchmarks.api import Caller
from benchmarks.bare import app
caller, took = Caller(app), []
for _round in range(8):
    began = time.process_time()
    for _each in range(500):
        caller.ask("GET", "/")
    took.append(2 * (time.process_time() - began))
print(min(took))
"""


def pace() -> float:
    """How many times longer Python takes here just now than on a quiet day: it differs twofold from hour to hour where others share the machine."""
    told = subprocess.run([sys.executable, "-c", ASKING], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return float(told) / QUIET_PACE_MS


def await_quiet(data: Path, *, most_seconds: float = 300) -> None:
    """Until the runner has done what the filling left it; its work is no reader's."""
    until = time.monotonic() + most_seconds
    while time.monotonic() < until:
        with closing(sqlite3.connect(f"file:{data / 'inkhorn.sqlite3'}?mode=ro", uri=True, timeout=30)) as file:
            if file.execute("SELECT count(*) FROM job WHERE run_at <= datetime('now') AND NOT is_dead").fetchone() == (0,):
                return
        time.sleep(0.5)
    raise TimeoutError("The runner did not come to rest.")


@dataclass(frozen=True)
class Compared:
    """Medians of some rounds of ours and of the floor, loaded in turn with answers of the same bytes."""

    size: int
    cpu_ms: float
    floor_cpu_ms: float
    per_second: float
    floor_per_second: float
    p99_ms: float
    errors: int
    pace: float

    def in_words(self, floor: str) -> str:
        return (
            f"{self.cpu_ms / self.floor_cpu_ms:.1f} x {floor} ({self.floor_cpu_ms:.3f} ms); {self.per_second:,.0f} a second against"
            f" {self.floor_per_second:,.0f}; p99 {self.p99_ms:.0f} ms; {self.size / 1000:.1f} kB; {self.errors} errors"
        )


def compare(site: str, pid: int, path: str, *, floor: str, seconds: int, rounds: int) -> Compared:
    """Drive a page in turn with `floor`, an application that answers with its bytes."""
    with urllib.request.urlopen(site + path) as answer:
        body = answer.read()
    port = free_port()
    bare = f"http://127.0.0.1:{port}"
    ours: list[Load] = []
    theirs: list[Load] = []
    paces = [pace()]
    with tempfile.NamedTemporaryFile(suffix=".html") as page:
        page.write(body)
        page.flush()
        with serving(bare_command(port, floor), bare + "/", BARE_BODY=page.name, PYTHONPATH=str(ROOT)) as (server, _first):
            for _round in range(rounds):
                ours.append(drive(site, path, pid=pid, seconds=seconds))
                theirs.append(drive(bare, "/", pid=server.pid, seconds=seconds))
    paces.append(pace())
    return Compared(
        len(body),
        *(statistics.median(load.cpu_ms for load in loads) for loads in (ours, theirs)),
        *(statistics.median(load.per_second for load in loads) for loads in (ours, theirs)),
        p99_ms=statistics.median(load.p99_ms for load in ours),
        errors=sum(load.errors for load in ours),
        pace=statistics.mean(paces),
    )
