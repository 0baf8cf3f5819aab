"""Inkhorn by gunicorn, behind a proxy: `INKHORN_DATA=/srv/my-site gunicorn -c gunicorn.conf.py`, with `inkhorn worker` beside it for background jobs.

Everything else comes from inkhorn.toml, so both servers answer alike. docs/how-to/run-behind-a-proxy.md tells when to choose which.
"""

import os
from pathlib import Path
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

from inkhorn.core import streams
from inkhorn.core.config_loading import load_config
from inkhorn.core.metrics.shelf import FOLDER, Shelf
from inkhorn.core.starting import StartRefused, lock_folder

loaded = load_config()

wsgi_app = "inkhorn.wsgi:app"
bind = os.environ.get("LISTEN_ON") or f"{f'[{loaded.host}]' if ':' in loaded.host else loaded.host}:{loaded.port}"
# Whoever may write to a socket file is let in by the group of the folder it is in.
umask = 0o007
workers = loaded.web_workers
threads = loaded.server_threads

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
        if not is_alive:
            streams.say_ending()


worker_class = Worker


def on_starting(server: Any) -> None:
    """Hold the data folder as `inkhorn run` does, so that no second server and no restore meets it."""
    if loaded.uses_sqlite:
        try:
            server.inkhorn_lock = lock_folder(loaded)
        except StartRefused as error:
            raise SystemExit(f"inkhorn: {error}") from None
    if loaded.metrics_token:
        Shelf(loaded.data / FOLDER).begin_anew()
