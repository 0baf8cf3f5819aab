"""R15: a post that is promised for an hour, while the site sleeps through it or its clock is moved; it appears once and never early."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.dice import tell, times
from tests.faults.writers import Program
from tests.running import RunningSite, clean_environment

pytestmark = pytest.mark.slow

PATIENCE_SECONDS = 90


def promise(program: Program, title: str, at: datetime) -> int:
    made = program.send("POST", "/posts", {"title": title, "body": "Words."})
    number = made.json["data"]["id"]
    told = program.send("POST", f"/posts/{number}/publish", {"release_at": at.isoformat()}, If_Match=made.headers["etag"])
    assert (told.status, told.json["data"]["status"]) == (200, "scheduled"), told.body
    return int(number)


def state(site: RunningSite, number: int) -> tuple[str, datetime | None]:
    ((status, at),) = site.execute("SELECT status, published_at FROM post WHERE id = %s", number)
    return status, datetime.fromisoformat(at).replace(tzinfo=UTC) if at else None


def until(true: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < end, "It did not happen in time."
        time.sleep(0.1)


def test_a_site_that_slept_through_an_hour_keeps_its_promise_at_its_start(site: RunningSite, program: Program):
    rounds = times(1)
    site.start()
    for number in range(rounds):
        hour = datetime.now(UTC) + timedelta(seconds=20)
        post = promise(program, f"Slept {number}", hour)
        if number % 2:
            site.kill()
        else:
            site.stop()
        until(lambda hour=hour: datetime.now(UTC) > hour)
        assert state(site, post)[0] in ("scheduled", "published")
        site.start()
        until(lambda post=post: state(site, post)[0] == "published")
        assert state(site, post)[1] == hour
        assert site.execute("SELECT count(*) FROM post WHERE title = %s AND status = 'published'", f"Slept {number}") == [(1,)]
    tell(rounds, rounds, "hours that were slept through; each post appeared once, under the hour that was promised")
    site.stop()


@contextmanager
def runner(data: Path, file: Path) -> Iterator[None]:
    command = [sys.executable, "-m", "tests.faults.clock_program", str(data), str(file)]
    process = subprocess.Popen(command, env=clean_environment(), cwd=Path(__file__).parents[2], stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(60)


def test_a_clock_that_is_moved_publishes_nothing_early_and_nothing_twice(site: RunningSite, program: Program, tmp_path: Path):
    rounds, file, hours = times(1), tmp_path / "offset", timedelta(hours=1)
    site.start()
    now = datetime.now(UTC)
    posts = {hour: promise(program, f"In {hour} hours", now + hour * hours) for hour in range(1, 2 * rounds + 2)}
    site.stop()
    moved = 0
    for number in range(rounds):
        file.write_text("0")
        with runner(site.data, file):
            # An hour ahead, back again, and on to the next hour: what was due is there, what was not is not.
            for ahead in (2 * number + 1, 0, 2 * number + 2):
                file.write_text(str(ahead * 3600 + 60))
                mark = ticks(site)
                until(lambda mark=mark: ticks(site) != mark and not site.execute("SELECT 1 FROM job WHERE name LIKE 'posts.release%%'"))
                reached = max(ahead, 2 * number + 1)
                until(lambda reached=reached: state(site, posts[reached])[0] == "published")
                assert [state(site, posts[hour])[0] for hour in posts if hour > reached] == ["scheduled"] * (len(posts) - reached)
                moved += 1
    dates = {hour: state(site, post)[1] for hour, post in posts.items() if hour < len(posts)}
    assert dates == {hour: now + hour * hours for hour in dates}
    tell(moved, 3 * rounds, "moves of the clock; nothing appeared early, late or twice")


def ticks(site: RunningSite) -> list[tuple[object, ...]]:
    return site.execute("SELECT last_at FROM periodic WHERE name = 'posts.release_due_posts'")
