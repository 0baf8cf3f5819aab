"""The fleet of deploy/compose.yaml as processes of this machine: its settings, with the addresses of the parts put in."""

import os
import re
import signal
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.behind import authority_of, nginx_folder, nginx_program
from tests.buckets import KEYS, make_bucket, running_store
from tests.ports import free_port
from tests.running import RunningSite, clean_environment
from tests.servers import make_database, running_postgres, running_redis, running_standby

DEPLOY = Path(__file__).parents[2] / "deploy"
# Work of a killed worker waits for its lease, and may be killed again.
PATIENCE_SECONDS = 240
SECRET = "only-for-tests-0123456789-abcdefghij"


def compose() -> dict[str, Any]:
    told: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    return told


def settings_of_compose(said: dict[str, str], places: dict[str, str]) -> dict[str, str]:
    """What a web node is told there, with what the operator says and with each part's host and port elsewhere."""
    told = {}
    for name, value in compose()["services"]["web"]["environment"].items():
        filled = re.sub(r"\$\{(\w+):[?-][^}]*\}", lambda match: said.get(match[1], ""), value)
        for host, place in places.items():
            filled = re.sub(rf"\b{re.escape(host)}\b", place, filled)
        told[name] = filled
    return told


@dataclass
class Worker:
    """One machine that carries out jobs."""

    data: Path
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Worker":
        with (self.data.parent / f"{self.data.name}.log").open("ab") as log:
            command = [sys.executable, "-m", "inkhorn", "worker", "--data", str(self.data)]
            self.process = subprocess.Popen(
                command, env=clean_environment() | self.environment, stdout=log, stderr=log, start_new_session=True
            )
        return self

    def kill(self) -> None:
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(120)

    def stop(self) -> None:
        assert self.process is not None
        self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.kill()


@dataclass
class Fleet:
    """All of it; what is killed is started again by start() of the same part."""

    folder: Path
    environment: dict[str, str]
    nodes: list[RunningSite]
    workers: list[Worker]
    base: str
    trust: ssl.SSLContext

    @property
    def log(self) -> str:
        return "\n".join(path.read_text(encoding="utf-8", errors="replace")[-20_000:] for path in self.folder.glob("*.log"))

    def execute(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        return self.nodes[0].execute(statement, *values)


@dataclass(frozen=True)
class Stores:
    """What outlives every node: PostgreSQL and its replica, by the address of one database, and the store of uploads."""

    server: str
    standby: str
    store: str


@contextmanager
def running_stores() -> Iterator[Stores]:
    with ExitStack() as stack:
        server, store = stack.enter_context(running_postgres()), stack.enter_context(running_store())
        yield Stores(server, stack.enter_context(running_standby(server)).address, store)


def settings_of_fleet(stores: Stores, redis: str, *, database: str, https: int, **more: str) -> dict[str, str]:
    """What every node and worker is told, with an empty database and bucket of its own."""
    made, bucket = make_database(stores.server, database), make_bucket(stores.store)
    places = {
        "database:5432/inkhorn": f"{_place(stores.server)}/{database}",
        "redis:6379": _place(redis),
        "store:9000": _place(stores.store),
        "s3://inkhorn": bucket.partition("?")[0],
    }
    said = {
        "SITE_HOST": f"localhost:{https}", "SECRET_KEY": SECRET, "DATABASE_PASSWORD": "trusted",
        "STORE_ACCESS_KEY": KEYS["storage_access_key"], "STORE_SECRET_KEY": KEYS["storage_secret_key"],
    }  # fmt: skip
    told = settings_of_compose(said, places)
    assert _place(told["INKHORN_DATABASE_URL"]) == _place(made)
    replica = f"{stores.standby.rsplit('/', 1)[0]}/{database}"
    return told | {"INKHORN_REPLICA_URL": replica, "INKHORN_CAPTCHA": "none"} | more


@contextmanager
def running_fleet(folder: Path, **more: str) -> Iterator[Fleet]:
    """Two web nodes and two workers, with PostgreSQL and a replica, Redis and a store, behind nginx."""
    with ExitStack() as stack:
        stores, redis = stack.enter_context(running_stores()), stack.enter_context(running_redis())
        ports, http, https = [free_port(), free_port()], free_port(), free_port()
        environment = settings_of_fleet(stores, redis, database="inkhorn", https=https, **more)
        nodes = [RunningSite(folder / f"web-{number}", environment=environment, port=port) for number, port in enumerate(ports)]
        workers = [Worker(folder / f"worker-{number}", environment) for number in range(2)]
        for each in nodes + workers:
            each.data.mkdir()
        stack.enter_context(running_proxy(folder, ports, http=http, https=https))
        yield Fleet(folder, environment, nodes, workers, f"https://localhost:{https}", trust_of(folder))


@contextmanager
def running_proxy(folder: Path, ports: Sequence[int], *, http: int, https: int) -> Iterator[None]:
    path = nginx_folder(folder, upstreams=ports, http=http, https=https)
    proxy = subprocess.Popen([nginx_program(), "-c", path, "-g", "daemon off;"], stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        proxy.terminate()
        proxy.wait(30)


def trust_of(folder: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(authority_of(folder).authority))


@contextmanager
def started(fleet: Fleet) -> Iterator[Fleet]:
    with ExitStack() as stack:
        for part in [*fleet.nodes, *fleet.workers]:
            part.start()
            stack.callback(_end, part)
        await_answer(fleet)
        yield fleet


def await_answer(fleet: Fleet) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(fleet.base + "/", timeout=10, context=fleet.trust):
                return
        except (urllib.error.HTTPError, OSError):
            time.sleep(0.1)
    raise TimeoutError(fleet.log)


def _end(part: Any) -> None:
    if part.process is not None and part.process.poll() is None:
        try:
            part.stop()
        except subprocess.TimeoutExpired:
            part.kill()


def _place(address: str) -> str:
    """Host and port of it."""
    return re.sub(r"^\w+://(?:[^@/]*@)?", "", address).split("/", 1)[0]
