"""A site as an operator starts it: `inkhorn run` in a process of its own, on a free port, with a data folder of its own."""

import os
import re
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from inkhorn.core.generations import FILE_NAME, MappedGeneration
from tests.ports import free_port
from tests.processes import descendants, is_alive

PATIENCE_SECONDS = 120
RAISE = "INSERT INTO page_generation (id, number) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET number = page_generation.number + 1 RETURNING number"


def inkhorn(data: Path, *words: str, stdin: str | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run one command of the operator's against a data folder, and wait for its end."""
    command = [sys.executable, "-m", "inkhorn", *words]
    settings = clean_environment() | {"INKHORN_DATA": str(data)} | environment
    return subprocess.run(command, env=settings, input=stdin, capture_output=True, text=True, timeout=600, check=False)


def clean_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("INKHORN_")}


def _tell_readers(asked: psycopg.Connection) -> None:
    """What was written past the application is announced as it would have done."""
    number = asked.execute(RAISE.encode()).fetchone()[0]
    asked.execute("NOTIFY inkhorn_pages")
    behind = "SELECT 1 FROM page_reader WHERE heard_at > clock_timestamp() - interval '2 seconds' AND number < %s LIMIT 1"
    until = time.monotonic() + 5
    while asked.execute(behind, (number,)).fetchone() and time.monotonic() < until:
        time.sleep(0.01)


@dataclass
class RunningSite:
    """One started site; stop() ends it whole."""

    data: Path
    environment: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    is_secure: bool = False

    @property
    def base(self) -> str:
        return f"http{'s' if self.is_secure else ''}://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return (self.data.parent / f"{self.data.name}.log").read_text(encoding="utf-8", errors="replace")

    def start(self, *words: str) -> "RunningSite":
        """Start it and wait for the first answer."""
        settings = clean_environment() | {"INKHORN_DATA": str(self.data)} | self.environment
        self.is_secure = not {"--https", "--cert"}.isdisjoint(words)
        with (self.data.parent / f"{self.data.name}.log").open("ab") as log:
            self.process = subprocess.Popen(self.command(*words), env=settings, stdout=log, stderr=log, start_new_session=True)
        self._await_answer()
        return self

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "inkhorn", "run", "--port", str(self.port), *words]

    def setup_address(self) -> str:
        """The one-time link that the start printed."""
        found = re.findall(r"(/setup/[\w-]+)", self.log)
        assert found, self.log
        return self.base + found[-1]

    def execute(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Ask or change the site's own database, on whichever kind it is; values stand at each %s."""
        address = self.environment.get("INKHORN_DATABASE_URL")
        if address:
            with psycopg.connect(address, autocommit=True) as asked:
                cursor = asked.execute(statement.encode(), values)
                rows = list(cursor) if cursor.description else []
                if not statement.startswith("SELECT"):
                    _tell_readers(asked)
                return rows
        with closing(sqlite3.connect(self.data / "inkhorn.sqlite3", timeout=120, isolation_level=None)) as file:
            file.execute("PRAGMA wal_autocheckpoint=0")
            rows = file.execute(statement.replace("%s", "?"), values).fetchall()
            if not statement.startswith("SELECT"):
                (number,) = file.execute(RAISE).fetchone()
                MappedGeneration(self.data / FILE_NAME).raise_to(number)
            return rows

    def stop(self) -> int:
        """End it as Ctrl+C does; the exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(120)

    def kill(self) -> None:
        """End every process of it at once, as a power cut does."""
        assert self.process is not None
        below = descendants(self.process.pid)
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(120)
        # The last of them holds the folder's lock and the port.
        until = time.monotonic() + PATIENCE_SECONDS
        while any(map(is_alive, below)):
            assert time.monotonic() < until, self.log
            time.sleep(0.02)

    def _await_answer(self) -> None:
        began = time.monotonic()
        while time.monotonic() - began < PATIENCE_SECONDS:
            assert self.process is not None
            assert self.process.poll() is None, self.log
            try:
                # That somebody answers; whether it is the right one is for the test to ask.
                with urllib.request.urlopen(self.base + "/", timeout=5, context=ssl._create_unverified_context()):
                    return
            except urllib.error.HTTPError:
                return
            except OSError:
                time.sleep(0.05)
        self.kill()
        raise TimeoutError(self.log)


def await_port(port: int) -> None:
    """Return as soon as somebody listens there."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"Nobody listens on port {port}.")
