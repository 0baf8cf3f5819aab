"""The doctor looks where things are, not where they usually are."""

import os
import sqlite3
import time
from dataclasses import replace

from inkhorn.core import doctor
from inkhorn.core.runner import LOCK_NAME, take_lock
from tests.conftest import config_for


def test_the_log_is_looked_for_beside_its_database(tmp_path, monkeypatch):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "site.sqlite3-wal").write_bytes(b"x" * 3_000_000)
    monkeypatch.setattr(doctor, "LARGE_LOG_MB", 2)
    found = doctor.look_at_log(config_for(tmp_path, database_url=f"sqlite:///{elsewhere}/site.sqlite3"))
    assert (found.news, found.is_wrong) == ("3 MB", True)


def test_a_runner_is_alive_since_it_took_the_lock(tmp_path):
    first, _family = take_lock(tmp_path, is_needed=True)
    first.close()
    last_year = time.time() - 365 * 86_400
    os.utime(tmp_path / LOCK_NAME, (last_year, last_year))
    held, _family = take_lock(tmp_path, is_needed=True)
    assert time.strftime("%Y-%m-%d") in doctor.look_at_runner(config_for(tmp_path)).news
    held.close()


def test_a_folder_may_have_any_name(tmp_path):
    folder = tmp_path / "50% of #1?"
    folder.mkdir()
    path = folder / "site.sqlite3"
    sqlite3.connect(path).close()
    config = replace(config_for(tmp_path), database_url=f"sqlite:///{path}")
    assert doctor.look_at_database(config).news == "site.sqlite3 is whole"
