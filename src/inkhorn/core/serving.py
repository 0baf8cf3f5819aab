"""The web server that `inkhorn run` starts: Granian, with its bounds, and the certificate that it shows."""

import logging
import math
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

if TYPE_CHECKING:
    from inkhorn.core.certificates import Pair

log = logging.getLogger(__name__)

BACKPRESSURE = 128
RESPAWN_SECONDS = 0.3
HEADER_MILLISECONDS = 15_000
HEADER_BYTES = 65_536
TEND_SECONDS = 10.0
# What is being answered when the site is told to end has so long by the signal: whoever pressed Ctrl+C waits for it, a service's manager does too.
STOP_SECONDS = {signal.SIGTERM: 25, signal.SIGINT: 5}
# What is being answered when a certificate is renewed has so long.
RENEWAL_SECONDS = 20


class WebServer(MPServer):
    """Granian, which goes on however often its workers are killed; what keeps dying at its start is slowed by the interval."""

    _ends_at = math.inf

    def _respawn_workers(self, workers: Any, spawn_target: Any, target_loader: Any, delay: float = 0) -> None:
        super()._respawn_workers(workers, spawn_target, target_loader, delay or RESPAWN_SECONDS)
        # It would take two deaths within five seconds for a loop and end the whole server.
        self.respawned_wrks.clear()

    def _reload(self, spawn_target: Any, target_loader: Any) -> None:
        # Those that run now would otherwise be killed in the middle of their streams.
        streams.say_ending()
        self.workers_kill_timeout = RENEWAL_SECONDS
        try:
            super()._reload(spawn_target, target_loader)  # type: ignore[no-untyped-call]
        finally:
            if not self.interrupt_signal:
                self.workers_kill_timeout = STOP_SECONDS[signal.SIGTERM]

    def signal_handler_interrupt(self, number: int = signal.SIGTERM, *_more: Any, **_named: Any) -> None:
        """Called with SIGTERM or SIGINT."""
        seconds = STOP_SECONDS[signal.Signals(number)]
        self._ends_at = min(self._ends_at, time.monotonic() + seconds)
        # Of a renewal that goes on just then, too.
        self.workers_kill_timeout = min(self.workers_kill_timeout or seconds, seconds)
        super().signal_handler_interrupt()  # type: ignore[no-untyped-call]

    def _stop_workers(self) -> None:
        streams.say_ending()
        if self._ends_at < math.inf:
            # What a renewal took of it is gone.
            self.workers_kill_timeout = max(1, round(self._ends_at - time.monotonic()))
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
        workers_kill_timeout=STOP_SECONDS[signal.SIGTERM],
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
    """Look now and then, for as long as the server runs."""
    known, told = pair.state, ""
    while True:
        time.sleep(TEND_SECONDS)
        known, told = look_again(config, known, told)


def look_again(config: Config, known: tuple[int, ...], told: str) -> tuple[tuple[int, ...], str]:
    """Renew what nears its end, and let the workers, one after the other, begin anew once the files are others; what is known and told now."""
    try:
        state, reason = import_module("inkhorn.core.certificates").pair_of(config).state, ""
    except Exception as error:
        # Somebody may be just replacing them; what runs goes on with what it has, and is looked after again.
        state, reason = known, str(error) or type(error).__name__
    if reason and reason != told:
        log.warning("certificate_refused", extra={"reason": reason})
    if state and state != known:
        log.info("certificate_renewed")
        os.kill(os.getpid(), signal.SIGHUP)
    return state or known, reason


def _server_logs() -> dict[str, object]:
    # Our own handlers take its lines.
    quiet = {"handlers": [], "level": "WARNING", "propagate": True}
    return {"version": 1, "disable_existing_loggers": False, "loggers": {"_granian": dict(quiet), "granian.access": dict(quiet)}}
