"""Celery as the executor of our job table: one task, run_job, and the relay that sends it the numbers of due rows."""

import logging
import os
import secrets
import signal
import socket
import threading
import time
from typing import Any

from celery import Celery
from celery.signals import worker_process_init, worker_ready, worker_shutdown
from flask import Flask
from kombu.exceptions import OperationalError

from inkhorn.core import jobs
from inkhorn.core.config import Config
from inkhorn.core.database import db
from inkhorn.core.runner import Runner, carry_out

log = logging.getLogger(__name__)

TASK = "inkhorn.run_job"
QUEUE = "inkhorn"
# A message that led to no claim is sent again after this long: the broker lost it, or its worker died.
RESEND_SECONDS = 5.0
PATIENCE_SECONDS = 2.0


def make_celery(app: Flask, config: Config) -> Celery:
    """A Celery application whose only task carries out one row of the job table."""
    celery = Celery("inkhorn", broker=config.broker_url, set_as_current=False)
    celery.conf.update(
        accept_content=["json"],
        task_serializer="json",
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_default_queue=QUEUE,
        task_default_queue_type="quorum" if str(config.broker_url).startswith("amqp") else "classic",
        worker_detect_quorum_queues=True,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_concurrency=config.job_threads,
        broker_connection_retry_on_startup=True,
        broker_connection_timeout=PATIENCE_SECONDS,
        broker_transport_options={"socket_connect_timeout": PATIENCE_SECONDS, "socket_timeout": PATIENCE_SECONDS * 5}
        if str(config.broker_url).startswith("redis")
        else {},
        worker_cancel_long_running_tasks_on_connection_loss=False,
    )

    @celery.task(name=TASK)  # type: ignore[untyped-decorator]
    def run_job(job_id: int) -> None:
        """Run the row if it is still due; a message too many finds nothing to do."""
        owner = f"celery/{socket.gethostname()[:60]}-{os.getpid()}-{secrets.token_hex(3)}"
        with app.app_context():
            claimed = jobs.claim(owner, job_id=job_id) if jobs.is_our_form() else None
        if claimed is None:
            return
        is_done = threading.Event()
        threading.Thread(target=_beat, args=(app, claimed, owner, is_done), daemon=True).start()
        try:
            carry_out(app, claimed)
        finally:
            is_done.set()

    return celery


def _beat(app: Flask, claimed: jobs.Claimed, owner: str, is_done: threading.Event) -> None:
    while not is_done.wait(jobs.LEASE.total_seconds() / 3):
        try:
            with app.app_context():
                jobs.heartbeat(owner, [claimed.id])
        except Exception:
            log.exception("heartbeat_failed")


class Relay(Runner):
    """Keeps the timetable like a runner, but sends what is due to the broker instead of running it."""

    def __init__(self, app: Flask, config: Config, celery: Celery) -> None:
        super().__init__(app, config, is_alone=False)
        self._celery = celery
        self._sent: dict[int, float] = {}

    def take_up(self) -> None:
        now = time.monotonic()
        self._sent = {number: at for number, at in self._sent.items() if now - at < RESEND_SECONDS}
        for number, name in jobs.due_jobs(limit=500):
            if number not in self._sent:
                self._send(number, name)

    def _send(self, number: int, name: str) -> None:
        known = jobs.registered_jobs().get(name)
        limit = known.time_limit if known else 60.0
        try:
            self._celery.send_task(TASK, args=[number], ignore_result=True, retry=False, time_limit=limit + 5, soft_time_limit=limit)
        except OperationalError as error:
            # The rows stay; the next sweep finds them again.
            log.error("broker_unavailable", extra={"reason": str(error)[:200]})
            self.stopping.wait(1)
        else:
            self._sent[number] = time.monotonic()


def run_relay(app: Flask, config: Config) -> int:
    """Be the relay process."""
    relay = Relay(app, config, make_celery(app, config))
    signal.signal(signal.SIGTERM, relay.stop)
    signal.signal(signal.SIGINT, relay.stop)
    return relay.run()


def run_celery(app: Flask, config: Config) -> int:
    """Be a Celery worker, with a relay beside it in a thread, so that a worker alone is enough."""
    celery = make_celery(app, config)
    relay = Relay(app, config, celery)
    thread = threading.Thread(target=relay.run, name="relay", daemon=True)

    def dispose(**_: Any) -> None:
        # Connections must not be shared with the parent they were forked from.
        with app.app_context():
            db.engine.dispose(close=False)

    def start(**_: Any) -> None:
        thread.start()

    def stop(**_: Any) -> None:
        relay.stop(signal.SIGINT)
        if thread.is_alive():
            thread.join(PATIENCE_SECONDS * 3)

    worker_process_init.connect(dispose, weak=False)
    worker_ready.connect(start, weak=False)
    worker_shutdown.connect(stop, weak=False)
    celery.worker_main(["worker", "--loglevel", config.log_level, "--without-mingle", "--without-gossip"])
    return 0
