"""What else the doctor looks at on the ground floor: who may read what, contradictions, proxies, certificates, clocks, queues, brokers and the disk's own promises."""

import os
import socket
import sqlite3
import ssl
import stat
from contextlib import closing
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from urllib.parse import urlsplit

from inkhorn.core import clock
from inkhorn.core.certificates import pair_there
from inkhorn.core.config import Config
from inkhorn.core.doctor import Finding, Look, ask, moment_of
from inkhorn.core.headers import is_loopback

PATIENCE_SECONDS = 5.0
# A clock that is off by that much makes codes, links and sessions end at the wrong time.
MOST_SKEW = timedelta(seconds=5)
LATE = timedelta(minutes=10)
SILENCE = timedelta(minutes=5)
RENEW_DAYS = 14
# Of web workers, the runner, its listeners and whoever works at a shell.
SPARE_CONNECTIONS = 10
AMQP_PORTS = {"amqp": 5672, "amqps": 5671}
PRIVATE = ("secret_key", "inkhorn.toml", "inkhorn.sqlite3", "inkhorn.sqlite3-wal")
QUEUE = (
    "SELECT sum(CASE WHEN is_dead THEN 1 ELSE 0 END), sum(CASE WHEN NOT is_dead THEN 1 ELSE 0 END),"
    " min(CASE WHEN NOT is_dead AND (lease_until IS NULL OR lease_until < CURRENT_TIMESTAMP) THEN run_at END) FROM job"
)
NEWEST = "SELECT max(last_at) FROM periodic"


def look_at_contradictions(config: Config) -> Finding:
    """What is allowed and yet can hardly be meant."""
    found = [
        (not config.is_production and not is_loopback(config.host),
         f"profile {config.profile} tells strangers too much, and {config.host} lets them in", "Set profile to production."),
        (not config.is_production and config.uses_https and not config.speaks_https,
         f"profile {config.profile} is for work on Inkhorn, and site_url is a site's", "Set profile to production."),
        (config.insecure_http and config.is_production and not config.uses_https,
         "insecure_http is set and site_url is not https", "Put a proxy with https in front, set site_url to its address, and take insecure_http away."),
        (config.hsts_subdomains and not config.uses_https,
         "hsts_subdomains is set and site_url is not https", "Set site_url to an https address, or take hsts_subdomains away."),
        (config.api_credentials and not config.api_origins,
         "api_credentials is set and api_origins names no site", "Name the sites, or take api_credentials away."),
        (config.checkpoints == "litestream" and not config.uses_sqlite,
         "checkpoints = litestream, and the database is not SQLite", "Take checkpoints away."),
        (bool(config.backup_every_hours and config.broker_url) and config.backup_to is None,
         "whichever worker makes a backup keeps it in its own data folder", "Set backup_to to a bucket, or to a folder that all workers share."),
        (bool(config.backup_passphrase) and not config.backup_every_hours and config.backup_to is None,
         "backup_passphrase is set and nothing makes backups", "Set backup_every_hours."),
    ]  # fmt: skip
    for is_so, news, remedy in found:
        if is_so:
            return Finding("Contradictions", news, remedy)
    return Finding("Contradictions", "no setting speaks against another")


def look_at_permissions(config: Config) -> Finding:
    for path in [config.data / name for name in PRIVATE] + ([config.log_file] if config.log_file else []):
        if path.exists() and path.stat().st_mode & (stat.S_IWOTH | (stat.S_IROTH if path.name in ("secret_key", "inkhorn.toml") else 0)):
            return Finding("Permissions", f"{path} is open to everybody on this machine", f"Run: chmod o-rwx {path}")
        if path.exists() and config.data.stat().st_mode & stat.S_IXOTH and path.stat().st_mode & stat.S_IROTH:
            return Finding(
                "Permissions", f"{path} can be read by everybody on this machine", f"Run: chmod o-rwx {config.data}", is_note=True
            )
    return Finding("Permissions", "nobody but the account of Inkhorn and its group reads what is private")


def look_at_proxies(config: Config) -> Finding:
    news = f"{config.trusted_proxies} in front are trusted"
    if config.uses_https and not config.speaks_https and config.trusted_proxies == 0 and config.is_production:
        return Finding(
            "Proxies",
            f"{news}, though site_url is https: all readers seem to come from the proxy, and limits count them as one",
            "Set trusted_proxies to the number of proxies that set X-Forwarded-For.",
        )
    if config.trusted_proxies and not is_loopback(config.host):
        return Finding(
            "Proxies",
            f"{news}, and {config.host} can be reached past them: whoever does chooses the address they seem to come from",
            "Let host be 127.0.0.1, or let a firewall admit the proxy alone.",
            is_note=True,
        )
    return Finding("Proxies", news)


def look_at_tls(config: Config) -> Finding:
    """The certificate as readers see it, and how long it lasts."""
    parts = urlsplit(config.site_url or "")
    if parts.scheme != "https" or not parts.hostname:
        return Finding("Certificate", "site_url is not https, so there is none to look at")
    who = "the site" if config.speaks_https else "the proxy"
    context = ssl.create_default_context()
    try:
        pair = pair_there(config) if config.speaks_https else None
        if pair is not None and pair.authority is not None:
            # Readers were told to trust it, and this machine need not.
            context.load_verify_locations(pair.authority)
        with (
            socket.create_connection((parts.hostname, parts.port or 443), timeout=PATIENCE_SECONDS) as line,
            context.wrap_socket(line, server_hostname=parts.hostname) as secured,
        ):
            told = secured.getpeercert() or {}
    except ssl.SSLCertVerificationError as error:
        return Finding("Certificate", f"{parts.hostname} shows one that browsers refuse: {error.verify_message}", f"Renew it at {who}.")
    except OSError as error:
        why = f"{config.site_url} could not be reached from here ({error.strerror or error})"
        return Finding(
            "Certificate", why, f"See whether {who} runs; where this machine cannot reach it by design, look from outside.", is_note=True
        )
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(told["notAfter"])), UTC)
    days = (ends - datetime.now(UTC)).days
    if days < RENEW_DAYS:
        return Finding("Certificate", f"that of {parts.hostname} ends in {days} days", f"See why {who} has not renewed it.")
    return Finding("Certificate", f"that of {parts.hostname} is good for {days} days")


def look_at_clock(config: Config) -> Finding:
    now = clock.now()
    if not config.uses_sqlite:
        told = moment_of(ask(config, "SELECT clock_timestamp()")[0][0])
        skew = abs(told - clock.now())
        if skew > MOST_SKEW:
            return Finding("Clock", f"this machine and the database are {skew.total_seconds():.0f} seconds apart", "Keep both by NTP.")
    rows = ask(config, NEWEST)
    newest = moment_of(rows[0][0]) if rows and rows[0][0] else None
    if newest is not None and newest > now + MOST_SKEW:
        return Finding(
            "Clock",
            f"the timetable was last kept at {newest:%Y-%m-%d %H:%M:%S} UTC, which is yet to come",
            "The clock went back, or another machine's is ahead: keep all by NTP. Until then jobs wait.",
        )
    return Finding("Clock", f"it is {now:%Y-%m-%d %H:%M:%S} UTC here" + ("" if config.uses_sqlite else " and at the database"))


def look_at_jobs(config: Config) -> Finding:
    rows = ask(config, QUEUE)
    if not rows:
        return Finding("Jobs", "there are none yet")
    dead, waiting, due = rows[0]
    news = f"{waiting or 0} waiting, {dead or 0} set aside"
    since = moment_of(due) if due else None
    if since is not None and since < clock.now() - LATE:
        return Finding(
            "Jobs",
            f"{news}; one is due since {since:%Y-%m-%d %H:%M} UTC",
            "Start the runner: inkhorn run, or inkhorn worker. Else see its log.",
        )
    last = ask(config, NEWEST)
    ticked = moment_of(last[0][0]) if last and last[0][0] else None
    if ticked is not None and ticked < clock.now() - SILENCE:
        mend = "Start the site, or the runner alone with inkhorn worker; what is due comes then."
        return Finding("Jobs", f"{news}; the timetable stands still since {ticked:%Y-%m-%d %H:%M} UTC", mend, is_note=True)
    if dead:
        return Finding("Jobs", news, "See why: inkhorn jobs list --dead. Then inkhorn jobs retry, or forget, with the number.")
    return Finding("Jobs", news)


def look_at_broker(config: Config) -> Finding:
    if not config.broker_url:
        return Finding("Broker", "none is set; the runner takes jobs from the database")
    parts = urlsplit(config.broker_url)
    try:
        if parts.scheme in AMQP_PORTS:
            socket.create_connection((parts.hostname or "", parts.port or AMQP_PORTS[parts.scheme]), timeout=PATIENCE_SECONDS).close()
        else:
            with closing(
                import_module("redis").from_url(config.broker_url, socket_timeout=PATIENCE_SECONDS, socket_connect_timeout=PATIENCE_SECONDS)
            ) as asked:
                asked.ping()
    except ImportError:
        return Finding("Broker", "broker_url is set and Celery is not installed", "Run: pip install 'inkhorn[celery]'")
    except Exception as error:
        why = f"{parts.hostname} does not answer ({type(error).__name__})"
        return Finding("Broker", why, "Start it, or correct broker_url. No job is lost meanwhile: they wait in the database.")
    return Finding("Broker", f"{parts.hostname} answers")


def look_at_promises(config: Config) -> Finding:
    """Whether what was committed is on the disk, as everything here relies on."""
    if config.sqlite_path:
        if not config.sqlite_path.exists():
            return Finding("Durability", "there is no database yet")
        with closing(sqlite3.connect(f"{config.sqlite_path.absolute().as_uri()}?mode=ro", uri=True, timeout=10)) as file:
            mode = file.execute("PRAGMA journal_mode").fetchone()[0]
        if mode != "wal":
            mend = "Start the site once: it sets the mode. Where it does not hold, the file system cannot do it; use a local disk."
            return Finding("Durability", f"SQLite's journal is in mode {mode} and not wal", mend, is_note=True)
        return Finding("Durability", "SQLite writes ahead, and every commit reaches the disk")
    asked = "SELECT current_setting('fsync'), current_setting('synchronous_commit'), current_setting('max_connections')::int"
    fsync, commits, most = ask(config, asked)[0]
    if fsync != "on" or commits == "off":
        return Finding(
            "Durability",
            f"PostgreSQL runs with fsync = {fsync} and synchronous_commit = {commits}: a power cut loses what was acknowledged",
            "Set both to on in postgresql.conf.",
        )
    wanted = config.web_workers * (config.web_threads + 6) + config.job_threads + SPARE_CONNECTIONS
    if most < wanted:
        mend = f"Raise max_connections, or lower web_workers and web_threads: {wanted} may be wanted at once."
        return Finding("Durability", f"PostgreSQL takes {most} connections at most", mend)
    return Finding("Durability", f"every commit reaches PostgreSQL's disk, and {most} connections are enough")


def look_at_log_file(config: Config) -> Finding:
    path: Path | None = config.log_file
    if path is None:
        return Finding("Log", "goes to standard error")
    # Not by writing: whoever asks may be another account, whose file the site could not write.
    place, wanted = (path, os.W_OK) if path.exists() else (path.parent, os.W_OK | os.X_OK)
    if not os.access(place, wanted):
        return Finding("Log", f"{place} cannot be written", "Correct log_file, or give that to the account that runs Inkhorn.")
    return Finding("Log", f"goes to {path}, which is turned over at 10 MB")


CHECKS: tuple[Look, ...] = (
    ("Contradictions", look_at_contradictions),
    ("Permissions", look_at_permissions),
    ("Durability", look_at_promises),
    ("Clock", look_at_clock),
    ("Jobs", look_at_jobs),
    ("Broker", look_at_broker),
    ("Proxies", look_at_proxies),
    ("Certificate", look_at_tls),
    ("Log", look_at_log_file),
)
