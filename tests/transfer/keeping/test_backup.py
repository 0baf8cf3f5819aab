"""A backup brings back everything that it should, and nothing that must not come back."""

import shutil
import sqlite3
import stat
import subprocess
import tarfile
from contextlib import closing

import pytest

from inkhorn.accounts.models import Session
from inkhorn.core.errors import Conflict
from inkhorn.core.mail.letters import Letter
from inkhorn.transfer.archive.contents import Spoilt
from inkhorn.transfer.services.keeping import making
from inkhorn.transfer.services.keeping.making import Wishes, make_backup
from inkhorn.transfer.services.keeping.restoring import restore_backup
from tests.conftest import config_for
from tests.transfer.keeping.house import PASSPHRASE, TITLES
from tests.transfer.keeping.looks import counted, rows, titles

# What belongs to the moment and not to the site.
SETTLED = ("session", "letter", "job", "audit_entry", "one_time_token", "page_generation", "sqlite_sequence")


@pytest.mark.parametrize("kind", ["plain", "sealed"])
def test_what_was_kept_comes_back(furnished, empty, kind, request):
    restored = restore_backup(empty, request.getfixturevalue(kind), passphrase=PASSPHRASE if kind == "sealed" else "")
    assert rows(empty, but=SETTLED) == rows(furnished, but=SETTLED)
    assert titles(config_for(empty.data)) == list(TITLES)
    for folder in ("media", "themes"):
        names = [path.relative_to(furnished.data) for path in (furnished.data / folder).rglob("*") if path.is_file()]
        assert names
        assert all((empty.data / name).read_bytes() == (furnished.data / name).read_bytes() for name in names)
    key = empty.data / "secret_key"
    assert key.read_bytes() == (furnished.data / "secret_key").read_bytes()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert (restored.posts, restored.files, restored.aside) == (3, 1, None)
    assert not list(empty.data.glob(".unfinished*"))


def test_ended_sessions_stay_ended_and_letters_are_asked_about(empty, plain):
    assert restore_backup(empty, plain).letters == 1
    assert counted(config_for(empty.data), Session) == 0
    with closing(sqlite3.connect(empty.sqlite_path)) as database:
        assert database.execute("SELECT state, count(*) FROM letter GROUP BY 1").fetchall() == [("uncertain", 1)]
        assert database.execute("SELECT count(*) FROM job WHERE lease_until IS NOT NULL").fetchone() == (0,)
        assert database.execute("SELECT action FROM audit_entry ORDER BY id DESC LIMIT 1").fetchone() == ("transfer.restored",)
    assert counted(config_for(empty.data), Letter) == 1


def test_numbers_are_not_given_again(furnished, empty, plain):
    restore_backup(empty, plain)
    before, after = (dict(rows(config)["sqlite_sequence"]) for config in (furnished, empty))
    assert before["post"] == after["post"] == 4


def test_any_program_unpacks_it(plain, furnished, tmp_path):
    with tarfile.open(plain) as archive:
        names = archive.getnames()
        archive.extractall(tmp_path / "out", filter="data")
    assert (names[0], names[-1]) == ("about.json", "manifest.json")
    assert (tmp_path / "out" / "secret_key").read_bytes() == (furnished.data / "secret_key").read_bytes()
    subprocess.run(["gunzip", tmp_path / "out" / "database.sqlite3.gz"], check=True, timeout=120)
    with closing(sqlite3.connect(tmp_path / "out" / "database.sqlite3")) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_it_is_for_its_owner_alone(site):
    made = make_backup(site, site.data / "backups" / "one.tar", Wishes())
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(made.path.parent.stat().st_mode) == 0o700


def test_secrets_can_be_left_out(site, empty):
    made = make_backup(site, site.data / "shared.tar", Wishes(has_secrets=False, has_media=False))
    with tarfile.open(made.path) as archive:
        assert {"secret_key", "inkhorn.toml"} & set(archive.getnames()) == set()
        assert not [name for name in archive.getnames() if name.startswith("media/")]
    (empty.data / "media").mkdir(parents=True)
    (empty.data / "media" / "mine.txt").write_text("kept", encoding="utf-8")
    restore_backup(empty, made.path)
    assert (empty.data / "media" / "mine.txt").exists()
    assert not (empty.data / "secret_key").exists()


def test_a_file_that_is_there_stays(site):
    target = site.data / "mine.tar"
    target.write_bytes(b"mine")
    with pytest.raises(Conflict, match="is there already"):
        make_backup(site, target, Wishes())
    assert target.read_bytes() == b"mine"


def test_no_room_is_said_before_anything_is_written(site, monkeypatch):
    monkeypatch.setattr(making.shutil, "disk_usage", lambda _path: shutil._ntuple_diskusage(10, 10, 0))
    with pytest.raises(Exception, match="Make room there"):
        make_backup(site, site.data / "backups" / "one.tar", Wishes())
    assert list((site.data / "backups").iterdir()) == []


def test_an_empty_folder_has_nothing_to_keep(empty):
    with pytest.raises(Conflict, match="no site here yet"):
        make_backup(empty, empty.data / "one.tar", Wishes())


def test_a_sealed_one_asks_for_its_passphrase(sealed, empty):
    with pytest.raises(Spoilt, match="is sealed"):
        restore_backup(empty, sealed)
    with pytest.raises(Spoilt, match="does not open"):
        restore_backup(empty, sealed, passphrase="another passphrase")
    assert SECRET_WORDS not in sealed.read_bytes()


SECRET_WORDS = TITLES[0].encode()
