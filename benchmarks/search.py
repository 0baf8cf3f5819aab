"""Searching a thousand posts: a page of marked, ranked results beside a bare Flask route of its bytes."""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from http.client import HTTPConnection
from pathlib import Path

from benchmarks.figures import Figure, record
from benchmarks.measures import ROOT, bare_command, cpu_seconds, free_port, inkhorn, pace, serving
from benchmarks.rows import POSTS_A_WORD, fill, word

# Bar of the issue: CPU milliseconds of the server's tree for one search of a thousand posts.
BAR_MS = 3.0
POSTS = 1000


def cost(port: int, pid: int, paths: Sequence[str], *, rounds: int, many: int) -> tuple[float, int]:
    """CPU milliseconds of one answer over a kept connection, without what the server spends doing nothing; the median of some rounds, and the most bytes."""
    spent, size = [], 0
    for _ in range(rounds + 1):
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        before, began = cpu_seconds(pid), time.monotonic()
        for number in range(many):
            # As many addresses ask, since one may ask no more than fifty times in ten seconds.
            connection.request("GET", paths[number % len(paths)], headers={"X-Forwarded-For": f"192.0.2.{number % 250}"})
            answer = connection.getresponse()
            size = max(size, len(answer.read()))
            assert answer.status == 200, answer.status
        took, lasted = cpu_seconds(pid) - before, time.monotonic() - began
        idle = cpu_seconds(pid)
        time.sleep(lasted)
        spent.append(1000 * (took - (cpu_seconds(pid) - idle)) / many)
        time.sleep(max(0.0, 10 - lasted))
    return statistics.median(spent[1:]), size


def floor(size: int, *, rounds: int, many: int) -> float:
    """The same for a bare Flask route that answers with so many bytes."""
    port = free_port()
    with tempfile.NamedTemporaryFile(suffix=".html") as page:
        page.write(b"x" * size)
        page.flush()
        with serving(bare_command(port), f"http://127.0.0.1:{port}/", BARE_BODY=page.name, PYTHONPATH=str(ROOT)) as (server, _):
            return cost(port, server.pid, ["/"], rounds=rounds, many=many)[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--many", type=int, default=1000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        port = free_port()
        subprocess.run(inkhorn("--data", name, "migrate"), check=True, capture_output=True)
        fill(Path(name), POSTS)
        command = inkhorn("--data", name, "run", "--port", str(port))
        with serving(command, f"http://127.0.0.1:{port}/", INKHORN_LOG_LEVEL="warning", INKHORN_TRUSTED_PROXIES="1") as (server, _):
            time.sleep(5)
            words = POSTS // POSTS_A_WORD
            paths = [f"/search?q={word(number * 7 % words)}" for number in range(words)]
            spent, size = cost(port, server.pid, paths, rounds=options.rounds, many=options.many)
        least = floor(size, rounds=options.rounds, many=options.many)
    record(
        Figure(
            "search",
            spent,
            "ms",
            BAR_MS,
            pace=pace(),
            beside=f"{spent / least:.1f} x bare Flask ({least:.3f} ms); page of {size / 1000:.1f} kB",
        )
    )


if __name__ == "__main__":
    sys.exit(main())
