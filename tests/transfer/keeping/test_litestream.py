"""Litestream with the configuration that we ship: the machine is lost, and what it had copied comes back."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from inkhorn.transfer.services.keeping.making import Wishes, make_backup
from inkhorn.transfer.services.keeping.restoring import restore_backup
from tests.conftest import config_for
from tests.running import RunningSite, clean_environment, inkhorn
from tests.transfer.keeping.looks import settings_written

pytestmark = pytest.mark.slow

CONFIGURATION = Path(__file__).parents[3] / "deploy" / "litestream.yml"
PATIENCE_SECONDS = 120


@pytest.fixture
def program() -> str:
    found = shutil.which("litestream", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if found is None:
        pytest.skip("Litestream is not installed here.")
    return found


@contextmanager
def copying(program: str, environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as told:
        process = subprocess.Popen([program, "replicate", "-config", CONFIGURATION], env=environment, stdout=told, stderr=told)
    try:
        yield process
    finally:
        process.kill()
        process.wait(120)


def came_back(program: str, environment: dict[str, str], target: Path) -> set[str]:
    """What a restore brings at this moment; nothing before the first copy."""
    target.unlink(missing_ok=True)
    path = f"{environment['INKHORN_DATA']}/inkhorn.sqlite3"
    command = [program, "restore", "-config", CONFIGURATION, "-o", target, path]
    if subprocess.run(command, env=environment, capture_output=True, timeout=PATIENCE_SECONDS, check=False).returncode:
        return set()
    with closing(sqlite3.connect(target)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return {key for (key,) in database.execute("SELECT key FROM setting WHERE section = 'load'")}


def test_what_was_copied_survives_the_loss_of_the_machine(program, tmp_path):
    data = tmp_path / "data"
    environment = clean_environment() | {"INKHORN_DATA": str(data), "COPY_URL": f"file://{tmp_path / 'copy'}"}
    site = RunningSite(data, environment={"INKHORN_CHECKPOINTS": "litestream", "INKHORN_PROFILE": "development"}).start()
    try:
        with copying(program, environment, tmp_path / "litestream.log"):
            wanted = {f"key{number}" for number in range(400)}
            with settings_written(data / "inkhorn.sqlite3") as put:
                for key in sorted(wanted):
                    # Enough for the log to be written back many times.
                    put(key, json.dumps("x" * 40_000))
            until = time.monotonic() + PATIENCE_SECONDS
            while came_back(program, environment, tmp_path / "look.sqlite3") != wanted and time.monotonic() < until:
                time.sleep(0.5)
    finally:
        site.kill()
    shutil.rmtree(data)
    found = came_back(program, environment, tmp_path / "back.sqlite3")
    assert found == wanted, (tmp_path / "litestream.log").read_text(encoding="utf-8")[-3000:]
    data.mkdir()
    (tmp_path / "back.sqlite3").rename(data / "inkhorn.sqlite3")
    assert "is whole" in inkhorn(data, "doctor").stdout
    # It kept tables of its own in the database, which are no part of the site.
    made = make_backup(config_for(data, secret_key=""), tmp_path / "kept.tar", Wishes())
    assert restore_backup(config_for(tmp_path / "again"), made.path).posts == 0
