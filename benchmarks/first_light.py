"""A thousand posts on SQLite, nothing kept: each page beside a bare Flask route of the same bytes; start, memory and disk."""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.content import generate
from benchmarks.figures import Figure, record
from benchmarks.measures import ROOT, await_quiet, compare, folder_megabytes, free_port, inkhorn, pace, pss_megabytes, serving

ZOLA = ROOT.parent / "shared" / "corpora" / "md-rust-zola"
# Bars of the issues: CPU milliseconds of the server's tree a request, seconds, megabytes, posts a second.
BARS = {"post": 1.4, "home": 1.8, "tag": 1.8, "feed": 1.8}
START_BAR, MEMORY_BAR, DISK_BAR, IMPORT_BAR = 1.0, 200, 200, 60
STARTS = 5


def pages(posts: int = 1000) -> dict[str, str]:
    newest = list(generate(posts))[-1]
    return {"post": f"/{newest['slug']}/", "home": "/", "tag": f"/tag/{newest['tags'][0]}/", "feed": "/feed.xml"}


def filled(folder: str, posts: int) -> None:
    """A migrated data folder with so many posts, by the verbs of the house."""
    subprocess.run(inkhorn("--data", folder, "migrate"), check=True, capture_output=True)
    subprocess.run([sys.executable, "-m", "benchmarks.fill", folder, str(posts)], cwd=ROOT, check=True)


def first_answers(command: list[str], site: str) -> list[float]:
    """Seconds to the first page after each of some starts, the first of which is left out: it fills the file cache."""
    took = []
    for _start in range(STARTS + 1):
        with serving(command, site + "/", INKHORN_LOG_LEVEL="warning") as (_server, first):
            took.append(first)
    return sorted(took[1:])


def import_rate() -> None:
    if not ZOLA.exists():
        print("import left out: the Zola corpus is not beside this checkout")
        return
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(inkhorn("--data", folder, "migrate"), check=True, capture_output=True)
        began = time.monotonic()
        subprocess.run(inkhorn("--data", folder, "import", "markdown", str(ZOLA)), check=True, capture_output=True)
        spent = time.monotonic() - began
    record(
        Figure(
            "import of 386 Zola posts",
            386 / spent,
            "a second",
            IMPORT_BAR,
            is_least=True,
            pace=pace(),
            beside="start of the command included",
        )
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--posts", type=int, default=1000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        port = free_port()
        site = f"http://127.0.0.1:{port}"
        filled(name, options.posts)
        command = inkhorn("--data", name, "run", "--port", str(port))
        starts = first_answers(command, site)
        record(
            Figure(
                "first answer after start",
                starts[len(starts) // 2],
                "s",
                START_BAR,
                pace=pace(),
                beside=f"{starts[0]:.2f} to {starts[-1]:.2f} s",
            )
        )
        # What a page costs that is drawn; those given out from memory are measured by benchmarks.kept_pages.
        with serving(command, site + "/", INKHORN_LOG_LEVEL="warning", INKHORN_PAGE_CACHE_MB="0") as (server, _first):
            await_quiet(Path(name))
            for page, path in pages(options.posts).items():
                seen = compare(site, server.pid, path, floor="benchmarks.bare:app", seconds=options.seconds, rounds=options.rounds)
                record(Figure(f"{page}, drawn", seen.cpu_ms, "ms", BARS[page], beside=seen.in_words("bare Flask"), pace=seen.pace))
            sizes = pss_megabytes(server.pid)
        record(
            Figure(
                "memory",
                sum(sizes.values()),
                "MB",
                MEMORY_BAR,
                beside=f"PSS of {len(sizes)} processes (web, runner, parent) after the load",
            )
        )
    import_rate()
    disk = folder_megabytes(Path(sys.prefix) / "lib")
    record(Figure("disk, with development tools", disk, "MB", beside=f"without bytecode; bar {DISK_BAR} MB for what `make run` installs"))


if __name__ == "__main__":
    main()
