"""The doctor looks where things are, not where they usually are."""

import os
import sqlite3
import time
from dataclasses import replace

import pytest
import sqlalchemy as sa

from inkhorn.admin.checks import look_at_audit_log
from inkhorn.core import doctor, migrating
from inkhorn.core.runner import LOCK_NAME, take_lock
from tests.conftest import config_for
from tests.sinks import running_sink


def test_the_log_is_looked_for_beside_its_database(tmp_path, monkeypatch):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "site.sqlite3-wal").write_bytes(b"x" * 3_000_000)
    monkeypatch.setattr(doctor, "LARGE_LOG_MB", 2)
    found = doctor.look_at_log(config_for(tmp_path, database_url=f"sqlite:///{elsewhere}/site.sqlite3"))
    assert (found.news, found.is_wrong) == ("3 MB", True)
    assert "inkhorn worker" in found.remedy
    found = doctor.look_at_log(config_for(tmp_path, database_url=f"sqlite:///{elsewhere}/site.sqlite3", checkpoints="litestream"))
    assert "Start Litestream" in found.remedy


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


def test_a_mail_server_that_lets_us_in_is_well(tmp_path):
    with running_sink(password="oakum") as sink:
        found = doctor.look_at_mail(config_for(tmp_path, mail_from="inkhorn@slowferry.example", **sink.settings))
    assert (found.news, found.remedy) == ("127.0.0.1 lets us in, and letters come from inkhorn@slowferry.example", "")


def test_a_mail_server_that_does_not_is_found_with_its_remedy(tmp_path):
    with running_sink(password="oakum") as sink:
        found = doctor.examine(config_for(tmp_path, **sink.settings | {"smtp_password": "wrong"}))
    (mail,) = (each for each in found if each.subject == "Mail")
    assert "does not accept smtp_username" in mail.news
    assert mail.is_wrong


def test_letters_from_nowhere_are_found(tmp_path, sink_settings):
    assert "Set mail_from" in doctor.look_at_mail(config_for(tmp_path, **sink_settings)).remedy


@pytest.fixture
def sink_settings():
    with running_sink() as sink:
        yield sink.settings


def test_a_key_that_cannot_sign_is_found(tmp_path):
    config = config_for(tmp_path, smtp_host="mail.invalid", dkim_domain="example.org", dkim_key="This is a poem.")
    (mail,) = (each for each in doctor.examine(config) if each.subject == "Mail")
    assert "dkim_key is no private key" in mail.news


@pytest.mark.parametrize(("profile", "mark"), [("development", "well "), ("production", "note ")])
def test_without_a_mail_server_it_depends(tmp_path, profile, mark):
    assert doctor.look_at_mail(config_for(tmp_path, profile=profile)).mark == mark


LETTERS = [
    ([], "well ", "0 waiting, 0 uncertain, 0 failed"),
    ([("waiting", 3, "2026-03-02 11:30:00")], "well ", "3 waiting"),
    ([("waiting", 3, "2026-03-02 10:30:00.123456")], "wrong", "the oldest waits since 2026-03-02 10:30 UTC"),
    ([("uncertain", 1, "2026-01-01 00:00:00")], "note ", "1 uncertain"),
    ([("refused", 2, "2026-01-01 00:00:00"), ("given_up", 1, "2026-01-01 00:00:00")], "note ", "3 failed"),
]


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize(("rows", "mark", "news"), LETTERS)
def test_letters_that_want_somebody_are_found(monkeypatch, rows, mark, news):
    monkeypatch.setattr(doctor, "ask", lambda _config, _question: rows)
    found = doctor.look_at_letters(None)
    assert (found.mark, news in found.news) == (mark, True)


def test_the_database_is_asked_without_starting_anything(engine_config):
    if engine_config.uses_sqlite:
        assert doctor.ask(engine_config, doctor.LETTERS) == []
    migrating.upgrade(engine_config)
    assert doctor.ask(engine_config, doctor.LETTERS) == []
    assert doctor.look_at_letters(engine_config).mark == "well "


def test_counts_of_tries_are_looked_at_where_they_are(tmp_path, redis_url):
    assert doctor.look_at_limits(config_for(tmp_path)).news == "tries are counted in a file of the data folder"
    assert doctor.look_at_limits(config_for(tmp_path, limits_url=redis_url)).news == "tries are counted in Redis"
    away = doctor.look_at_limits(config_for(tmp_path, limits_url="redis://127.0.0.1:1/0"))
    assert (away.is_wrong, "Redis does not answer" in away.news) == (True, True)


def test_counts_in_postgresql_are_asked_for_and_not_taken_on_trust(tmp_path, postgres_url):
    config = config_for(tmp_path, database_url=postgres_url)
    without_table = doctor.look_at_limits(config)
    assert (without_table.is_wrong, "inkhorn migrate" in without_table.remedy) == (True, True)
    migrating.upgrade(config)
    assert doctor.look_at_limits(config).news == "tries are counted in a table of PostgreSQL"
    assert doctor.look_at_limits(config_for(tmp_path, database_url="postgresql://nobody@127.0.0.1:1/none")).is_wrong


@pytest.mark.parametrize("fault", ["none", "old", "unguarded"])
def test_the_audit_log_is_looked_at(engine_config, fault):
    migrating.upgrade(engine_config)
    engine = sa.create_engine(engine_config.driver_url)
    at = "2020-01-01 00:00:00" if fault == "old" else "2999-01-01 00:00:00"
    with engine.begin() as connection:
        connection.execute(
            sa.text(f"INSERT INTO audit_entry (id, at, action, actor_label, details) VALUES (1, '{at}', 'a.b', 'ada', '{{}}')")
        )
        if fault == "unguarded":
            drop = (
                "DROP TRIGGER audit_entry_refuses_delete"
                if engine_config.uses_sqlite
                else "DROP TRIGGER audit_entry_refuses ON audit_entry"
            )
            connection.execute(sa.text(drop))
    engine.dispose()
    found = look_at_audit_log(engine_config)
    sound = "nobody change" if engine_config.uses_sqlite else "the account of the application owns it"
    assert {"none": sound, "old": "1 entries are older than they are kept", "unguarded": "somebody took away"}[fault] in found.news
    assert found.mark == {"none": "well " if engine_config.uses_sqlite else "note ", "old": "note ", "unguarded": "wrong"}[fault]
