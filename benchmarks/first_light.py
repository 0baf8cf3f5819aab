"""`make bench`: a thousand posts on SQLite, each page beside a bare Flask route of the same bytes, in one run."""

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.content import generate
from benchmarks.measures import Load, drive, folder_megabytes, pss_megabytes, wait_for

ROOT = Path(__file__).parents[1]
ZOLA = ROOT.parent / "shared" / "corpora" / "md-rust-zola"
# Bars of the issue: CPU milliseconds of the server's tree a request.
BARS = {"post": 1.4, "home": 1.8, "tag": 1.8, "feed": 1.8}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def inkhorn(*words: str, **extra: object) -> list[str]:
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


def bare_command(port: int) -> list[str]:
    return [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)),
        *("--workers", "2", "--blocking-threads", "4", "--no-log", "benchmarks.bare:app"),
    ]


def measure(site: str, pid: int, scenario: str, path: str, *, seconds: int, rounds: int) -> None:
    """Drive the page and a bare route of its bytes in turn, and print both with their ratio."""
    with urllib.request.urlopen(site + path) as answer:
        body = answer.read()
    port = free_port()
    bare = f"http://127.0.0.1:{port}"
    ours: list[Load] = []
    floor: list[Load] = []
    with tempfile.NamedTemporaryFile(suffix=".html") as page:
        page.write(body)
        page.flush()
        with serving(bare_command(port), bare + "/", BARE_BODY=page.name, PYTHONPATH=str(ROOT)) as (server, _):
            for _round in range(rounds):
                ours.append(drive(site, path, pid=pid, seconds=seconds))
                floor.append(drive(bare, "/", pid=server.pid, seconds=seconds))
    cpu, least = (statistics.median(load.cpu_ms for load in loads) for loads in (ours, floor))
    rate, bare_rate = (statistics.median(load.per_second for load in loads) for loads in (ours, floor))
    print(
        f"{scenario:6} {len(body) / 1000:7.1f} kB  {cpu:6.2f} ms CPU (bar {BARS[scenario]})  = {cpu / least:5.1f} x bare Flask ({least:.3f} ms)"
        f"  {rate:6.0f}/s against {bare_rate:6.0f}/s  p99 {statistics.median(load.p99_ms for load in ours):.0f} ms"
        f"  errors {sum(load.errors for load in ours)}"
    )


def pages(posts: int = 1000) -> dict[str, str]:
    newest = list(generate(posts))[-1]
    return {"post": f"/{newest['slug']}/", "home": "/", "tag": f"/tag/{newest['tags'][0]}/", "feed": "/feed.xml"}


def import_rate() -> None:
    if not ZOLA.exists():
        print("import  left out: the Zola corpus is not beside this checkout")
        return
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(inkhorn("--data", folder, "migrate"), check=True, capture_output=True)
        began = time.monotonic()
        subprocess.run(inkhorn("--data", folder, "import", "markdown", str(ZOLA)), check=True, capture_output=True)
        spent = time.monotonic() - began
    print(f"import  386 Zola posts in {spent:.1f} s = {386 / spent:.0f} posts a second, start of the command included (bar 60)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--posts", type=int, default=1000)
    options = parser.parse_args()
    if not shutil.which("wrk"):
        sys.exit("The load driver wrk is not on this machine; install the package wrk.")
    with tempfile.TemporaryDirectory() as name:
        port = free_port()
        site = f"http://127.0.0.1:{port}"
        subprocess.run(inkhorn("--data", name, "migrate"), check=True, capture_output=True)
        subprocess.run([sys.executable, "-m", "benchmarks.fill", name, str(options.posts)], cwd=ROOT, check=True)
        command = inkhorn("--data", name, "run", "--port", str(port))
        # What a page costs that is drawn; those given out from memory are measured by benchmarks.kept_pages.
        with serving(command, site + "/", INKHORN_LOG_LEVEL="warning", INKHORN_PAGE_CACHE_MB="0") as (server, first):
            print(f"first answer {first:.2f} s after the start (bar 1.5)")
            for scenario, path in pages(options.posts).items():
                measure(site, server.pid, scenario, path, seconds=options.seconds, rounds=options.rounds)
            sizes = pss_megabytes(server.pid)
            print(f"memory  {sum(sizes.values()):.0f} MB PSS in {len(sizes)} processes after load (bar 260)")
    import_rate()
    environment = Path(sys.prefix) / "lib"
    print(
        f"disk    {folder_megabytes(environment):.0f} MB of packages without bytecode, development tools included where they are installed"
    )


if __name__ == "__main__":
    main()
