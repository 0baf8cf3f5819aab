"""Each thing that the doctor looks at is broken for real, and found with its remedy."""

import json
import os
import sqlite3
import ssl
import threading
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from unittest import mock

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from inkhorn.admin.checks import look_at_pictures
from inkhorn.core import doctor, examinations, migrating
from inkhorn.core.commands import doctor as command
from inkhorn.core.config import ConfigError
from inkhorn.core.examinations import (
    CHECKS,
    look_at_broker,
    look_at_clock,
    look_at_contradictions,
    look_at_jobs,
    look_at_log_file,
    look_at_permissions,
    look_at_promises,
    look_at_proxies,
    look_at_tls,
)
from tests.conftest import config_for
from tests.ports import free_port
from tests.sinks import make_certificate

JOB = "INSERT INTO job (name, args, run_at, attempts, max_attempts, fence, crashes, is_dead, created_at) VALUES ('x', '{{}}', '{at}', 0, 8, 0, 0, {dead}, '{at}')"


@pytest.fixture
def ready(engine_config):
    """A database as this version wants it, and what writes into it."""
    migrating.upgrade(engine_config)
    engine = sa.create_engine(engine_config.driver_url)

    def write(statement: str) -> None:
        with engine.begin() as connection:
            connection.execute(sa.text(statement.replace(":", r"\:")))

    yield engine_config, write
    engine.dispose()


PUBLIC = {"profile": "production", "site_url": "https://example.org"}
CONTRADICTIONS = [
    ({}, "well "),
    ({"profile": "development", "host": "0.0.0.0"}, "wrong"),
    ({"profile": "development", "site_url": "https://example.org"}, "wrong"),
    ({"profile": "production", "insecure_http": True}, "wrong"),
    ({"hsts_subdomains": True}, "wrong"),
    ({"api_credentials": True}, "wrong"),
    ({"checkpoints": "litestream", "database_url": "postgresql://db/inkhorn"}, "wrong"),
    ({"backup_passphrase": "a tide that nobody sees"}, "wrong"),
    ({"backup_every_hours": 24, "broker_url": "redis://queue"}, "wrong"),
    ({"backup_every_hours": 24, "broker_url": "redis://queue", "backup_to": "s3://copies"}, "well "),
    (PUBLIC, "well "),
    ({"profile": "development", "https": True}, "well "),
    ({"profile": "development", "https": True, "site_url": "https://example.org"}, "well "),
    ({"profile": "production", "https": True, "insecure_http": True}, "well "),
    ({"https": True, "hsts_subdomains": True}, "well "),
]


@pytest.mark.parametrize(("settings", "mark"), CONTRADICTIONS)
def test_settings_that_speak_against_each_other_are_found(tmp_path, settings, mark):
    found = look_at_contradictions(config_for(tmp_path, **settings))
    assert (found.mark, bool(found.remedy)) == (mark, mark == "wrong")


@pytest.mark.parametrize(
    ("name", "mode", "mark"), [("secret_key", 0o644, "wrong"), ("inkhorn.toml", 0o604, "wrong"), ("secret_key", 0o600, "well ")]
)
def test_what_everybody_may_read_is_found(tmp_path, name, mode, mark):
    (tmp_path / name).write_text("")
    (tmp_path / name).chmod(mode)
    found = look_at_permissions(config_for(tmp_path, secret_key="0123456789-abcdefghij-klmnopqrstuvwxyz"))
    assert (found.mark, "chmod o-rwx" in found.remedy) == (mark, mark == "wrong")


def test_a_database_in_an_open_folder_is_noted(tmp_path):
    (tmp_path / "inkhorn.sqlite3").write_bytes(b"")
    (tmp_path / "inkhorn.sqlite3").chmod(0o644)
    tmp_path.chmod(0o755)
    assert look_at_permissions(config_for(tmp_path)).mark == "note "
    tmp_path.chmod(0o750)
    assert look_at_permissions(config_for(tmp_path)).mark == "well "


def test_a_proxy_that_is_not_trusted_is_found(tmp_path):
    assert "Set trusted_proxies" in look_at_proxies(config_for(tmp_path, **PUBLIC)).remedy
    assert look_at_proxies(config_for(tmp_path, **PUBLIC, trusted_proxies=1)).mark == "well "
    assert look_at_proxies(config_for(tmp_path, **PUBLIC, https=True)).mark == "well "
    assert look_at_proxies(config_for(tmp_path, **PUBLIC, https_cert="a.pem", https_key="a.key")).mark == "well "
    assert look_at_proxies(config_for(tmp_path, **PUBLIC, trusted_proxies=1, host="0.0.0.0")).mark == "note "


@contextmanager
def speaking_tls(certificate, key=None):
    """A proxy with this certificate; its address."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = ThreadingHTTPServer(("127.0.0.1", free_port()), BaseHTTPRequestHandler)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_certificate_is_looked_at_as_browsers_see_it(tmp_path, monkeypatch):
    certificate = make_certificate(tmp_path)
    with speaking_tls(certificate) as address:
        refused = look_at_tls(config_for(tmp_path, site_url=address))
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        good = look_at_tls(config_for(tmp_path, site_url=address))
        monkeypatch.setattr(examinations, "RENEW_DAYS", 60)
        ending = look_at_tls(config_for(tmp_path, site_url=address))
    assert (refused.mark, "browsers refuse" in refused.news) == ("wrong", True)
    assert (good.mark, "is good for" in good.news) == ("well ", True)
    assert (ending.mark, "why the proxy has not renewed it" in ending.remedy) == ("wrong", True)


def test_a_site_that_signs_for_itself_is_looked_at_by_its_own_authority(tmp_path):
    pair = doctor.certificates.pair_of(config_for(tmp_path, https=True))
    with speaking_tls(pair.cert, pair.key) as address:
        own = look_at_tls(config_for(tmp_path, https=True, site_url=address))
        strange = look_at_tls(config_for(tmp_path, site_url=address))
    assert (own.mark, "is good for" in own.news) == ("well ", True)
    assert (strange.mark, "at the proxy" in strange.remedy) == ("wrong", True)


def test_a_site_that_cannot_be_reached_from_here_is_a_note(tmp_path):
    assert look_at_tls(config_for(tmp_path, site_url=f"https://127.0.0.1:{free_port()}")).mark == "note "
    assert look_at_tls(config_for(tmp_path)).mark == "well "


def test_a_clock_that_went_back_is_found(ready):
    config, write = ready
    assert look_at_clock(config).mark == "well "
    write("INSERT INTO periodic (name, last_at) VALUES ('tick', '2999-01-01 00:00:00')")
    found = look_at_clock(config)
    assert (found.mark, "NTP" in found.remedy) == ("wrong", True)


def test_a_database_with_another_clock_is_found(tmp_path, postgres_url, clock):
    config = config_for(tmp_path, database_url=postgres_url)
    migrating.upgrade(config)
    # The test's clock stands still in another month than the database's.
    assert "seconds apart" in look_at_clock(config).news


def test_jobs_that_are_due_and_not_taken_are_found(ready):
    config, write = ready
    assert look_at_jobs(config).mark == "well "
    write(JOB.format(at="2020-01-01 00:00:00", dead="FALSE"))
    found = look_at_jobs(config)
    assert (found.mark, "due since 2020-01-01 00:00" in found.news) == ("wrong", True)


def test_jobs_that_were_set_aside_are_found(ready):
    config, write = ready
    write(JOB.format(at="2020-01-01 00:00:00", dead="TRUE"))
    found = look_at_jobs(config)
    assert (found.mark, found.news, "inkhorn jobs list --dead" in found.remedy) == ("wrong", "0 waiting, 1 set aside", True)


def test_a_timetable_that_stands_still_is_noted(ready):
    config, write = ready
    write("INSERT INTO periodic (name, last_at) VALUES ('tick', '2020-01-01 00:00:00')")
    assert look_at_jobs(config).mark == "note "


def test_a_broker_is_asked(tmp_path, redis_url):
    assert look_at_broker(config_for(tmp_path)).mark == "well "
    assert look_at_broker(config_for(tmp_path, broker_url=redis_url)).news == "127.0.0.1 answers"
    for scheme in ("redis", "amqp"):
        away = look_at_broker(config_for(tmp_path, broker_url=f"{scheme}://someone:marker99@127.0.0.1:{free_port()}"))
        assert (away.mark, "marker99" in away.news) == ("wrong", False)


def test_a_journal_in_another_mode_is_noted(tmp_path):
    config = config_for(tmp_path)
    migrating.upgrade(config)
    with closing(sqlite3.connect(config.sqlite_path)) as file:
        file.execute("PRAGMA journal_mode=WAL")
        assert look_at_promises(config).mark == "well "
        file.execute("PRAGMA journal_mode=DELETE")
    assert look_at_promises(config).mark == "note "


def test_a_database_that_promises_nothing_is_found(tmp_path, postgres_url):
    # The tests' own server runs without fsync.
    found = look_at_promises(config_for(tmp_path, database_url=postgres_url))
    assert (found.mark, "fsync = off" in found.news) == ("wrong", True)


@pytest.mark.parametrize(("most", "mark"), [(20, "wrong"), (100, "well ")])
def test_too_few_connections_are_found(tmp_path, most, mark):
    with mock.patch.object(examinations, "ask", return_value=[("on", "on", most)]):
        assert look_at_promises(config_for(tmp_path, database_url="postgresql://db/inkhorn")).mark == mark


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_log_that_cannot_be_written_is_found_as_another_account(tmp_path):
    tmp_path.chmod(0o500)
    assert look_at_log_file(config_for(tmp_path, log_file=str(tmp_path / "a.log"))).is_wrong


def test_a_log_whose_folder_is_not_there_is_found(tmp_path):
    assert look_at_log_file(config_for(tmp_path, log_file=str(tmp_path / "nowhere" / "a.log"))).is_wrong
    assert look_at_log_file(config_for(tmp_path, log_file=str(tmp_path / "a.log"))).mark == "well "
    assert not (tmp_path / "a.log").exists()


def test_pictures_that_cannot_be_drawn_are_found(tmp_path):
    assert look_at_pictures(config_for(tmp_path)).mark == "well "
    with mock.patch("inkhorn.admin.checks.features.check", side_effect=lambda name: name != "avif"):
        assert look_at_pictures(config_for(tmp_path)).news == "avif cannot be made here"


def test_a_store_on_a_disk_is_written_read_and_emptied(tmp_path):
    (tmp_path / "media").mkdir()
    assert doctor.look_at_media(config_for(tmp_path)).mark == "well "
    assert [path for path in (tmp_path / "media").rglob("*") if path.is_file()] == []


def test_an_empty_folder_raises_nothing(tmp_path):
    found = doctor.examine(config_for(tmp_path), CHECKS)
    assert [each.subject for each in found if each.subject in dict(CHECKS)] == [name for name, _look in CHECKS]


def asked(*words: str, **operator: object) -> tuple[int, str]:
    done = CliRunner().invoke(command, words, obj=SimpleNamespace(examinations=(), **operator))
    return done.exit_code, done.output


@pytest.mark.parametrize(("marks", "plain", "strict"), [("well", 0, 0), ("note", 0, 3), ("wrong", 1, 1)])
def test_the_exit_code_says_how_bad_it_is(tmp_path, marks, plain, strict):
    finding = doctor.Finding("Tide", "is out", "" if marks == "well" else "Wait.", is_note=marks == "note")
    with mock.patch("inkhorn.core.commands.examine", return_value=[finding]):
        codes = [asked(*words, config=config_for(tmp_path))[0] for words in ([], ["--strict"])]
        told = json.loads(asked("--json", config=config_for(tmp_path))[1])
    assert codes == [plain, strict]
    assert told == {"findings": [{"subject": "Tide", "severity": marks, "news": "is out", "remedy": finding.remedy}]}


def test_a_configuration_that_is_refused_is_a_finding_too():
    class Refusing:
        examinations = ()

        @property
        def config(self):
            raise ConfigError('there is no setting "colour"; known are others.')

    done = CliRunner().invoke(command, ["--json"], obj=Refusing())
    (finding,) = json.loads(done.output)["findings"]
    assert (done.exit_code, finding["subject"], finding["severity"]) == (1, "Configuration", "wrong")
    assert "colour" in finding["news"]
