"""Inkhorn by gunicorn, behind a proxy: `INKHORN_DATA=/srv/my-site gunicorn -c gunicorn.conf.py`, with `inkhorn worker` beside it for background jobs.

Everything else comes from inkhorn.toml, so both servers answer alike. docs/how-to/run-behind-a-proxy.md tells when to choose which.
"""

import fcntl
import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import IO, Any

from gunicorn.workers.gthread import ThreadWorker

# The master holds nothing of the program: its workers are forked from it, and after an upgrade they would run half of the old one.
ASKED = """
import json
from inkhorn.core.config_loading import load_config
from inkhorn.core.errors import InkhornError
from inkhorn.core.starting import LOCK_NAME
try:
    told = load_config()
except InkhornError as error:
    raise SystemExit(str(error))
lock = str(told.data / LOCK_NAME) if told.uses_sqlite else None
print(json.dumps({"host": told.host, "port": told.port, "workers": told.web_workers, "threads": told.server_threads, "lock": lock, "counts": bool(told.metrics_token)}))
"""
# Figures of workers that are gone begin anew with the master.
COUNTED = """
from inkhorn.core.config_loading import load_config
from inkhorn.core.metrics.shelf import FOLDER, Shelf
Shelf(load_config().data / FOLDER).begin_anew()
"""
# What a worker does before it answers, and whether the old ones can go on meanwhile: what they know of the database must still hold.
BEGUN = """
from inkhorn.core import migrating
from inkhorn.core.config_loading import load_config
from inkhorn.core.errors import InkhornError
try:
    found = migrating.current_revision(load_config())
except InkhornError as error:
    raise SystemExit(str(error))
if found != migrating.head():
    raise SystemExit(f"The database is at {found} and this version wants {migrating.head()}. Restart the site instead.")
import inkhorn.wsgi
"""
PATIENCE_SECONDS = 120
KEPT = "GUNICORN_LAST_TOLD"


class Refused(Exception):
    """The sentence says why."""


def ask(program: str) -> str:
    """What a process of its own says."""
    try:
        command = [sys.executable, "-c", program]
        asked = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)  # noqa: S603 - our own words
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Refused(str(error)) from error
    if asked.returncode:
        raise Refused((asked.stderr.strip().splitlines() or ["it ended without a word"])[-1])
    return asked.stdout


def settings() -> dict[str, Any]:
    """What inkhorn.toml says now; where it cannot be read, what it said before."""
    try:
        os.environ[KEPT] = ask(ASKED)
    except Refused as refused:
        if KEPT not in os.environ:
            raise SystemExit(f"inkhorn: {refused}") from None
        sys.stderr.write(f"inkhorn: {refused} The settings from before go on.\n")
    told: dict[str, Any] = json.loads(os.environ[KEPT])
    return told


loaded = settings()

wsgi_app = "inkhorn.wsgi:app"
bind = os.environ.get("LISTEN_ON") or ("[{host}]:{port}" if ":" in loaded["host"] else "{host}:{port}").format(**loaded)
# Whoever may write to a socket file is let in by the group of the folder it is in.
umask = 0o007
workers = loaded["workers"]
threads = loaded["threads"]

# A worker whose main loop stands still for so long is killed. Requests may take longer: they have threads of their own.
timeout = 60
# What is being answered when a worker is told to go may be finished in that time.
graceful_timeout = 30
# Longer than the proxy keeps a connection that nobody uses, so that the proxy is the one who closes it.
keepalive = 75
backlog = 1024

limit_request_line = 8190
limit_request_fields = 100
limit_request_field_size = 8190

# Each worker loads the application by itself, so that after `kill -HUP` the new ones run what is installed and set then. To load it once for
# all would save memory and cost just that.
preload_app = False
# Nothing is known to leak, so no worker goes for having answered many.
max_requests = 0
# The beat of each worker is a file; on a disk that is busy it would seem to stand still.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - a name that is gone as soon as it is made

# Only trusted_proxies decides whose X-Forwarded-* is believed; no header may say what a path is.
forwarded_allow_ips = ""
secure_scheme_headers: dict[str, str] = {}
forwarder_headers = ""
control_socket_disable = True
loglevel = "warning"


class Worker(ThreadWorker):
    """Ends the streams that it holds as soon as it is to go; otherwise each would keep it until it is killed."""

    @property
    def alive(self) -> bool:
        return self._is_alive

    @alive.setter
    def alive(self, is_alive: bool) -> None:
        self._is_alive = is_alive
        # It was loaded by the worker itself, so what is said here no other worker hears.
        if not is_alive and (streams := sys.modules.get("inkhorn.core.streams")):
            streams.say_ending()


worker_class = Worker


def on_starting(server: Any) -> None:
    """Hold the data folder as `inkhorn run` does, so that no second server and no restore meets it."""
    if loaded["lock"]:
        server.inkhorn_lock = lock_of(Path(loaded["lock"]))
    if loaded["counts"]:
        try:
            ask(COUNTED)
        except Refused as refused:
            server.log.error("Figures do not begin anew: %s", refused)


def lock_of(path: Path) -> IO[str]:
    """The lock of the data folder, which is held for as long as the file is open."""
    try:
        lock = path.open("a+", encoding="ascii")
    except OSError as error:
        raise SystemExit(f"inkhorn: {path.parent} cannot be written ({error.strerror}). Correct its owner or permissions.") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.seek(0)
        raise SystemExit(
            f"inkhorn: Inkhorn already runs on {path.parent} (process {lock.read().strip() or 'unknown'}). Stop that one first."
        ) from None
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def when_ready(server: Any) -> None:
    server.reload = partial(reload_if_sound, server, server.reload)


def reload_if_sound(server: Any, reload: Any) -> None:
    """Replace the workers if new ones could begin; gunicorn would end itself where they cannot."""
    try:
        ask(BEGUN)
    except Refused as refused:
        server.log.error("Not reloaded, the old workers go on: %s", refused)
    else:
        reload()
