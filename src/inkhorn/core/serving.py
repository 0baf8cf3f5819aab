"""The web server that `inkhorn run` starts: Granian, with its bounds, and the certificate that it shows."""

import logging
import os
import signal
import threading
import time
from importlib import import_module
from typing import TYPE_CHECKING, Any

from granian.constants import Interfaces, SSLProtocols
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer

from inkhorn.core import streams
from inkhorn.core.config import Config
from inkhorn.core.errors import InkhornError

if TYPE_CHECKING:
    from inkhorn.core.certificates import Pair

log = logging.getLogger(__name__)

BACKPRESSURE = 128
RESPAWN_SECONDS = 0.3
HEADER_MILLISECONDS = 15_000
HEADER_BYTES = 65_536
TEND_SECONDS = 10.0


class WebServer(MPServer):
    """Granian, which goes on however often its workers are killed; what keeps dying at its start is slowed by the interval."""

    def _respawn_workers(self, workers: Any, spawn_target: Any, target_loader: Any, delay: float = 0) -> None:
        super()._respawn_workers(workers, spawn_target, target_loader, delay or RESPAWN_SECONDS)
        # It would take two deaths within five seconds for a loop and end the whole server.
        self.respawned_wrks.clear()

    def _stop_workers(self) -> None:
        streams.say_ending()
        super()._stop_workers()  # type: ignore[no-untyped-call]


def serve(config: Config, target: str) -> int:
    """Be the web server's process."""
    # Where plain http is spoken, what makes certificates need not be loaded.
    pair = import_module("inkhorn.core.certificates").pair_of(config) if config.speaks_https else None
    server = WebServer(
        target,
        address=config.host,
        port=config.port,
        interface=Interfaces.WSGI,
        workers=config.web_workers,
        blocking_threads=config.server_threads,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_MILLISECONDS, max_buffer_size=HEADER_BYTES),
        backpressure=BACKPRESSURE,
        respawn_failed_workers=True,
        respawn_interval=RESPAWN_SECONDS,
        workers_kill_timeout=5,
        ssl_cert=pair and pair.cert,
        ssl_key=pair and pair.key,
        ssl_protocol_min=SSLProtocols.tls12,
        log_level=LogLevels.warning,
        log_dictconfig=_server_logs(),
    )
    if pair:
        threading.Thread(target=_tend, args=(config, pair), name="certificates", daemon=True).start()
    server.serve()
    return 0


def _tend(config: Config, pair: "Pair") -> None:
    """Renew what nears its end, and let the workers, one after the other, begin anew once the files are others."""
    pair_of, known, told = import_module("inkhorn.core.certificates").pair_of, pair.state, ""
    while True:
        time.sleep(TEND_SECONDS)
        try:
            state, reason = pair_of(config).state, ""
        except (InkhornError, OSError) as error:
            # Somebody may be just replacing them; what runs goes on with what it has.
            state, reason = known, str(error)
        if reason and reason != told:
            log.warning("certificate_refused", extra={"reason": reason})
        told = reason
        if state and state != known:
            known = state
            log.info("certificate_renewed")
            os.kill(os.getpid(), signal.SIGHUP)


def _server_logs() -> dict[str, object]:
    # Our own handlers take its lines.
    quiet = {"handlers": [], "level": "WARNING", "propagate": True}
    return {"version": 1, "disable_existing_loggers": False, "loggers": {"_granian": dict(quiet), "granian.access": dict(quiet)}}
