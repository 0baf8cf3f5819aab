"""The operator's commands: their words, their exit codes, what they refuse."""

import errno
import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

import inkhorn as inkhorn_package
from inkhorn import __main__ as beginning
from inkhorn import __version__
from inkhorn.core import migrating
from inkhorn.core.barred import barred
from inkhorn.core.config import settings_of_config
from inkhorn.core.config_loading import load_config
from inkhorn.core.starting import StartRefused, make_data_folder

pytestmark = pytest.mark.slow


def inkhorn(*words: object, **environment: str) -> "subprocess.CompletedProcess[str]":
    clean = {name: value for name, value in os.environ.items() if not name.startswith("INKHORN_")}
    command = [sys.executable, "-m", "inkhorn", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, env=clean | environment, timeout=120, check=False)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A data folder with an empty, migrated database."""
    migrating.upgrade(load_config(data=tmp_path, environ={}))
    return tmp_path


def test_the_version_is_told():
    assert inkhorn("--version").stdout == f"inkhorn {__version__}\n"


def test_help_lists_every_command():
    told = inkhorn("--help").stdout
    for name in ("run", "worker", "migrate", "shell", "seed", "user", "import", "doctor", "config", "jobs", "init", "status"):
        assert f"  {name} " in told


def test_a_word_that_is_no_command_is_wrong_usage():
    done = inkhorn("publsh")
    assert done.returncode == 2
    assert "No such command 'publsh'" in done.stderr


def test_init_writes_a_settings_file_that_changes_nothing(tmp_path):
    assert inkhorn("init", tmp_path / "site").returncode == 0
    text = (tmp_path / "site" / "inkhorn.toml").read_text()
    assert (tmp_path / "site" / "inkhorn.toml").stat().st_mode & 0o777 == 0o600
    assert all(f"# {each.name} = " in text for each in settings_of_config() if each.name != "data")
    assert load_config(data=tmp_path / "site", environ={}) == load_config(data=tmp_path / "site", environ={"INKHORN_PORT": ""})


def test_a_settings_file_with_every_mark_taken_away_is_valid(tmp_path):
    inkhorn("init", tmp_path)
    path = tmp_path / "inkhorn.toml"
    path.write_text("\n".join(line.removeprefix("# ") for line in path.read_text().splitlines() if " = " in line))
    assert load_config(data=tmp_path, environ={}).port == 8000


def test_init_leaves_a_settings_file_alone(tmp_path):
    (tmp_path / "inkhorn.toml").write_text("port = 9000\n")
    done = inkhorn("init", tmp_path)
    assert done.returncode == 1
    assert "already there" in done.stderr
    assert (tmp_path / "inkhorn.toml").read_text() == "port = 9000\n"


def test_config_shows_where_each_value_comes_from_and_no_secret(tmp_path):
    (tmp_path / "inkhorn.toml").write_text('port = 9000\nsecret_key = "marker-0123456789-abcdefghij-klmnop"\n')
    told = inkhorn("config", "--data", tmp_path, INKHORN_HOST="::1").stdout
    lines = {line.split()[0]: line.split()[1:] for line in told.splitlines()}
    assert lines["port"] == ["9000", "inkhorn.toml"]
    assert lines["host"] == ["::1", "environment"]
    assert "marker" not in told


@pytest.mark.parametrize("words", [["--data", "{}", "config"], ["config", "--data", "{}"], ["config", "--data={}"]])
def test_the_data_folder_may_be_named_anywhere(tmp_path, words):
    told = inkhorn(*[word.format(tmp_path) for word in words]).stdout
    assert str(tmp_path) in told


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"INKHORN_PORT": "many"}, ['port = "many"', "whole number"]),
        ({"INKHORN_COLOUR": "red"}, ["INKHORN_COLOUR", 'no setting "colour"']),
        ({"INKHORN_SITE_ULR": "https://x.org"}, ['no setting "site_ulr"; did you mean "site_url"?']),
        ({"INKHORN_DATABASE_URL": "sqlite:///site.sqlite3"}, ["database_url", "sqlite:////srv/"]),
        ({"INKHORN_SECRET_KEY_FILE": "/nowhere"}, ["INKHORN_SECRET_KEY_FILE", "/nowhere"]),
    ],
)
def test_nonsense_in_the_configuration_is_one_sentence_and_exit_1(tmp_path, environment, words):
    done = inkhorn("status", "--data", tmp_path, **environment)
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert all(word in done.stderr for word in words)


def test_status_has_the_shape_that_scripts_rely_on(site):
    counts = json.loads(inkhorn("status", "--json", "--data", site).stdout.splitlines()[-1])
    states = {"draft": 0, "scheduled": 0, "published": 0, "unpublished": 0, "trashed": 0}
    names = {"authors": 0, "tags": 0, "media": 0, "comments": 0, "members": 0}
    assert counts == {"posts": states, "pages": states, **names, "jobs": {"waiting": 0, "dead": 0}}


def test_jobs_that_are_not_there_are_refused_in_a_sentence(site):
    done = inkhorn("jobs", "retry", 7, "--data", site)
    assert done.returncode == 1
    assert "no job number 7" in done.stderr


def test_migrate_says_what_it_did_and_then_that_there_is_nothing_to_do(tmp_path):
    assert "went from revision none to" in inkhorn("migrate", "--data", tmp_path / "new").stdout
    assert "nothing to do" in inkhorn("migrate", "--data", tmp_path / "new").stdout


def test_migrate_goes_down_when_told_how_far(site):
    assert inkhorn("migrate", "--down", "--data", site).returncode == 2
    assert "to 0001" in inkhorn("migrate", "--down", "--to", "0001", "--data", site).stdout
    assert list((site / "backups").glob("before-*.sqlite3"))


def test_a_command_does_not_migrate_behind_the_operators_back(site):
    migrating.downgrade(load_config(data=site, environ={}), "0001")
    done = inkhorn("status", "--data", site)
    assert done.returncode == 1
    assert "run: inkhorn migrate" in done.stderr


def test_a_database_that_is_away_is_one_sentence_without_its_password(tmp_path):
    done = inkhorn("status", "--data", tmp_path, INKHORN_DATABASE_URL="postgresql://inkhorn:marker99@127.0.0.1:9/inkhorn")
    assert done.returncode == 1
    assert "cannot be reached" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert "marker99" not in done.stderr


def test_doctor_finds_a_sound_site_well(site):
    done = inkhorn("doctor", "--data", site)
    assert done.returncode == 0, done.stdout
    assert "Everything is well." in done.stdout


def test_doctor_names_what_ails_and_the_remedy(site):
    (site / "secret_key").write_text("0123456789-abcdefghij-klmnopqrstuvwxyz")
    (site / "secret_key").chmod(0o644)
    migrating.downgrade(load_config(data=site, environ={}), "0001")
    done = inkhorn("doctor", "--data", site)
    assert done.returncode == 1
    assert "chmod 600" in done.stdout
    assert "Run: inkhorn migrate" in done.stdout


def test_doctor_survives_a_file_that_is_no_database(tmp_path):
    (tmp_path / "inkhorn.sqlite3").write_text("A poem. " * 999)
    done = inkhorn("doctor", "--data", tmp_path)
    assert done.returncode == 1
    assert "not a database" in done.stdout
    assert "Traceback" not in done.stderr


def test_a_section_in_the_settings_file_is_told_as_one(tmp_path):
    (tmp_path / "inkhorn.toml").write_text('[mail]\nsmtp_host = "mail.example.org"\n')
    done = inkhorn("config", "--data", tmp_path)
    assert (done.returncode, "[mail] begins a section" in done.stderr) == (1, True)


@pytest.mark.parametrize("words", [["status", "--data"], ["status", "--data", ""], ["status", "--data="], ["status", "--data", "--json"]])
def test_a_data_folder_without_a_name_is_wrong_usage_and_not_the_folder_one_stands_in(tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    done = inkhorn(*words, PYTHONPATH=str(Path(inkhorn_package.__file__).parent.parent))
    assert (done.returncode, "--data wants the path" in done.stderr, list(tmp_path.iterdir())) == (2, True, [])


@pytest.mark.parametrize("words", [["status"], ["backup"], ["jobs", "list"]])
def test_a_slip_in_the_folders_name_begins_no_site_there(tmp_path, words):
    done = inkhorn(*words, "--data", tmp_path / "ste")
    assert (done.returncode, str(tmp_path / "ste") in done.stderr, "--data" in done.stderr) == (1, True, True)
    assert not (tmp_path / "ste").exists()


def test_a_reader_who_goes_away_is_no_refusal(site):
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "inkhorn", "--data", str(site), "status"]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, timeout=120, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


def test_a_disk_without_room_for_the_output_is_one_sentence(site):
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "inkhorn", "--data", str(site), "status"], stdout=full, stderr=subprocess.PIPE, timeout=120, check=False
        )
    assert (done.returncode, b"Make room" in done.stderr, b"did not expect" in done.stderr) == (1, True, False)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            PermissionError(errno.EACCES, "Permission denied", "/srv/site/pages.generation"),
            ["/srv/site/pages.generation", "as the account"],
        ),
        (OSError(errno.EROFS, "Read-only file system", "/srv/site/x"), ["/srv/site/x", "for writing"]),
        (ValueError("something else"), None),
    ],
)
def test_what_the_machine_did_not_let_us_do_names_the_file_and_the_mend(error, words):
    told = barred(error)
    assert told is None if words is None else all(word in told for word in words)


def test_a_database_that_may_only_be_read_names_the_mend(tmp_path):
    with closing(sqlite3.connect(tmp_path / "x.sqlite3")) as made:
        made.execute("CREATE TABLE x (y)")
    with (
        closing(sqlite3.connect(f"file:{tmp_path}/x.sqlite3?mode=ro", uri=True)) as locked,
        pytest.raises(sqlite3.OperationalError) as raised,
    ):
        locked.execute("INSERT INTO x VALUES (1)")
    assert "as the account that the site runs as" in barred(raised.value)


def test_a_database_file_that_cannot_be_opened_is_named(site):
    (site / "inkhorn.sqlite3").unlink()
    (site / "inkhorn.sqlite3").mkdir()
    for words in (["status"], ["migrate"]):
        done = inkhorn(*words, "--data", site)
        assert (done.returncode, f"{site}/inkhorn.sqlite3 cannot be" in done.stderr) == (1, True), done.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_inside_one_that_is_closed_is_refused(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o000)
    with pytest.raises(StartRefused, match="cannot be written: Permission denied"):
        make_data_folder(closed / "site")


def test_ctrl_c_while_the_code_is_read_is_no_traceback(monkeypatch, capsys):
    def interrupted(_name):
        raise KeyboardInterrupt

    monkeypatch.setattr(beginning, "import_module", interrupted)
    with pytest.raises(SystemExit) as ended:
        beginning.main()
    assert (ended.value.code, capsys.readouterr().err) == (130, "\ninkhorn: Interrupted.\n")
