"""What a page costs that is given out from memory, beside the same bytes from a bare WSGI function on the same server, in one run."""

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

from benchmarks.first_light import ROOT, bare_command, free_port, inkhorn, pages, serving
from benchmarks.measures import Load, drive

# Bars of the issue: CPU milliseconds of the server's tree a request, and the share of the bare function's requests a second.
CPU_BAR, SHARE_BAR = 0.035, 0.80


def measure(site: str, pid: int, scenario: str, path: str, *, seconds: int, rounds: int) -> None:
    """Drive the page and the bare function in turn, and print both with their ratio."""
    with urllib.request.urlopen(site + path) as answer:
        body = answer.read()
    port = free_port()
    bare = f"http://127.0.0.1:{port}"
    ours: list[Load] = []
    floor: list[Load] = []
    with tempfile.NamedTemporaryFile(suffix=".html") as page:
        page.write(body)
        page.flush()
        command = [*bare_command(port)[:-1], "benchmarks.bare_wsgi:app"]
        with serving(command, bare + "/", BARE_BODY=page.name, PYTHONPATH=str(ROOT)) as (server, _first):
            for _round in range(rounds):
                ours.append(drive(site, path, pid=pid, seconds=seconds))
                floor.append(drive(bare, "/", pid=server.pid, seconds=seconds))
    cpu, least = (statistics.median(load.cpu_ms for load in loads) for loads in (ours, floor))
    rate, bare_rate = (statistics.median(load.per_second for load in loads) for loads in (ours, floor))
    print(
        f"{scenario:6} {len(body) / 1000:7.1f} kB  {cpu:6.3f} ms CPU (bar {CPU_BAR})  = {cpu / least:4.2f} x bare WSGI ({least:.3f} ms)"
        f"  {rate:6.0f}/s against {bare_rate:6.0f}/s = {rate / bare_rate:.2f} (bar {SHARE_BAR})"
        f"  p99 {statistics.median(load.p99_ms for load in ours):.1f} ms  errors {sum(load.errors for load in ours)}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--posts", type=int, default=200)
    options = parser.parse_args()
    if not shutil.which("wrk"):
        sys.exit("The load driver wrk is not on this machine; install the package wrk.")
    with tempfile.TemporaryDirectory() as name:
        data, port = Path(name), free_port()
        site = f"http://127.0.0.1:{port}"
        subprocess.run(inkhorn("--data", name, "migrate"), check=True, capture_output=True)
        subprocess.run([sys.executable, "-m", "benchmarks.fill", name, str(options.posts)], cwd=ROOT, check=True)
        with serving(inkhorn("--data", str(data), "run", "--port", str(port)), site + "/") as (server, _first):
            for scenario, path in pages(options.posts).items():
                measure(site, server.pid, scenario, path, seconds=options.seconds, rounds=options.rounds)


if __name__ == "__main__":
    main()
