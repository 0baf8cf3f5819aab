"""The demo publication, made once for a whole run and copied for whoever wants it: to make it takes a quarter of a minute."""

import fcntl
import shutil
import time
from pathlib import Path

import pytest

from tests.running import RunningSite, inkhorn

OWNER = {"email": "ada@example.org", "name": "Ada Marsh", "password": "correct horse battery staple 7"}
# Pages are kept as a site that readers visit keeps them.
SETTINGS = {"INKHORN_PROFILE": "development", "INKHORN_CAPTCHA": "none", "INKHORN_PAGE_CACHE_MB": "32"}
PATIENCE_SECONDS = 120


def copy_demo(to: Path, factory: pytest.TempPathFactory, config: pytest.Config) -> Path:
    """A data folder of its own with the demo in it, its owner, and every picture drawn."""
    base = factory.getbasetemp()
    # Workers of one run have folders side by side.
    shared = (base.parent if hasattr(config, "workerinput") else base) / "demo"
    with (shared.parent / "demo.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not shared.exists():
            made = shared.with_name("demo-in-the-making")
            shutil.rmtree(made, ignore_errors=True)
            make_demo(made, SETTINGS)
            _draw_pictures(made)
            made.rename(shared)
    shutil.copytree(shared, to, ignore=shutil.ignore_patterns("*.lock"))
    return to


def make_demo(data: Path, settings: dict[str, str]) -> None:
    """The demo and its owner, on the database of the settings."""
    for words, stdin in (
        (("migrate",), None),
        (("user", "create", OWNER["email"], "--name", OWNER["name"], "--role", "owner", "--password-stdin"), OWNER["password"] + "\n"),
        (("seed",), None),
    ):
        done = inkhorn(data, *words, stdin=stdin, **settings)
        assert done.returncode == 0, done.stderr


def _draw_pictures(data: Path) -> None:
    site = RunningSite(data, environment=SETTINGS).start()
    until = time.monotonic() + PATIENCE_SECONDS
    while site.execute("SELECT count(*) FROM job WHERE name = 'media.make_renditions'") != [(0,)]:
        assert time.monotonic() < until, site.log
        time.sleep(0.2)
    assert site.stop() == 0, site.log
