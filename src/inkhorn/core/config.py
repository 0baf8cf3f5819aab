"""Configuration: every value the program is started with, in one frozen Config."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

from flask import current_app

Profile = Literal["development", "testing", "staging", "production"]
LEAST_SECRET_CHARACTERS = 32
# Bodies that a web process gathers at once.
BODIES_AT_ONCE = 32
# Of each web process: requests that wait for a store or another host while others are worked on.
ASIDE_AT_ONCE = 4


class ConfigError(Exception):
    """The start is refused; str() is one line that names the key, the value and the mend."""


def _setting(default: Any, meaning: str, *, secret: bool = False) -> Any:
    return field(default=default, metadata={"help": meaning, "secret": secret})


@dataclass(frozen=True, kw_only=True)
class Config:
    """Every value the program is started with; `origins` tells where each came from."""

    profile: Profile = _setting("production", "How careful to be: development, testing, staging or production.")
    data: Path = _setting(Path("data"), "The folder that holds the database, the media, the secret key and the settings file.")
    secret_key: str = _setting(
        "", "Signs cookies and links; made and kept in the data folder when absent. At least 32 characters.", secret=True
    )
    previous_secret_keys: str = _setting(
        "", "Earlier secret keys, the newest first, divided by blanks: what they signed or sealed stays readable.", secret=True
    )
    database_url: str = _setting("", "SQLAlchemy address of the database; empty means inkhorn.sqlite3 in the data folder.", secret=True)
    replica_url: str | None = _setting(
        None,
        "A copy of the PostgreSQL database that follows it and is only read, from which pages for visitors are drawn; empty means there is none.",
        secret=True,
    )
    site_url: str | None = _setting(None, "Address readers use, such as https://example.org; empty means the one they asked for.")
    host: str = _setting("127.0.0.1", "Address to listen on.")
    port: int = _setting(8000, "Port to listen on.")
    https: bool = _setting(
        False, "Speak https without a proxy, by certificates of an authority of our own in the data folder, unless https_cert is set."
    )
    https_cert: Path | None = _setting(
        None, "Certificate for https without a proxy, as PEM with its chain; renewed files are taken up by themselves."
    )
    https_key: Path | None = _setting(None, "Private key of that certificate, as PEM without a password.")
    web_workers: int = _setting(2, "Web server processes.")
    web_threads: int = _setting(
        2, "Requests that each web process answers at once; more pay only where requests wait for something outside."
    )
    live_streams: int = _setting(
        8,
        "Readers in each web process who hear of comments at once, a quarter of them from one address, by threads on top; others ask now and then.",
    )
    large_files: int = _setting(
        16,
        "Files of over 2 MB that each web process sends at once, a quarter of them to one address, by threads on top; others come back later.",
    )
    page_cache_mb: int = _setting(
        32,
        "Memory for finished pages in each web process, in megabytes; 0 keeps none, nor does the development profile unless this is set.",
    )
    cdn_seconds: int = _setting(
        0,
        "Seconds for which a network that keeps copies of pages (CDN) may give one out without asking; 0 means it asks each time. "
        "It must pass by whoever carries a cookie named inkhorn.",
    )
    assets_url: str | None = _setting(
        None,
        "Another host, such as https://assets.example.org, that serves style sheets, scripts and fonts by asking this site for them; "
        "empty means this site does.",
    )
    cdn_purge_url: str | None = _setting(
        None, "Address at that network that makes it forget its copies, called after every change; empty means none is.", secret=True
    )
    cdn_purge_header: str | None = _setting(None, "Header that this call needs, such as Authorization: Bearer and a token.", secret=True)
    cdn_purge_body: str = _setting('{"tags": ["inkhorn-pages"]}', "What this call sends, as JSON.")
    job_threads: int = _setting(2, "Background jobs that run at once in the embedded runner.")
    broker_url: str | None = _setting(None, "Redis or RabbitMQ for Celery workers; empty means the embedded runner.", secret=True)
    limits_url: str | None = _setting(
        None,
        "Redis in which several machines count tries together, such as redis://host:6379/1; "
        "empty means a table of PostgreSQL, or a small file in the data folder.",
        secret=True,
    )
    smtp_host: str | None = _setting(
        None, "Mail server that letters are handed to; without one they wait, in development in a mailbox at the desk."
    )
    smtp_port: int = _setting(587, "Port of the mail server: 587 for starttls, 465 for tls, 25 for none.")
    smtp_security: str = _setting("starttls", "How the way to the mail server is kept private: starttls, tls or none.")
    smtp_username: str | None = _setting(None, "Account at the mail server; empty means none is needed.")
    smtp_password: str | None = _setting(None, "Password of that account.", secret=True)
    smtp_ca_file: Path | None = _setting(None, "Certificates the mail server is checked against; empty means those that the system trusts.")
    mail_from: str | None = _setting(None, "Address letters come from; empty means inkhorn@ and the host of site_url.")
    mail_reply_to: str | None = _setting(None, "Address answers go to; empty means that of mail_from.")
    dkim_domain: str | None = _setting(None, "Domain that signs letters (DKIM); empty means they are not signed here.")
    dkim_selector: str = _setting("inkhorn", "Name of the DKIM key in the domain's DNS, before ._domainkey.")
    dkim_key: str | None = _setting(None, "Private DKIM key as PEM, RSA or Ed25519.", secret=True)
    captcha: str = _setting("proof-of-work", "What keeps robots out of open forms: proof-of-work, turnstile, hcaptcha, recaptcha or none.")
    captcha_site_key: str | None = _setting(None, "Public key at the provider of the captcha; the proof of work needs none.")
    captcha_secret_key: str | None = _setting(None, "Secret key at the provider of the captcha.", secret=True)
    github_client_id: str | None = _setting(None, "OAuth client for signing in with GitHub; empty means it is not offered.")
    github_client_secret: str | None = _setting(None, "Its secret.", secret=True)
    google_client_id: str | None = _setting(None, "OpenID client for signing in with Google; empty means it is not offered.")
    google_client_secret: str | None = _setting(None, "Its secret.", secret=True)
    oidc_issuer: str | None = _setting(
        None, "Issuer of another OpenID provider, such as https://login.example.org; empty means there is none."
    )
    oidc_name: str = _setting("", "What that provider is called on its button; empty means its host.")
    oidc_client_id: str | None = _setting(None, "OpenID client at that provider.")
    oidc_client_secret: str | None = _setting(None, "Its secret.", secret=True)
    storage_url: str | None = _setting(
        None,
        "Bucket that keeps uploads, such as s3://my-bucket/folder?endpoint=https://s3.example.org&region=eu-central-1; "
        "empty means the folder media in the data folder.",
    )
    storage_access_key: str | None = _setting(None, "Access key of the bucket.", secret=True)
    storage_secret_key: str | None = _setting(None, "Secret key of the bucket.", secret=True)
    media_url: str | None = _setting(
        None,
        "Address at which another host, such as a CDN before the bucket, serves uploads that are for everybody; empty means this site does.",
    )
    backup_every_hours: int = _setting(0, "Hours from one backup to the next, which the runner makes; 0 means none is made by itself.")
    backup_to: str | None = _setting(
        None,
        "Folder or bucket that backups are put into, such as s3://my-backups/site?endpoint=https://s3.example.org; "
        "empty means the folder backups in the data folder.",
    )
    backup_passphrase: str | None = _setting(None, "Seals backups: nobody opens one without it. At least 16 characters.", secret=True)
    backup_media: bool = _setting(
        True, "Whether backups hold the uploads too; without them the bucket that keeps those needs its own copies."
    )
    backup_keep_daily: int = _setting(7, "For how many days with a backup the last one of the day is kept.")
    backup_keep_weekly: int = _setting(4, "For how many weeks with a backup the last one of the week is kept.")
    backup_access_key: str | None = _setting(
        None, "Access key of the bucket for backups; empty means that of storage_access_key.", secret=True
    )
    backup_secret_key: str | None = _setting(None, "Secret key of the bucket for backups.", secret=True)
    checkpoints: str = _setting(
        "runner", "Who copies SQLite's write-ahead log back: runner, or litestream where Litestream follows the database and does it."
    )
    trusted_proxies: int = _setting(0, "How many proxies in front set X-Forwarded-*; 0 ignores those headers.")
    allowed_hosts: tuple[str, ...] = _setting(
        (),
        "Host names this site answers to besides those of loopback; empty means that of site_url, "
        "and without one plain IP addresses where it listens to other machines.",
    )
    api_origins: tuple[str, ...] = _setting(
        (), "Other sites whose pages may call /api from a browser, exactly as browsers name them, such as https://app.example.org."
    )
    api_credentials: bool = _setting(
        False, "Let pages of those sites send the cookies of whoever uses them along; keys need no such thing."
    )
    hsts_subdomains: bool = _setting(
        False, "Have browsers insist on https for every host under this one too; only where all of them speak it."
    )
    insecure_http: bool = _setting(
        False, "Serve plain http to other machines in staging and production; only behind a proxy that speaks https."
    )
    max_upload_mb: int = _setting(20, "Largest picture or file that may be uploaded, in megabytes.")
    max_media_mb: int = _setting(2048, "Largest sound, video or file that may be uploaded in parts at the media library, in megabytes.")
    max_form_mb: int = _setting(4, "Largest form that is read, in megabytes; uploads have their own limit.")
    metrics_token: str | None = _setting(
        None,
        "What Prometheus shows at /metrics as Authorization: Bearer; empty means that nothing is counted and nothing stands there. "
        "At least 16 characters.",
        secret=True,
    )
    slow_query_ms: int = _setting(500, "Statements that take the database longer than that, in milliseconds, are logged; 0 means none is.")
    access_log: bool = _setting(
        True,
        "A line in the log for every request, those answered from memory among them; the development profile writes none unless this is set.",
    )
    log_addresses: str = _setting("masked", "Network addresses in that line: masked (their network alone), full or none.")
    otlp_url: str | None = _setting(
        None,
        "OpenTelemetry collector that traces are sent to over HTTP, such as http://127.0.0.1:4318; needs the extra inkhorn[traces].",
    )
    otlp_headers: str | None = _setting(
        None, "Headers for that collector, as name=value divided by commas, such as a key of its provider.", secret=True
    )
    traces_percent: int = _setting(5, "Of a hundred requests and jobs, how many are traced where otlp_url is set.")
    sentry_dsn: str | None = _setting(
        None, "Sentry, or what speaks like it, that unexpected errors are reported to; needs the extra inkhorn[sentry].", secret=True
    )
    log_level: str = _setting("info", "Least important line that is logged: debug, info, warning or error.")
    log_format: str = _setting("", "json or console; empty means console in development and json elsewhere.")
    log_file: Path | None = _setting(None, "File to log to, rotated at 10 MB; empty means standard error.")
    origins: Mapping[str, str] = field(default_factory=dict, metadata={"internal": True})

    @property
    def is_development(self) -> bool:
        return self.profile == "development"

    @property
    def is_testing(self) -> bool:
        return self.profile == "testing"

    @property
    def is_production(self) -> bool:
        return self.profile in ("production", "staging")

    @property
    def speaks_https(self) -> bool:
        """Whether our own server does, not one in front."""
        return self.https or self.https_cert is not None

    @property
    def uses_https(self) -> bool:
        """Whether readers come by https; then cookies go no other way."""
        return self.site_url.startswith("https://") if self.site_url else self.speaks_https

    @property
    def insists_on_https(self) -> bool:
        """Whether browsers may be told never to come by http again, which they believe of the whole host and of every port of it."""
        return bool(self.site_url and self.site_url.startswith("https://"))

    @property
    def own_address(self) -> str:
        """Where our own server answers."""
        return f"http{'s' if self.speaks_https else ''}://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"

    @property
    def server_threads(self) -> int:
        """Of each web process: streams, large files and what is still arriving wait in threads of their own; core.turns keeps the others to web_threads."""
        return self.web_threads + self.live_streams + self.large_files + BODIES_AT_ONCE + ASIDE_AT_ONCE

    @property
    def page_cache_bytes(self) -> int:
        """While developing, themes are edited, so nothing is kept then that was not asked for."""
        is_kept = not self.is_development or "page_cache_mb" in self.origins
        return self.page_cache_mb << 20 if is_kept else 0

    @property
    def writes_access_log(self) -> bool:
        """While developing, the lines would hide the others."""
        return self.access_log and (not self.is_development or "access_log" in self.origins)

    @property
    def secret_keys(self) -> tuple[str, ...]:
        """The key that signs and seals now, then those that did before."""
        return (self.secret_key, *self.previous_secret_keys.split())

    @property
    def uses_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def driver_url(self) -> str:
        """The database's address as SQLAlchemy wants it, with the driver that we ship."""
        return _with_driver(self.database_url)

    @property
    def replica_driver_url(self) -> str:
        return _with_driver(self.replica_url or "")

    @property
    def sqlite_path(self) -> Path | None:
        return Path(self.database_url.removeprefix("sqlite:///")) if self.uses_sqlite else None


def _with_driver(url: str) -> str:
    return re.sub(r"^postgresql://", "postgresql+psycopg://", url)


def config() -> Config:
    """The configuration of the running application."""
    running: Config = current_app.extensions["inkhorn.config"]
    return running


def settings_of_config() -> list[Any]:
    """The dataclass fields that people set, in order; metadata has "help" and "secret"."""
    return [each for each in fields(Config) if not each.metadata.get("internal")]
