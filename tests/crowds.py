"""What happens at the same moment: an application on a PostgreSQL that lets everybody in, and many who act there at once."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask

from inkhorn.accounts.services.roles import sync_roles
from inkhorn.app import create_app
from inkhorn.core.database import Base, db, transaction
from tests.conftest import config_for
from tests.servers import make_database, running_postgres

# Far more than any crowd takes, on a machine that does much else too.
PATIENCE_SECONDS = 120
# What is proved is what happens to all of them, not that a busy machine lets each in within the five seconds that a site waits.
IN_A_CROWD = f"?connect_timeout={PATIENCE_SECONDS}"


@contextmanager
def running_crowd(folder: Path, *, web_threads: int = 20) -> Iterator[Flask]:
    """An application with the shipped roles on a server of its own, outside the transaction that other tests roll back."""
    with running_postgres() as server:
        app = create_app(config_for(folder, database_url=make_database(server, "crowd") + IN_A_CROWD, web_threads=web_threads))
        with app.app_context():
            Base.metadata.create_all(db.engine)
            with transaction():
                sync_roles()
        yield app
        with app.app_context():
            db.engine.dispose()


def at_once(app: Flask, act: Callable[[int], object], times: int) -> list[object]:
    """What each of several threads got out of one act, told its number, or the error it met."""
    gate, got = threading.Barrier(times), []

    def run(number: int) -> None:
        with app.app_context():
            try:
                gate.wait(timeout=PATIENCE_SECONDS)
                with transaction():
                    got.append(act(number))
            except Exception as error:
                got.append(error)

    # A thread that hangs is told of, and does not hold up the end of the tests.
    threads = [threading.Thread(target=run, args=(number,), daemon=True) for number in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=PATIENCE_SECONDS)
    assert not any(thread.is_alive() for thread in threads), f"Still at work after {PATIENCE_SECONDS} seconds; so far: {got}"
    return got
