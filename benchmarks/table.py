"""`make bench`: every measurement in turn, each in a process of its own, and the one table of all figures at the end."""

import argparse
import importlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.figures import BOOK, read_book, table
from benchmarks.measures import ROOT

# In this order; each name is a module of this folder, and what its quick form is given.
RUNS: dict[str, list[str]] = {
    "first_light": ["--seconds", "2", "--rounds", "1"],
    "kept_pages": ["--seconds", "2", "--rounds", "1"],
    "behind_nginx": ["--seconds", "2", "--rounds", "1"],
    "api": ["--rounds", "10"],
    "programs": ["--seconds", "2", "--many", "50"],
    "search": ["--rounds", "1", "--many", "200"],
    "growth": ["--large", "5000", "--seconds", "1", "--rounds", "1"],
    "people": ["--rounds", "20", "--repeats", "1", "--seconds", "2"],
    "comments": ["--seconds", "4", "--rounds", "1"],
    "moving_in": ["--posts", "500"],
    "weights": ["--no-lighthouse"],
}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="*", metavar="RUN", help=f"Which of {', '.join(RUNS)}; all without it.")
    parser.add_argument(
        "--quick", action="store_true", help="A few minutes instead of an hour: whether everything runs, not how fast it is."
    )
    options = parser.parse_args(arguments)
    if unknown := set(options.runs) - set(RUNS):
        parser.error(f"there is no measurement called {', '.join(sorted(unknown))}; there are {', '.join(RUNS)}")
    if not shutil.which("wrk"):
        parser.error("the load driver wrk is not on this machine; install the package wrk")
    failed = []
    with tempfile.TemporaryDirectory() as folder:
        book = Path(folder) / "book"
        for name in options.runs or RUNS:
            said = (importlib.import_module(f"benchmarks.{name}").__doc__ or "").partition("\n")[0]
            print(f"\n{name}: {said}", flush=True)
            began = time.monotonic()
            command = [sys.executable, "-m", f"benchmarks.{name}", *(RUNS[name] if options.quick else [])]
            done = subprocess.run(command, cwd=ROOT, env=os.environ | {BOOK: str(book)}, check=False)
            if done.returncode:
                failed.append(name)
            print(f"({time.monotonic() - began:.0f} s)", flush=True)
        figures = read_book(book)
    print(
        f"\nLoad of the machine at the end: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors. CPU counts; the clock is what others leave of it.\n"
    )
    print(table(figures))
    missed = [each.what for each in figures if not each.holds]
    print(f"\n{len(figures)} figures, {len(missed)} miss their bar{': ' if missed else '.'}{', '.join(missed)}")
    if failed:
        print(f"Not measured to the end: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
