"""What would fail later on is refused before anything starts, by its name and with the mend."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from inkhorn.core.starting import StartRefused, check_start
from tests.conftest import config_for
from tests.faults.disks import unwritable
from tests.ports import free_port


@pytest.fixture
def start(tmp_path: Path):
    """Looks whether a site in the folder may start, and lets go of it again."""
    config = replace(config_for(tmp_path), port=free_port())
    return lambda: check_start(config).close()


def test_a_folder_that_is_in_order_is_locked(start, tmp_path: Path):
    (tmp_path / "media").mkdir()
    (tmp_path / "inkhorn.sqlite3").touch()
    start()


@pytest.mark.parametrize("name", ["media", "tmp", "uploads", "backups"])
def test_a_file_where_a_folder_belongs(start, tmp_path: Path, name: str):
    (tmp_path / name).touch()
    with pytest.raises(StartRefused, match=rf"{re.escape(name)} is a file, and a folder .* Move it"):
        start()


def test_a_folder_where_a_file_belongs(start, tmp_path: Path):
    (tmp_path / "inkhorn.sqlite3").mkdir()
    with pytest.raises(StartRefused, match=r"inkhorn\.sqlite3 is a folder, and a file .* Move it"):
        start()


def test_what_this_site_does_not_use_may_be_as_it_likes(tmp_path: Path):
    (tmp_path / "inkhorn.sqlite3").mkdir()
    (tmp_path / "media").touch()
    elsewhere = replace(config_for(tmp_path), port=free_port(), storage_url="s3://bucket", database_url="postgresql://localhost/site")
    assert check_start(elsewhere) is None


def test_a_folder_that_takes_nothing(start, tmp_path: Path):
    (tmp_path / "media").mkdir()
    with unwritable(tmp_path / "media"), pytest.raises(StartRefused, match="media cannot be written by this account"):
        start()


@pytest.mark.parametrize("name", ["inkhorn.sqlite3", "inkhorn.sqlite3-wal"])
def test_a_database_that_takes_nothing(start, tmp_path: Path, name: str):
    (tmp_path / name).touch()
    with unwritable(tmp_path / name), pytest.raises(StartRefused, match=rf"{re.escape(name)} cannot be written by this account"):
        start()
