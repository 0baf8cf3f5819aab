"""R19: seen from the kernel, what was acknowledged lies on the disk before the answer leaves."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.dice import tell, times
from tests.faults.writers import Program
from tests.processes import web_workers
from tests.running import RunningSite

pytestmark = pytest.mark.slow

CALLS = "trace=fsync,fdatasync,pwrite64,write,writev,sendto,sendmsg"
LOG = "inkhorn.sqlite3-wal"
WRITTEN = f"7 pwrite64(9</d/{LOG}>, 1, 1)\n"


def watched(site: RunningSite, folder: Path) -> "subprocess.Popen[bytes]":
    if not shutil.which("strace"):
        pytest.skip("strace is not installed here.")
    command = ["strace", "-f", "-y", "-s", "8000", "-e", CALLS, "-o", str(folder / "calls")]
    process = subprocess.Popen([*command, "-p", ",".join(map(str, web_workers(site.process.pid)))], stderr=subprocess.PIPE)
    assert process.stderr is not None
    first = process.stderr.readline()
    if b"attached" not in first:
        process.wait(20)
        pytest.skip("This machine lets nobody watch a process.")
    return process


def test_an_answer_leaves_after_its_rows_are_on_the_disk(site: RunningSite, program: Program, tmp_path: Path):
    rounds = times(5)
    site.environment["INKHORN_WEB_WORKERS"] = "1"
    site.start()
    assert program.send("POST", "/posts", {"title": "Warm"}).status == 201
    watcher = watched(site, tmp_path)
    for number in range(rounds):
        made = program.send("POST", "/posts", {"title": f"Marker {number:04}", "body": "Words."})
        assert made.status == 201
        told = program.send("POST", f"/posts/{made.json['data']['id']}/publish", If_Match=made.headers["etag"])
        assert told.status == 200
    watcher.terminate()
    watcher.wait(60)
    proofs = orders((tmp_path / "calls").read_text(errors="replace"))
    assert len(proofs) >= 2 * rounds, f"{len(proofs)} answers were seen"
    assert all(proofs), proofs
    tell(len(proofs), len(proofs), "answers to a change that left after the flush of what they acknowledged")
    assert site.stop() == 0


def orders(calls: str) -> list[bool]:
    """Of each answer that acknowledges a change, whether everything written to the log before it had been flushed."""
    found, is_dirty, wrote, unfinished = [], False, False, {}
    for line in calls.splitlines():
        thread, _, call = line.partition(" ")
        call = call.strip()
        if call.endswith("<unfinished ...>"):
            unfinished[thread] = call
        if resumed := re.match(r"<\.\.\. \w+ resumed>", call):
            # A flush counts once it has ended, a write from its beginning.
            call = unfinished.pop(thread, "") + call[resumed.end() :]
            if not call.startswith(("fsync", "fdatasync")):
                continue
        if LOG in call and call.startswith(("pwrite64", "write")):
            is_dirty, wrote = True, True
        elif LOG in call and call.startswith(("fsync", "fdatasync")) and not call.endswith("<unfinished ...>"):
            is_dirty = False
        elif re.search(r"HTTP/1\.1 20[01] ", call) and wrote:
            found.append(not is_dirty)
            wrote = False
    return found


@pytest.mark.parametrize(
    ("calls", "proof"),
    [
        (
            f"{WRITTEN}7 fdatasync(9</d/{LOG}>) = 0\n8 writev(4<s>, HTTP/1.1 201 Created",
            [True],
        ),
        (f"{WRITTEN}8 writev(4<s>, HTTP/1.1 201 Created", [False]),
        (
            f"{WRITTEN}7 fdatasync(9</d/{LOG}> <unfinished ...>\n8 writev(4<s>, HTTP/1.1 201 Created\n7 <... fdatasync resumed>) = 0",
            [False],
        ),
    ],
)
def test_an_answer_that_is_too_early_would_be_seen(calls: str, proof: list[bool]):
    assert orders(calls) == proof
