"""What an operator types: the words, the exit codes, and a site that goes on while it is kept."""

import json
import sqlite3
import subprocess
import sys
import threading
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest

from tests.running import RunningSite, inkhorn
from tests.transfer.keeping.house import PASSPHRASE, TITLES
from tests.transfer.keeping.looks import settings_written
from tests.witness import Ledger

pytestmark = pytest.mark.slow

WRITERS, LEAST_EACH = 4, 20


def test_a_site_goes_round(site, tmp_path):
    kept = inkhorn(site.data, "backup", "--to", str(tmp_path / "site.tar"))
    assert (kept.returncode, kept.stdout.startswith("Kept ")) == (0, True), kept.stderr
    assert "not sealed" in kept.stdout
    assert inkhorn(site.data, "backup", "--to", str(tmp_path / "site.tar")).returncode == 1
    assert "The backup is whole" in inkhorn(tmp_path / "x", "backup", "check", str(tmp_path / "site.tar")).stdout
    restored = inkhorn(tmp_path / "new", "restore", str(tmp_path / "site.tar"))
    assert restored.returncode == 0, restored.stderr
    assert "3 posts and pages, 1 files" in restored.stdout
    assert "1 letters waited then" in restored.stdout
    counted = json.loads(inkhorn(tmp_path / "new", "status", "--json").stdout)
    assert counted["posts"]["published"] == len(TITLES)
    noted = inkhorn(tmp_path / "new", "audit", "list", "--action", "transfer.").stdout
    assert "restored the site from a backup" in noted
    assert "made a backup of the site" in inkhorn(site.data, "audit", "list").stdout


def test_backups_at_the_usual_place_are_listed_and_found_by_name(site):
    sealed = {"INKHORN_BACKUP_PASSPHRASE": PASSPHRASE}
    assert inkhorn(site.data, "backup", **sealed).returncode == 0
    listed = inkhorn(site.data, "backup", "list").stdout.split()
    name = next(word for word in listed if word.endswith(".tar.sealed"))
    refused = inkhorn(site.data, "restore", name)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "is sealed" in refused.stderr
    restored = inkhorn(site.data, "restore", name, "--over", **sealed)
    assert restored.returncode == 0, restored.stderr
    assert "before-restore-" in restored.stdout
    assert not list(site.data.glob(".unfinished*"))


def test_one_that_is_not_sealed_is_taken_when_that_is_said(site, tmp_path, plain):
    sealed = {"INKHORN_BACKUP_PASSPHRASE": PASSPHRASE}
    refused = inkhorn(tmp_path / "new", "restore", str(plain), **sealed)
    assert (refused.returncode, "--unsealed" in refused.stderr) == (1, True)
    assert inkhorn(tmp_path / "new", "backup", "check", str(plain), "--unsealed", **sealed).returncode == 0
    restored = inkhorn(tmp_path / "new", "restore", str(plain), "--unsealed", **sealed)
    assert restored.returncode == 0, restored.stderr


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("restore",), 2, "Name a backup, or give --finish"),
        (("restore", "--finish"), 1, "waits to be finished"),
        (("restore", "nothing.tar"), 1, "There is no file nothing.tar"),
        (("backup", "check", "nothing.tar"), 1, "There is no file nothing.tar"),
        (("database", "move", "--to", "mysql://x"), 1, "postgresql://"),
        (("backup", "--to", "s3://no_bucket"), 1, "must look like s3://"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(site, words, code, said):
    told = inkhorn(site.data, *words)
    assert (told.returncode, said in told.stderr, "Traceback" in told.stderr) == (code, True, False), told.stderr


def test_where_no_site_is_none_is_made_to_be_kept(tmp_path):
    told = inkhorn(tmp_path, "backup")
    assert (told.returncode, "There is no site in" in told.stderr, list(tmp_path.iterdir())) == (1, True, [])


def test_a_passphrase_that_nobody_can_be_asked_for_is_a_sentence(site):
    command = [sys.executable, "-m", "inkhorn", "--data", str(site.data), "backup", "--ask-passphrase"]
    told = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False, start_new_session=True
    )
    assert (told.returncode, "no terminal" in told.stderr, "backup_passphrase" in told.stderr, told.stderr.count("\n")) == (
        1,
        True,
        True,
        1,
    )


def test_what_was_acknowledged_before_a_backup_is_in_it(site, tmp_path):
    """The recipe of R29: kept under load, restored on an empty box, both give the same pages."""
    living = RunningSite(site.data, environment={"INKHORN_PROFILE": "development"}).start()
    ledger, stop, enough = Ledger(tmp_path / "ledger"), threading.Event(), threading.Barrier(WRITERS + 1, timeout=600)

    def write(writer: int) -> None:
        number = 0
        with settings_written(site.sqlite_path) as put:
            while not stop.is_set():
                key = f"{writer}-{number}"
                ledger.note("asked", key)
                put(key, "true")
                ledger.note("acknowledged", key)
                number += 1
                if number == LEAST_EACH:
                    enough.wait()

    writers = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    try:
        for each in writers:
            each.start()
        enough.wait()
        before = set(ledger.told("acknowledged"))
        kept = inkhorn(site.data, "backup", "--to", str(tmp_path / "site.tar"))
    finally:
        stop.set()
        for each in writers:
            each.join(600)
    assert kept.returncode == 0, kept.stderr
    assert inkhorn(tmp_path / "new", "restore", str(tmp_path / "site.tar")).returncode == 0
    with closing(sqlite3.connect(tmp_path / "new" / "inkhorn.sqlite3")) as database:
        found = {key for (key,) in database.execute("SELECT key FROM setting WHERE section = 'load'")}
    assert len(before) >= WRITERS * LEAST_EACH
    assert before <= found <= set(ledger.told("asked"))
    other = RunningSite(tmp_path / "new", environment={"INKHORN_PROFILE": "development"}).start()
    try:
        assert pages(other) == pages(living)
    finally:
        other.stop()
        living.stop()


def pages(site: RunningSite) -> dict[str, str]:
    """The pages of readers by their address, without the port that they were asked at."""
    (slug,) = site.execute("SELECT path FROM post WHERE id = 2")[0]
    found = {}
    for path in ("/", slug, "/archive/", "/feed.xml", "/sitemap.xml"):
        with urllib.request.urlopen(site.base + path, timeout=120) as answer:
            found[path] = answer.read().decode().replace(site.base, "").replace(str(site.port), "")
    return found


def test_no_command_leaves_anything_behind(site):
    inkhorn(site.data, "backup")
    assert [path.name for path in (site.data / "backups").iterdir() if not path.name.startswith("inkhorn-")] == []
    assert not list(Path(site.data).glob(".unfinished*"))
