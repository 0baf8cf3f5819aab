"""Runs the long form of every fault in docs/faults.md and prints how many of how many went well, by which seed: python -m tests.faults.run [R1 R8 …]."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.architecture.test_faults import PAPER, rows

ROOT = PAPER.parents[1]


def run(test: str, long_form: str, folder: Path) -> tuple[bool, str]:
    """Whether it went well, and what there is to tell of it."""
    book, environment = folder / "book", dict(os.environ)
    book.unlink(missing_ok=True)
    environment["INKHORN_TEST_BOOK"] = str(book)
    if long_form.isdigit() and not environment.get("INKHORN_TEST_KILLS"):
        environment["INKHORN_TEST_KILLS"] = long_form
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", test],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    last = done.stdout.strip().splitlines()[-1] if done.stdout.strip() else done.stderr[-300:]
    if done.returncode:
        print(done.stdout[-6000:], file=sys.stderr)
    lines = [json.loads(line) for line in book.read_text().splitlines()] if book.exists() else []
    told = "; ".join(f"{line['done']} of {line['of']} {line['what']}, seed {line['seed']}" for line in lines)
    return done.returncode == 0, told or last


def main(wanted: list[str]) -> int:
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, (tests, long_form) in rows(PAPER.read_text(encoding="utf-8")).items():
            if wanted and name not in wanted:
                continue
            for test in tests:
                is_well, told = run(test, long_form, Path(folder))
                failed += not is_well
                print(f"{name:4} {'well  ' if is_well else 'FAILED'} {test.partition('::')[2]}: {told}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
