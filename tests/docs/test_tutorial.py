"""The tutorial, done as it is written: each of its commands by a shell, what it does in a browser by a browser."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.architecture.tree import ROOT
from tests.docs.tree import DOCS, blocks
from tests.docs.walk import TEXT, Album, first_post
from tests.running import RunningSite, clean_environment

pytestmark = pytest.mark.browser

TUTORIAL = DOCS / "tutorial" / "first-site.md"
START, *LATER = blocks(TUTORIAL, "sh", "bash")
STAMPS = (".venv/.dev-is-ready", ".venv/.runtime-is-ready")


def environment(home: Path, **more: str) -> dict[str, str]:
    """A newcomer's, whose home is empty; a make that runs these tests says nothing to the one of the tutorial."""
    return {name: value for name, value in clean_environment().items() if not name.startswith("MAKE")} | {"HOME": str(home), **more}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if subprocess.run(["make", "-q", *STAMPS], cwd=ROOT, capture_output=True, check=False).returncode:
        pytest.skip("the environment of this checkout is not ready: make setup")
    return tmp_path_factory.mktemp("newcomer")


@pytest.fixture(scope="module")
def site(home: Path) -> Iterator[RunningSite]:
    """What the first block starts."""
    started = RunningSite(home / "tide")
    with (home / "tide.log").open("ab") as log:
        started.process = subprocess.Popen(
            ["sh", "-c", START], cwd=ROOT, env=environment(home, PORT=str(started.port)), stdout=log, stderr=log, start_new_session=True
        )
    try:
        started._await_answer()
        yield started
    finally:
        # As Ctrl+C does: the whole group is told, make and what it started.
        with suppress(ProcessLookupError):
            os.killpg(started.process.pid, signal.SIGINT)
        try:
            started.process.wait(120)
        except subprocess.TimeoutExpired:
            started.kill()


@pytest.fixture(scope="module")
def walked(site: RunningSite, chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The browser's part, done; what there was to see on the way."""
    album, context = Album(tmp_path_factory.mktemp("seen")), chromium.new_context()
    first_post(context.new_page(), site.setup_address(), album)
    context.close()
    return album.names


def test_the_browser_s_part_is_as_the_tutorial_tells_it(walked: list[str]):
    assert [f"../pictures/{name}.webp" for name in walked] == pictures_of(TUTORIAL)
    assert blocks(TUTORIAL, "markdown") == [TEXT]


def test_every_later_command_does_what_is_said(walked: list[str], home: Path):
    script = "set -e\n" + "\n".join(LATER)
    done = subprocess.run(
        ["sh", "-c", script],
        cwd=ROOT,
        env=environment(home),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for told in ("Everything is well.", "Would be carried over", "1 post: 1 new", "The backup is whole", "Everybody has to sign in again."):
        assert told in done.stdout + done.stderr
    before, after = re.findall(r"posts .* (\d+) published", done.stdout)
    assert (before, after) == ("1", "2")


def test_what_it_shows_of_the_start_is_what_the_start_says(site: RunningSite):
    (shown,) = [each for each in blocks(TUTORIAL, "text") if "Nobody owns" in each]
    for line in ("Nobody owns this site yet. Open this link once to set it up:", "Stop it with Ctrl+C."):
        assert line in shown
        assert line in site.log


def pictures_of(paper: Path) -> list[str]:
    return re.findall(r"!\[[^\]]+\]\(([^)]+)\)", paper.read_text(encoding="utf-8"))
