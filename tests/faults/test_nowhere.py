"""R34: on a machine without any network pages are drawn and posts published as ever, though mail and sign-in by others are set up."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.dice import tell
from tests.running import clean_environment

pytestmark = pytest.mark.slow


def test_without_any_network_pages_are_drawn_and_posts_published(tmp_path: Path):
    apart = ["unshare", "--net", "sh", "-c"]
    if not shutil.which("unshare") or subprocess.run([*apart, "ip link set lo up"], capture_output=True, check=False).returncode:
        pytest.skip("Only root may take the network away, and not everywhere.")
    script = f'ip link set lo up && exec "{sys.executable}" -m tests.faults.nowhere_program "{tmp_path / "data"}"'
    run = subprocess.run(
        [*apart, script], env=clean_environment(), cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=300, check=False
    )
    assert run.returncode == 0, run.stderr[-3000:]
    told = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]
    assert len(told) == 70
    assert {(each["path"], each["status"]) for each in told if each["status"] not in (200, 201)} == set()
    took = sorted(each["seconds"] for each in told)
    tell(len(told), len(told), f"pages and posts without any network; the slowest took {took[-1]:.2f} s")
