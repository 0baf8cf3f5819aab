"""A site whose runner can be started and killed, and the mail server that it sends to."""

import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select

from inkhorn.core.database import session
from inkhorn.core.mail.letters import Letter, LetterState
from tests.conftest import SECRET
from tests.dice import dice
from tests.running import clean_environment
from tests.sinks import Sink

# Work that was killed three times is set aside, and the timetable asks for it again a minute later at the latest.
PATIENCE_SECONDS = 240


@dataclass
class Post:
    """A site whose runner can be started and killed, and the server it sends to."""

    app: Flask
    sink: Sink
    folder: Path
    dice: random.Random = field(default_factory=dice)
    runner: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        told = {
            "profile": "testing",
            "secret_key": SECRET,
            "data": self.folder,
            "mail_from": "inkhorn@slowferry.example",
            **self.sink.settings,
        }
        environment = {f"INKHORN_{name.upper()}": str(value) for name, value in told.items()}
        with (self.folder / "log").open("ab") as log:
            command = [sys.executable, "-m", "inkhorn", "worker"]
            self.runner = subprocess.Popen(command, env=clean_environment() | environment, stdout=log, stderr=log)

    def kill(self) -> None:
        if self.runner is not None:
            self.runner.send_signal(signal.SIGKILL)
            self.runner.wait(120)

    def count(self, *states: LetterState) -> int:
        with self.app.app_context():
            return session().scalar(select(func.count()).select_from(Letter).where(Letter.state.in_(states))) or 0

    def kill_while_it_sends(self) -> None:
        """Let it send a few letters and kill it wherever it is then."""
        before = len(self.sink.received)
        self.start()
        until(lambda: len(self.sink.received) > before)
        time.sleep(self.dice.uniform(0, 5 * self.sink.seconds))
        self.kill()


def until(true: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "It did not happen in time."
        time.sleep(0.05)
