"""R17 and more: the disk of the data, of what is temporary or of the log is full, takes nothing, or there are no more file handles."""

import re
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.dice import dice, tell, times
from tests.factories.media import picture_bytes
from tests.faults.disks import empty, fill, small_disk, unwritable
from tests.faults.pictures import upload
from tests.faults.writers import CUT_OFF, SETTINGS, Answer, Program, ask, make_key, until_answering
from tests.processes import web_workers
from tests.running import RunningSite

pytestmark = pytest.mark.slow

TOKEN = "watching-the-tide-0123456789"
COUNTS = "import sys; from pathlib import Path; from inkhorn.core.metrics.shelf import Shelf; Shelf(Path(sys.argv[1])).put(('inkhorn_processes', 'web'), 1.0)"
IN_WORDS = re.compile(r"room|busy|disk|full|cannot|try again", re.IGNORECASE)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    # What is kept of each round has to fit beside the next.
    with small_disk(tmp_path / "disk", megabytes=50 + 8 * times(3)) as made:
        yield made


def living(site: RunningSite) -> Iterator[RunningSite]:
    yield site
    if site.process is not None and site.process.poll() is None:
        site.kill()


def assert_refused_in_words(answer: Answer) -> None:
    assert answer.status in (201, 503, 507), answer.body
    if answer.status != 201:
        assert answer.is_kind_refusal, (answer.status, answer.headers, answer.body)
        assert IN_WORDS.search(answer.json["detail"]), answer.body


def writes(program: Program, number: int) -> list[Answer]:
    words = "The fog has not lifted. " * 20_000
    sent = program.send("POST", "/posts", {"title": f"Full {number}", "body": words})
    return [sent, upload(program.site.port, program.key, picture_bytes(800 + number, 600, quality=100), f"full-{number}")]


@pytest.fixture
def crowded(disk: Path) -> Iterator[RunningSite]:
    yield from living(RunningSite(disk / "data", environment=SETTINGS | {"INKHORN_METRICS_TOKEN": TOKEN}))


def test_a_full_data_disk_refuses_in_words_and_room_is_all_it_takes(crowded: RunningSite, disk: Path):
    rounds, chance, program = times(3), dice(), Program(crowded, make_key(crowded.data))
    crowded.start()
    for number in range(rounds):
        fill(disk, but_kb=0 if number == 0 else chance.choice((0, 16, 100, 400)))
        for answer in writes(program, 2 * number):
            assert_refused_in_words(answer)
        assert [ask(crowded.port, "GET", path).status for path in ("/", "/feed.xml", "/sign-in", "/archive/")] == [200] * 4
        assert ask(crowded.port, "GET", "/metrics", Authorization=f"Bearer {TOKEN}").status == 200
        empty(disk)
        assert [answer.status for answer in writes(program, 2 * number + 1)] == [201, 201]
    assert crowded.execute("PRAGMA integrity_check") == [("ok",)]
    tell(rounds, rounds, "times that the disk was full; every write was refused in words, every page was read, and room was all it took")
    assert crowded.stop() == 0


def test_a_process_that_begins_to_count_on_a_full_disk_lives(disk: Path):
    fill(disk, but_kb=16)
    counted = subprocess.run([sys.executable, "-c", COUNTS, disk / "metrics"], capture_output=True, timeout=120, check=False)
    assert (counted.returncode, list(disk.glob("metrics/*.figures"))) == (0, []), counted.stderr


def test_a_full_log_stops_nobody(disk: Path, tmp_path: Path):
    site = RunningSite(tmp_path / "data", environment=SETTINGS | {"INKHORN_LOG_FILE": str(disk / "inkhorn.log")})
    program = Program(site, make_key(site.data, SETTINGS))
    try:
        site.start()
        fill(disk, but_kb=0)
        assert ask(site.port, "GET", "/").status == 200
        assert [answer.status for answer in writes(program, 1)] == [201, 201]
        empty(disk)
        assert ask(site.port, "GET", "/archive/").status == 200
        assert (disk / "inkhorn.log").read_text().splitlines()
        assert site.stop() == 0
    finally:
        if site.process.poll() is None:
            site.kill()
    tell(1, 1, "full disk of the log; reading and writing went on")


def test_files_on_a_disk_that_takes_nothing_are_refused_in_words(site: RunningSite, program: Program):
    site.start()
    assert [answer.status for answer in writes(program, 1)] == [201, 201]
    with unwritable(site.data / "media"), unwritable(site.data / "tmp"):
        post, file = writes(program, 2)
        assert post.status == 201
        assert_refused_in_words(file)
        assert file.status != 201
        assert ask(site.port, "GET", "/").status == 200
    assert [answer.status for answer in writes(program, 3)] == [201, 201]
    tell(1, 1, "disk of files that takes nothing; texts were kept, files refused in words")
    assert site.stop() == 0


def test_a_site_on_a_disk_that_takes_nothing_does_not_start_and_says_why(site: RunningSite, program: Program):
    with unwritable(site.data):
        with pytest.raises(AssertionError):
            site.start()
        assert site.process.wait(30) == 1
        assert "Traceback" not in site.log
        assert re.search(r"cannot be written|read-only|readonly", site.log, re.IGNORECASE), site.log
    assert site.start().stop() == 0


def test_a_worker_without_file_handles_is_well_again_once_it_has_some(site: RunningSite, program: Program):
    rounds = times(2)
    site.start()
    for number in range(rounds):
        workers = web_workers(site.process.pid)
        # Who had to map it at the first request would have no handle for it.
        assert all("pages.generation" in Path(f"/proc/{pid}/maps").read_text() for pid in workers)
        before = {pid: resource.prlimit(pid, resource.RLIMIT_NOFILE) for pid in workers}
        for pid in workers:
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (len(list(Path(f"/proc/{pid}/fd").iterdir())) + 1, before[pid][1]))
        for ask_again in range(6):
            with suppress(*CUT_OFF):
                answer = program.send("POST", "/posts", {"title": f"Bare {number} {ask_again}"}, seconds=5)
                assert answer.status == 201 or answer.is_kind_refusal, (answer.status, answer.body, site.log)
            with suppress(*CUT_OFF):
                picture, once = picture_bytes(300 + ask_again, 200 + number), f"bare-{number}-{ask_again}"
                answer = upload(site.port, program.key, picture, once, seconds=5)
                assert answer.status == 201 or answer.is_kind_refusal, (answer.status, answer.body, site.log)
        for pid, limit in before.items():
            with suppress(ProcessLookupError):
                resource.prlimit(pid, resource.RLIMIT_NOFILE, limit)
        until_answering(site)
        assert [answer.status for answer in writes(program, number + 20_000)] == [201, 201]
    assert site.execute("PRAGMA integrity_check") == [("ok",)]
    tell(rounds, rounds, "times that workers had no file handles left; all was well again once they had")
    assert site.stop() == 0
