"""What may ail an installation, found without starting it, each with its remedy."""

import fcntl
import os
import shutil
import sqlite3
import stat
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from inkhorn.core import certificates, clock, limit_stores, migrating, revisions, starting
from inkhorn.core.config import LEAST_SECRET_CHARACTERS, Config
from inkhorn.core.errors import InkhornError
from inkhorn.core.mail.sending import SmtpServer, mail_host, sender_of
from inkhorn.core.mail.signing import check_key
from inkhorn.core.runner import LOCK_NAME
from inkhorn.core.storage import DiskStorage, knock, storage_of

LEAST_FREE_MB = 200
LARGE_LOG_MB = 256
LARGE_LAG_BYTES = 64_000_000
# Of which server it is a copy, whether it is one, and up to where it has the changes.
_PLACE = (
    "SELECT system_identifier, pg_is_in_recovery(), "
    "CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END - '0/0' FROM pg_control_system()"
)
# What renews certificates does so thirty days before their end.
SHORT_DAYS = 14
# The first release in which two checkpoints cannot corrupt the file; see docs/decisions/0003-wal-checkpoints.md.
SOUND_SQLITE = (3, 51, 3)
# A letter that waits longer than that waits for something that somebody must mend.
PATIENCE = timedelta(hours=1)
LETTERS = "SELECT state, count(*), min(created_at) FROM letter WHERE state <> 'sent' GROUP BY state"


@dataclass(frozen=True)
class Finding:
    """One thing looked at; with a remedy it needs attention, unless it is only a note."""

    subject: str
    news: str
    remedy: str = ""
    is_note: bool = False

    @property
    def is_wrong(self) -> bool:
        return bool(self.remedy) and not self.is_note

    @property
    def severity(self) -> str:
        return "wrong" if self.is_wrong else "note" if self.remedy else "well"

    @property
    def mark(self) -> str:
        return "wrong" if self.is_wrong else "note " if self.remedy else "well "


Look = tuple[str, Callable[[Config], Finding]]


def examine(config: Config, more: Iterable[Look] = ()) -> list[Finding]:
    """Look at everything, the ground first and what the rooms ask for last; what cannot be looked at is a finding too."""
    examinations: list[Look] = [
        ("Configuration", look_at_configuration),
        ("Data folder", look_at_folder),
        ("Secret key", look_at_key),
        ("Disk", look_at_disk),
        ("Database", look_at_database),
        ("Migrations", look_at_migrations),
    ]
    if config.speaks_https:
        examinations.append(("Certificate", look_at_certificate))
    if config.uses_sqlite:
        examinations += [("SQLite", look_at_sqlite), ("Write-ahead log", look_at_log)]
    if config.replica_url:
        examinations += [("Replica", look_at_replica)]
    examinations += [("Runner", look_at_runner), ("Mail", look_at_mail), ("Letters", look_at_letters), ("Limits", look_at_limits)]
    examinations += [("Media", look_at_media), *more]
    findings = []
    for subject, look in examinations:
        try:
            findings.append(look(config))
        except (OSError, sqlite3.Error, SQLAlchemyError, InkhornError) as error:
            reason = " ".join(str(getattr(error, "orig", None) or error).split())
            findings.append(Finding(subject, reason, "Mend what the message names, then ask again."))
    return findings


def look_at_configuration(config: Config) -> Finding:
    news = f"profile {config.profile}, {len(config.origins)} settings given"
    if config.is_production and not config.site_url:
        return Finding("Configuration", news, "Set site_url to the address readers use, so that feeds and mails link to it.", is_note=True)
    if config.is_production and not config.uses_https:
        return Finding(
            "Configuration", f"{news}; site_url is plain http", "Serve the site over https, so that sessions cannot be read on the way."
        )
    return Finding("Configuration", news)


def look_at_folder(config: Config) -> Finding:
    if not config.data.is_dir():
        return Finding("Data folder", f"{config.data} is not there", "Make it with: inkhorn init, or start once with: inkhorn run.")
    if not os.access(config.data, os.R_OK | os.W_OK | os.X_OK):
        return Finding("Data folder", f"{config.data} cannot be written", "Give it to the account that runs Inkhorn.")
    if config.data.stat().st_mode & stat.S_IWOTH:
        return Finding("Data folder", f"{config.data} can be written by everybody", f"Run: chmod o-w {config.data}")
    return Finding("Data folder", f"{config.data} can be read and written")


def look_at_key(config: Config) -> Finding:
    path = config.data / "secret_key"
    if config.origins.get("secret_key") != str(path):
        return (
            Finding("Secret key", "given by the configuration")
            if config.secret_key
            else Finding("Secret key", "there is none yet", "It is made at the first start.", is_note=True)
        )
    if len(config.secret_key) < LEAST_SECRET_CHARACTERS:
        return Finding("Secret key", "is too short", "Remove the file secret_key and start again; everybody must sign in anew.")
    if path.stat().st_mode & 0o077:
        return Finding("Secret key", f"{path} can be read by others", f"Run: chmod 600 {path}")
    return Finding("Secret key", "is in the data folder, readable by its owner alone")


def look_at_certificate(config: Config) -> Finding:
    pair = certificates.pair_there(config)
    if pair is None:
        return Finding("Certificate", "there is none yet", "It is made at the first start.", is_note=True)
    left = certificates.days_left(pair.cert)
    news = f"{pair.cert} is valid for {left} days"
    if pair.authority and left < 0:
        return Finding("Certificate", f"{pair.cert} has ended", "Start the site; it makes another.", is_note=True)
    if pair.authority:
        return Finding("Certificate", f"{news} and renewed by itself; readers must trust {pair.authority}")
    return Finding("Certificate", news, "" if left > SHORT_DAYS else "Renew it; the site takes up the new files by itself.")


def look_at_disk(config: Config) -> Finding:
    free = shutil.disk_usage(config.data).free // 1_000_000
    remedy = "Make room before writing fails." if free < LEAST_FREE_MB else ""
    return Finding("Disk", f"{free} MB are free under the data folder", remedy)


def look_at_database(config: Config) -> Finding:
    if config.sqlite_path:
        if not config.sqlite_path.exists():
            return Finding("Database", f"{config.sqlite_path} is not there yet", "It is made at the first start.", is_note=True)
        with closing(sqlite3.connect(f"{config.sqlite_path.absolute().as_uri()}?mode=rw", uri=True, timeout=10)) as connection:
            connection.execute("PRAGMA wal_autocheckpoint=0")
            verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            orphans = len(connection.execute("PRAGMA foreign_key_check").fetchall())
        if verdict != "ok" or orphans:
            news = verdict if verdict != "ok" else f"{orphans} rows point at rows that are not there"
            return Finding("Database", news, "Stop Inkhorn and put back the latest copy from backups/.")
        return Finding("Database", f"{config.sqlite_path.name} is whole")
    engine = create_engine(config.driver_url, poolclass=NullPool)
    with engine.connect() as connected:
        version = connected.execute(text("SHOW server_version")).scalar_one()
    return Finding("Database", f"PostgreSQL {version} answers")


def look_at_replica(config: Config) -> Finding:
    """Whether it is a copy, of this database, and how far behind."""
    numbers = []
    for url in (config.driver_url, config.replica_driver_url):
        engine = create_engine(url, poolclass=NullPool, connect_args={"connect_timeout": 5})
        with engine.connect() as connected:
            numbers.append(tuple(connected.execute(text(_PLACE)).one()))
    (home, _follows, at_home), (copy, follows, there) = numbers
    if not follows:
        return Finding("Replica", "it follows no database", "Point replica_url at a hot standby of the database in database_url.")
    if home != copy:
        return Finding("Replica", "it follows another database", "Point replica_url at a hot standby of the database in database_url.")
    behind = int(at_home) - int(there)
    if behind > LARGE_LAG_BYTES:
        remedy = "See why it lags: pg_stat_replication at the database tells. Until it is there, pages are drawn from the database itself."
        return Finding("Replica", f"it is {behind // 1_000_000} MB of changes behind", remedy)
    return Finding("Replica", f"follows, {max(behind, 0)} bytes of changes behind")


def look_at_migrations(config: Config) -> Finding:
    if config.sqlite_path and not config.sqlite_path.exists():
        return Finding("Migrations", "there is no database yet")
    current = migrating.current_revision(config)
    if current != revisions.head():
        return Finding(
            "Migrations", f"the database is at {current or 'nothing'}, the program at {revisions.head()}", "Run: inkhorn migrate"
        )
    return Finding("Migrations", f"the database is at {current}, as this version wants it")


def look_at_sqlite(_config: Config) -> Finding:
    if sqlite3.sqlite_version_info >= SOUND_SQLITE:
        return Finding("SQLite", f"version {sqlite3.sqlite_version}")
    return Finding(
        "SQLite",
        f"version {sqlite3.sqlite_version} can corrupt a file when two processes checkpoint its log at once (mended in 3.51.3)",
        "Nothing to do: Inkhorn lets only its runner checkpoint, with every writer held off. "
        "Let no other program write to the file while Inkhorn runs.",
        is_note=True,
    )


def look_at_log(config: Config) -> Finding:
    path = config.sqlite_path.with_name(f"{config.sqlite_path.name}-wal") if config.sqlite_path else None
    size = path.stat().st_size // 1_000_000 if path and path.exists() else 0
    whose = "Litestream" if config.checkpoints == "litestream" else "the runner: inkhorn run, or inkhorn worker"
    remedy = f"Start {whose}. It alone copies the log back." if size > LARGE_LOG_MB else ""
    return Finding("Write-ahead log", f"{size} MB", remedy)


def look_at_runner(config: Config) -> Finding:
    if config.broker_url:
        return Finding("Runner", "jobs are carried out by Celery workers")
    if not _is_held(config, LOCK_NAME) and _is_held(config, starting.LOCK_NAME):
        # Its site may just be beginning it anew.
        time.sleep(1)
    if _is_held(config, LOCK_NAME):
        since = time.strftime("%Y-%m-%d %H:%M", time.localtime((config.data / LOCK_NAME).stat().st_mtime))
        return Finding("Runner", f"is alive (its lock is from {since})")
    return Finding(
        "Runner", "is not running here", "Start the site with inkhorn run, or the runner alone with inkhorn worker.", is_note=True
    )


def _is_held(config: Config, name: str) -> bool:
    """Whether a living process holds the lock of that name."""
    path = config.data / name
    if not path.exists():
        return False
    with path.open("r+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


def look_at_mail(config: Config) -> Finding:
    if not config.smtp_host:
        if config.is_development:
            return Finding("Mail", "letters are kept in a mailbox at the desk")
        return Finding(
            "Mail", "no mail server is set, so letters wait", "Set smtp_host; docs/how-to/send-mail.md says what else.", is_note=True
        )
    check_key(config)
    SmtpServer(config).knock()
    news = f"{config.smtp_host} lets us in, and letters come from {sender_of(config)}"
    if mail_host(config) == "localhost":
        return Finding("Mail", news, "Set mail_from to an address of your own, or most servers will take letters for junk.")
    if config.smtp_security == "none" and config.smtp_host not in ("localhost", "127.0.0.1", "::1"):
        return Finding("Mail", f"{news}; the way there is open", "Set smtp_security to starttls or tls.", is_note=True)
    return Finding("Mail", news)


def look_at_letters(config: Config) -> Finding:
    counts = {state: (number, since) for state, number, since in ask(config, LETTERS)}
    failed = sum(counts.get(state, (0, ""))[0] for state in ("refused", "given_up"))
    waiting, since = counts.get("waiting", (0, None))
    uncertain = counts.get("uncertain", (0, ""))[0]
    news = f"{waiting} waiting, {uncertain} uncertain, {failed} failed"
    if waiting and clock.now() - moment_of(since) > PATIENCE:
        return Finding(
            "Letters", f"{news}; the oldest waits since {moment_of(since):%Y-%m-%d %H:%M} UTC", "See why: inkhorn mail list --state waiting"
        )
    remedy = "Decide about them: inkhorn mail list, then retry or settle." if uncertain or failed else ""
    return Finding("Letters", news, remedy, is_note=True)


def look_at_limits(config: Config) -> Finding:
    where, answers = limit_stores.answers(config)
    if answers:
        return Finding("Limits", f"tries are counted in {where}")
    remedy = (
        "Start it, or correct limits_url."
        if config.limits_url
        else "Start the database, or run with the account that owns it: inkhorn migrate"
    )
    return Finding("Limits", f"{where} does not answer, so each machine counts for itself", remedy)


def look_at_media(config: Config) -> Finding:
    store = storage_of(config)
    if isinstance(store, DiskStorage):
        folder = store.root if store.root.exists() else config.data
        if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            return Finding("Media", f"{folder} cannot be written", "Give it to the account that runs Inkhorn.")
        if store.root.exists():
            knock(store)
        return Finding("Media", f"uploads are kept in {store.root}")
    knock(store)
    return Finding(
        "Media", f"uploads are kept in a bucket, which took a file and gave it back: {str(config.storage_url).partition('?')[0]}"
    )


def ask(config: Config, question: str) -> list[Any]:
    """The rows that the database answers, without starting anything; none where it is not there yet."""
    if config.sqlite_path:
        if not config.sqlite_path.exists() or migrating.current_revision(config) != revisions.head():
            return []
        with closing(sqlite3.connect(f"{config.sqlite_path.absolute().as_uri()}?mode=rw", uri=True, timeout=10)) as connection:
            connection.execute("PRAGMA wal_autocheckpoint=0")
            return connection.execute(question).fetchall()
    engine = create_engine(config.driver_url, poolclass=NullPool)
    with engine.connect() as connected:
        return list(connected.execute(text(question)).all())


def moment_of(told: Any) -> datetime:
    moment = told if isinstance(told, datetime) else datetime.fromisoformat(str(told))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
