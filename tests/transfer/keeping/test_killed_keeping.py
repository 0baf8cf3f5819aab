"""Killed before any step on the disk, a backup is whole or not there, and a restore has not begun or goes on to its end."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from inkhorn.app import create_app
from inkhorn.core.starting import READY, StartRefused
from inkhorn.transfer import tasks
from inkhorn.transfer.services.keeping import workplaces
from inkhorn.transfer.services.keeping.restoring import restore_backup
from tests.running import clean_environment
from tests.transfer.keeping.looks import inside

pytestmark = pytest.mark.slow


def told(act: str, source: Path, work: Path, *more: object) -> list[dict]:
    command = [sys.executable, "-m", "tests.transfer.keeping.killed_program", act, source, work, *more]
    run = subprocess.run(
        [*map(str, command)],
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
        cwd=Path(__file__).parents[3],
    )
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-4000:]
    return [json.loads(line) for line in run.stdout.splitlines()]


def test_a_backup_that_is_killed_is_not_there(site, tmp_path):
    found = told("backup", site.data, tmp_path / "work")
    assert len(found) > 10
    assert [each["found"] for each in found if each["killed"]].count("nothing") > 5
    assert found[-1] == {"step": len(found), "killed": False, "found": "whole"}


def test_a_restore_that_is_killed_has_not_begun_or_goes_on(site, plain, tmp_path):
    with closing(sqlite3.connect(site.sqlite_path)) as database:
        database.execute("UPDATE post SET title = 'Changed'")
        database.commit()
    found = told("restore", site.data, tmp_path / "work", plain)
    outcomes = [each["found"] for each in found]
    assert outcomes[-1] == "done"
    assert {"as before", "finished"} <= set(outcomes)
    # Once it has begun it goes on, at whatever step it was stopped.
    assert outcomes == sorted(outcomes, key=["as before", "finished", "done"].index)


def test_a_site_does_not_start_half_restored(site, plain):
    (site.data / READY).mkdir()
    with pytest.raises(StartRefused, match=r"inkhorn restore --finish"):
        create_app(site)
    with pytest.raises(StartRefused, match=r"inkhorn restore --finish"):
        restore_backup(site, plain, is_over=True)


def test_what_a_killed_restore_left_is_cleared_away(site, monkeypatch):
    monkeypatch.setattr(workplaces, "GIVEN_UP_SECONDS", 0)
    (site.data / ".unfinished-killed").mkdir()
    with workplaces.workplace(site.data) as held, inside(site):
        tasks.make_due_backup()
        assert held.is_dir()
    assert list(site.data.glob(".unfinished*")) == []
