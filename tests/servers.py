"""Real PostgreSQL and Redis servers for tests, started on free ports and stopped at the end of the run."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.ports import free_port


def postgres_program(name: str) -> str | None:
    """Where initdb or pg_ctl is; the newest version installed wins."""
    packaged = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))
    return str(packaged[-1]) if packaged else shutil.which(name)


def _run_as_postgres(command: list[str], folder: Path) -> None:
    # initdb refuses to run as root.
    if os.geteuid() == 0:
        command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command]
    subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@dataclass
class Cluster:
    """A PostgreSQL server of a test's own, which can be stopped and started again."""

    folder: Path
    pg_ctl: str
    port: int

    @property
    def address(self) -> str:
        return f"postgresql://inkhorn@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        options = f"-p {self.port} -k {self.folder} -h 127.0.0.1 -c fsync=off -c max_connections=100"
        self._run("-w", "-l", str(self.folder / "log"), "-o", options, "start")

    def stop(self, mode: str = "immediate") -> None:
        if (self.folder / "data" / "postmaster.pid").exists():
            self._run("-m", mode, "stop")

    def _run(self, *words: str) -> None:
        # A busy machine may need longer than the minute that pg_ctl waits by itself.
        _run_as_postgres([self.pg_ctl, "-D", str(self.folder / "data"), "-t", "240", *words], self.folder)


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """A fresh PostgreSQL cluster without fsync."""
    initdb, pg_ctl = postgres_program("initdb"), postgres_program("pg_ctl")
    if not initdb or not pg_ctl:
        pytest.skip("PostgreSQL is not installed here (initdb and pg_ctl are wanted).")
    folder = Path(tempfile.mkdtemp(prefix="inkhorn-postgres-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    cluster = Cluster(folder, pg_ctl, free_port())
    try:
        _run_as_postgres(
            [initdb, "-D", str(folder / "data"), "-U", "inkhorn", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"], folder
        )
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running_postgres() -> Iterator[str]:
    """The address of the "postgres" database of a fresh cluster."""
    with running_cluster() as cluster:
        yield cluster.address


@contextmanager
def running_standby(primary: str) -> Iterator[Cluster]:
    """A copy of the whole server that follows it and is only read."""
    folder = Path(tempfile.mkdtemp(prefix="inkhorn-standby-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    cluster = Cluster(folder, str(postgres_program("pg_ctl")), free_port())
    try:
        backup = str(postgres_program("pg_basebackup"))
        _run_as_postgres([backup, "-d", primary, "-D", str(folder / "data"), "-R", "-X", "stream", "-c", "fast", "--no-sync"], folder)
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running_redis() -> Iterator[str]:
    """A fresh Redis that keeps nothing; yields its address."""
    program = shutil.which("redis-server")
    if not program:
        pytest.skip("Redis is not installed here (redis-server is wanted).")
    port = free_port()
    folder = tempfile.mkdtemp(prefix="inkhorn-redis-")
    command = [program, "--port", str(port), "--save", "", "--appendonly", "no", "--bind", "127.0.0.1"]
    server = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    try:
        _wait_for_port(port)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait(120)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for_port(port: int, seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"Nothing answers on port {port}.")


def make_database(server: str, name: str) -> str:
    """An empty database of this name on the server; yields its address."""
    import psycopg

    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"')
    return server.rsplit("/", 1)[0] + "/" + name


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    with running_postgres() as address:
        yield address


@pytest.fixture
def postgres_url(postgres_server: str, request: pytest.FixtureRequest) -> str:
    """The address of an empty PostgreSQL database of this test's own."""
    return make_database(postgres_server, f"test_{abs(hash(request.node.nodeid)) % 10**12}")


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    with running_redis() as address:
        yield address
