"""A runner process of nothing but a database and a few telling jobs: python -m tests.core.runner_program FOLDER DATABASE_URL."""

import os
import signal
import sys
import time
from datetime import timedelta
from pathlib import Path

from flask import Flask

from inkhorn.core import database, renewal, runner
from inkhorn.core.config_loading import load_config
from inkhorn.core.jobs import job

folder = Path(sys.argv[1])
taken: list[bytes] = []
# As under a parent that begins it anew, and between two jobs of each second.
renewal.IDLE_SECONDS, renewal.LEAST_SECONDS = 0.3, 0.0


def note(word: str) -> None:
    with (folder / "notes").open("a") as file:
        file.write(f"{word}\n")


@job("tests.slow")
def slow(number: int, seconds: float = 0.4) -> None:
    note(f"start {number}")
    time.sleep(seconds)
    note(f"end {number}")


@job("tests.poison", max_attempts=99)
def poison() -> None:
    note("poison")
    os.kill(os.getpid(), signal.SIGKILL)


@job("tests.endless", time_limit=0.5, max_attempts=1)
def endless() -> None:
    note("endless")
    while True:
        time.sleep(0.1)


@job("tests.broken", max_attempts=1)
def broken() -> None:
    raise ValueError("The ink is dry.")


@job("tests.often", every=timedelta(seconds=1))
def often() -> None:
    note(f"often {int(time.time())}")


@job("tests.greedy", max_attempts=1)
def greedy() -> None:
    taken.append(os.urandom(1 << 20) * 40)
    note("greedy")


def make_app() -> Flask:
    overrides = {"profile": "testing", "secret_key": "only-for-tests-0123456789-abcdefghij", "database_url": sys.argv[2]}
    config = load_config(data=folder, environ={}, overrides=overrides)
    app = Flask("bare")
    app.extensions["inkhorn.config"] = config
    app.config["SQLALCHEMY_ENGINES"] = {"default": {"url": sys.argv[2].replace("postgresql://", "postgresql+psycopg://", 1)}}
    database.db.init_app(app)
    with app.app_context():
        database.tune_engine(database.db.engine)
    return app


def main() -> int:
    app = make_app()
    return runner.run(app, app.extensions["inkhorn.config"], renews="--renews" in sys.argv)


if __name__ == "__main__":
    sys.exit(main())
