"""`inkhorn run` as a person runs it: two commands, a link, a clean end, and a sentence for everything in the way."""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path

import pytest

from inkhorn.core import revisions
from tests.ports import free_port
from tests.processes import is_alive

pytestmark = pytest.mark.slow

# A machine with much to do is waited for; nothing here is awaited that long where all is well.
PATIENCE_SECONDS = 120
WHOLE = 5


class Site:
    """One `inkhorn run` on a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.log = folder.parent / f"{folder.name}.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *words: str, **environment: str) -> "Site":
        clean = {name: value for name, value in os.environ.items() if not name.startswith("INKHORN_")}
        command = [sys.executable, "-m", "inkhorn", "run", "--data", str(self.folder), "--port", str(self.port), *words]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, env=clean | {"INKHORN_PROFILE": "development"} | environment, start_new_session=True
            )
        return self

    def answer(self, path: str = "/") -> int:
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            try:
                return int(urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=20).status)
            except urllib.error.HTTPError as error:
                return error.code
            except (OSError, HTTPException):
                assert self.process is not None
                assert self.process.poll() is None, self.told
                time.sleep(0.05)
        raise TimeoutError(self.told)

    def stop(self, number: int = signal.SIGINT) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_SECONDS)

    def refused(self) -> str:
        """What it said when it would not start."""
        assert self.process is not None
        assert self.process.wait(PATIENCE_SECONDS) == 1, self.told
        assert "Traceback" not in self.told
        return self.told.strip().splitlines()[-1]

    @property
    def told(self) -> str:
        return self.log.read_text()

    @property
    def family(self) -> list[int]:
        """Every process that it started, itself first."""
        assert self.process is not None
        found, wanted = [], [self.process.pid]
        while wanted:
            found.append(wanted.pop())
            wanted += self.family_of(found[-1])
        return found

    def whole_family(self) -> list[int]:
        """Every process once all of them are there: the parent of all, of the web, its worker, the runner's and its own."""
        end = time.monotonic() + PATIENCE_SECONDS
        while len(self.family) < WHOLE:
            assert time.monotonic() < end, self.told
            time.sleep(0.05)
        return self.family

    @staticmethod
    def family_of(pid: int) -> list[int]:
        """The children of one process, the oldest first."""
        children = Path(f"/proc/{pid}/task/{pid}/children")
        return [int(word) for word in children.read_text().split()] if children.exists() else []


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    built = Site(tmp_path / "data")
    yield built
    if built.process and built.process.poll() is None:
        for pid in reversed(built.family):
            os.kill(pid, signal.SIGKILL)
        built.process.wait()


def settle(pids: list[int]) -> list[int]:
    """Those that are still alive after a time in which all should have ended."""
    end = time.monotonic() + PATIENCE_SECONDS
    while any(map(is_alive, pids)) and time.monotonic() < end:
        time.sleep(0.05)
    return [pid for pid in pids if is_alive(pid)]


def test_a_first_start_makes_everything_and_prints_the_link(site: Site):
    assert site.start().answer() == 200
    link = re.search(r"http://127\.0\.0\.1:\d+(/setup/\S+)", site.told)
    assert link
    assert site.answer(link[1]) == 200
    assert (site.folder / "secret_key").stat().st_mode & 0o777 == 0o600
    assert revisions.revision_of_file(site.folder / "inkhorn.sqlite3") == revisions.head()


def test_a_second_start_finds_everything_as_it_was(site: Site):
    site.start().answer()
    before = [re.findall(r"/setup/\S+", site.told), (site.folder / "secret_key").read_text()]
    site.stop()
    site.log.unlink()
    site.start().answer()
    assert [re.findall(r"/setup/\S+", site.told), (site.folder / "secret_key").read_text()] == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_within_seconds_and_leaves_nobody_behind(site: Site, number: int):
    site.start().answer()
    family, began = site.family, time.monotonic()
    assert site.stop(number) == 0
    assert time.monotonic() - began < PATIENCE_SECONDS
    assert settle(family) == []
    assert "Traceback" not in site.told


@pytest.mark.skipif(sys.platform != "linux", reason="Only Linux tells a child that its parent was killed.")
def test_killing_the_parent_ends_its_children(site: Site):
    site.start().answer()
    family = site.whole_family()
    os.kill(family[0], signal.SIGKILL)
    site.process.wait()
    assert settle(family) == []


def test_every_child_that_is_killed_is_started_again(site: Site):
    site.start().answer()
    first, *children = site.whole_family()
    for pid in children:
        if is_alive(pid):
            os.kill(pid, signal.SIGKILL)
    assert settle(children) == []
    assert site.answer() == 200
    assert site.whole_family()[0] == first


def test_a_port_in_use_is_a_sentence(site: Site):
    with socket.socket() as other:
        other.bind(("127.0.0.1", site.port))
        other.listen()
        assert re.search(rf"Port {site.port} on 127\.0\.0\.1 is in use.*--port", site.start().refused())


def test_a_second_site_on_the_same_folder_is_a_sentence(site: Site):
    site.start().answer()
    other = Site(site.folder)
    other.log = site.folder.parent / "other.log"
    assert "already runs on" in other.start().refused()


def test_a_folder_that_cannot_be_made_is_a_sentence(site: Site):
    site.folder.write_text("in the way")
    assert "cannot be written" in site.start().refused()


@pytest.mark.skipif(os.geteuid() != 0, reason="Only root can mount a small disk.")
def test_a_full_disk_is_a_sentence(site: Site):
    site.folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8k", "tmpfs", site.folder], check=False, capture_output=True).returncode:
        pytest.skip("This machine does not let root mount a disk.")
    try:
        assert "the disk is full" in site.start().refused()
    finally:
        subprocess.run(["umount", site.folder], check=True)


def test_a_database_newer_than_the_program_is_a_sentence(site: Site):
    site.start().answer()
    site.stop()
    with sqlite3.connect(site.folder / "inkhorn.sqlite3") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '7777'")
    assert "a newer Inkhorn wrote it" in site.start().refused()


def test_a_file_that_is_no_database_is_a_sentence(site: Site):
    site.folder.mkdir()
    (site.folder / "inkhorn.sqlite3").write_text("A poem. " * 999)
    assert "not a database" in site.start().refused()


def test_production_keeps_plain_http_on_this_machine(site: Site):
    assert "insecure_http" in site.start("--host", "0.0.0.0", INKHORN_PROFILE="production").refused()


def test_a_web_worker_killed_again_and_again_is_always_replaced(site: Site):
    site.start().answer()
    for _ in range(4):
        web = site.family_of(site.family_of(site.process.pid)[0])
        os.kill(web[0], signal.SIGKILL)
        assert settle(web[:1]) == []
        assert site.answer() == 200
    assert site.process.poll() is None
