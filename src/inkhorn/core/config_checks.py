"""What makes no sense in a configuration, each told in a sentence that names the key and the mend."""

import json
import re
from urllib.parse import parse_qs, urlsplit

from inkhorn.core.config import LEAST_SECRET_CHARACTERS, Config, ConfigError

LEAST_PASSPHRASE_CHARACTERS = 16
BOUNDS = {
    "port": (0, 65535),
    "web_workers": (1, 64),
    "web_threads": (1, 256),
    "live_streams": (0, 256),
    "large_files": (1, 256),
    "page_cache_mb": (0, 16_384),
    "job_threads": (1, 64),
    "cdn_seconds": (0, 31_536_000),
    "trusted_proxies": (0, 10),
    "smtp_port": (1, 65535),
    "backup_every_hours": (0, 8760),
    "backup_keep_daily": (1, 3660),
    "backup_keep_weekly": (0, 520),
    "max_upload_mb": (1, 4096),
    "max_media_mb": (1, 65_536),
    "max_form_mb": (1, 64),
    "slow_query_ms": (0, 600_000),
    "traces_percent": (0, 100),
}
CHOICES = {
    "log_addresses": ("masked", "full", "none"),
    "checkpoints": ("runner", "litestream"),
    "smtp_security": ("starttls", "tls", "none"),
    "captcha": ("proof-of-work", "turnstile", "hcaptcha", "recaptcha", "none"),
}
# Of each pair, the first is worth nothing without the second.
TOGETHER = (
    ("cdn_purge_header", "cdn_purge_url"),
    ("https_cert", "https_key"),
    ("https_key", "https_cert"),
    ("smtp_username", "smtp_password"),
    ("storage_access_key", "storage_secret_key"),
    ("backup_access_key", "backup_secret_key"),
    ("dkim_domain", "dkim_key"),
    ("github_client_id", "github_client_secret"),
    ("google_client_id", "google_client_secret"),
    ("oidc_issuer", "oidc_client_id"),
    ("oidc_client_id", "oidc_client_secret"),
    ("otlp_headers", "otlp_url"),
)


def refuse_nonsense(loaded: Config) -> None:
    """ConfigError for the first thing that cannot be meant."""
    for key, (least, most) in BOUNDS.items():
        if not least <= getattr(loaded, key) <= most:
            raise ConfigError(f"{key} = {getattr(loaded, key)} is out of bounds; give a number from {least} to {most}.")
    if loaded.secret_key and (len(loaded.secret_key) < LEAST_SECRET_CHARACTERS or len(set(loaded.secret_key)) < 10):
        raise ConfigError(
            f"secret_key is too weak; give at least {LEAST_SECRET_CHARACTERS} random characters, or remove it and one is made."
        )
    if loaded.backup_passphrase and len(loaded.backup_passphrase) < LEAST_PASSPHRASE_CHARACTERS:
        raise ConfigError(f"backup_passphrase is too short to keep anybody out; give at least {LEAST_PASSPHRASE_CHARACTERS} characters.")
    if loaded.metrics_token and not re.fullmatch(r"[!-~]{16,}", loaded.metrics_token):
        raise ConfigError("metrics_token must have 16 characters or more, without blanks; give a random one.")
    for key in loaded.previous_secret_keys.split():
        if len(key) < LEAST_SECRET_CHARACTERS:
            raise ConfigError(f"previous_secret_keys holds one of {len(key)} characters; keys have {LEAST_SECRET_CHARACTERS} or more.")
    if loaded.site_url:
        parts = urlsplit(loaded.site_url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/") or parts.query:
            raise ConfigError(f'site_url = "{loaded.site_url}" is no address of a site; give one like https://example.org.')
        if loaded.speaks_https and parts.scheme == "http":
            raise ConfigError(f'site_url = "{loaded.site_url}" is plain http, and https was asked for; let site_url begin with https://.')
    for key in ("otlp_url", "sentry_dsn"):
        if (url := getattr(loaded, key)) and not re.match(r"https?://[^/\s]+", url):
            raise ConfigError(f"{key} must begin with https:// (or http:// on a network of your own); correct it.")
    if loaded.sentry_dsn and not re.fullmatch(r"https?://[^\s:@/]+(:[^\s@/]*)?@[^\s@/]+(/[^\s/]+)*/[0-9]+", loaded.sentry_dsn):
        raise ConfigError("sentry_dsn holds no key or no project; copy it whole, such as https://key@sentry.example.org/7.")
    _refuse_half_said(loaded)
    _refuse_loose_origins(loaded)
    _refuse_no_network(loaded)
    if loaded.log_level not in ("debug", "info", "warning", "error"):
        raise ConfigError(f'log_level = "{loaded.log_level}" is unknown; choose debug, info, warning or error.')
    if loaded.log_format not in ("json", "console"):
        raise ConfigError(f'log_format = "{loaded.log_format}" is unknown; choose json or console.')
    if not re.match(r"(sqlite:///|postgresql(\+psycopg)?://)", loaded.database_url):
        raise ConfigError("database_url must begin with sqlite:/// or postgresql://; correct it.")
    if loaded.sqlite_path and not loaded.sqlite_path.is_absolute():
        # Each program that reads it would look in a folder of its own.
        raise ConfigError(
            f'database_url = "{loaded.database_url}" does not say in which folder that file is; '
            "give the whole path, with four slashes, like sqlite:////srv/my-site/inkhorn.sqlite3."
        )
    if loaded.replica_url and not re.match(r"postgresql(\+psycopg)?://", loaded.replica_url):
        raise ConfigError("replica_url must begin with postgresql://; correct it.")
    if loaded.replica_url and loaded.uses_sqlite:
        raise ConfigError(
            "replica_url is set and database_url is no PostgreSQL; only that has replicas. Set database_url, or leave replica_url out."
        )
    if loaded.broker_url and not loaded.broker_url.startswith(("redis://", "rediss://", "amqp://", "amqps://")):
        raise ConfigError("broker_url must begin with redis://, rediss://, amqp:// or amqps://; correct it.")


def _refuse_half_said(loaded: Config) -> None:
    for key, choices in CHOICES.items():
        if getattr(loaded, key) not in choices:
            raise ConfigError(f'{key} = "{getattr(loaded, key)}" is unknown; choose one of {", ".join(choices)}.')
    for first, second in TOGETHER:
        if getattr(loaded, first) and not getattr(loaded, second):
            raise ConfigError(f"{first} is set and {second} is not; give both, or neither.")
    if loaded.captcha in ("turnstile", "hcaptcha", "recaptcha") and not (loaded.captcha_site_key and loaded.captcha_secret_key):
        raise ConfigError(f"captcha = {loaded.captcha} wants captcha_site_key and captcha_secret_key; give both, or choose proof-of-work.")
    if loaded.oidc_issuer and not loaded.oidc_issuer.startswith("https://"):
        host = urlsplit(loaded.oidc_issuer).hostname or ""
        if loaded.is_production or host not in ("localhost", "127.0.0.1"):
            raise ConfigError("oidc_issuer must begin with https://; correct it.")
    for key in ("mail_from", "mail_reply_to"):
        if (value := getattr(loaded, key)) and not re.fullmatch(r"[^\s@<>]+@[^\s@<>]+", value):
            raise ConfigError(f'{key} = "{value}" is no address; give one like inkhorn@example.org.')
    _refuse_no_store(loaded)
    if loaded.limits_url and not loaded.limits_url.startswith(("redis://", "rediss://", "redis+unix://")):
        raise ConfigError("limits_url must begin with redis://, rediss:// or redis+unix://; correct it.")


def _refuse_loose_origins(loaded: Config) -> None:
    for origin in loaded.api_origins:
        # Neither *, null nor a part of a name: a page is let in by its whole origin or not at all.
        if not re.fullmatch(r"https?://([a-z0-9-]+(\.[a-z0-9-]+)*|\[[0-9a-f:]+\])(:[1-9][0-9]{0,4})?", origin):
            raise ConfigError(f'api_origins holds "{origin}", which is no origin; give one like https://app.example.org, without a path.')


def _refuse_no_network(loaded: Config) -> None:
    if loaded.cdn_purge_url and not re.fullmatch(r"https?://[^/\s]+\S*", loaded.cdn_purge_url):
        raise ConfigError("cdn_purge_url is no address; give one like https://cdn.example.org/purge.")
    if loaded.cdn_purge_header and not re.fullmatch(r"[A-Za-z0-9-]+: ?[\x21-\x7e][\x20-\x7e]*", loaded.cdn_purge_header):
        raise ConfigError("cdn_purge_header is no header; give one like Authorization: Bearer and a token.")
    if loaded.assets_url and not re.fullmatch(r"https?://[a-z0-9-]+(\.[a-z0-9-]+)*(:[1-9][0-9]{0,4})?", loaded.assets_url):
        raise ConfigError(f'assets_url = "{loaded.assets_url}" is no host; give one like https://assets.example.org, without a path.')
    try:
        json.loads(loaded.cdn_purge_body)
    except ValueError as error:
        raise ConfigError('cdn_purge_body is no JSON; give some like {"tags": ["inkhorn-pages"]}.') from error
    if loaded.cdn_seconds and loaded.cdn_seconds > 60 and not loaded.cdn_purge_url:
        raise ConfigError(
            f"cdn_seconds = {loaded.cdn_seconds} would show readers pages from before for so long; set cdn_purge_url, or 60 seconds at most."
        )


def _refuse_no_store(loaded: Config) -> None:
    if loaded.storage_url is not None:
        refuse_no_bucket("storage_url", loaded.storage_url)
    if loaded.backup_to is not None and loaded.backup_to.startswith("s3:"):
        refuse_no_bucket("backup_to", loaded.backup_to)
    if loaded.media_url is not None and not re.fullmatch(r"https?://[^\s/;,'\"?#]+(/[^\s;,'\"?#]*)?", loaded.media_url):
        raise ConfigError(f'media_url = "{loaded.media_url}" is no address; give one like https://media.example.org.')


def refuse_no_bucket(key: str, url: str) -> None:
    """ConfigError unless the address names a bucket as storage_url does."""
    parts = urlsplit(url)
    unknown = set(parse_qs(parts.query, keep_blank_values=True)) - {"endpoint", "region", "style"}
    if parts.scheme != "s3" or not re.fullmatch(r"[a-z0-9][a-z0-9.-]+", parts.netloc) or unknown:
        raise ConfigError(f"{key} must look like s3://bucket/folder?endpoint=https://host&region=name; correct it.")
    endpoint = parse_qs(parts.query).get("endpoint", ["https://x"])[-1]
    if not re.match(r"https?://[^/\s]+", endpoint):
        raise ConfigError(f"{key}: the endpoint must begin with https:// (or http:// on a network of your own); correct it.")
