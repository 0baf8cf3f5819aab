"""What every test may ask for: an app per run, a database that forgets, a client, a clock and the cast."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from unittest import mock

import pytest
from flask import Flask
from flask.testing import FlaskClient

from inkhorn.accounts.services.roles import sync_roles
from inkhorn.app import create_app
from inkhorn.core import config_loading, limits
from inkhorn.core.clock import freeze
from inkhorn.core.config import Config
from inkhorn.core.database import Base, db, transaction
from tests.cast import Cast
from tests.frozen import Clock
from tests.servers import make_database, running_postgres

SECRET = "only-for-tests-0123456789-abcdefghij"


def config_for(folder: Path, **overrides: object) -> Config:
    """A testing configuration with its data in a folder."""
    # No streams: what looks for their news would read beside the one transaction of a test.
    values = {"profile": "testing", "secret_key": SECRET, "log_level": "warning", "live_streams": 0, **overrides}
    return config_loading.load_config(data=folder, environ={}, overrides=values)


pytest_plugins = ["tests.browsing", "tests.buckets", "tests.hashing", "tests.course", "tests.request_lines"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=("sqlite", "postgresql"), default="sqlite", help="What the rooms' tests keep their rows in.")


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Flask]:
    """One application for the run of a worker, with every table and the shipped roles."""
    with ExitStack() as servers:
        address = {}
        if request.config.getoption("--database") == "postgresql":
            address["database_url"] = make_database(servers.enter_context(running_postgres()), "rooms")
        built = create_app(config_for(tmp_path_factory.mktemp("data"), **address))
        with built.app_context():
            Base.metadata.create_all(db.engine)
            with transaction():
                sync_roles()
            yield built
            db.engine.dispose()


@pytest.fixture
def database(app: Flask) -> Iterator[None]:
    """Whatever the test writes is rolled back, commits included."""
    with app.app_context(), isolated():
        limits.reset()
        yield


@contextmanager
def isolated() -> Iterator[None]:
    """Every session of the block speaks over one connection, inside one transaction that is rolled back at its end."""
    options = db.sessionmaker.kw
    with db.engine.connect() as connection, connection.begin() as outer:
        with mock.patch.dict(options, {"bind": connection, "binds": {}, "join_transaction_mode": "create_savepoint"}):
            yield
        db.session.close()
        outer.rollback()


@pytest.fixture
def client(app: Flask, database: None) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def clock() -> Iterator[Clock]:
    yield Clock()
    freeze(None)


@pytest.fixture
def cast(database: None) -> Cast:
    return Cast()


@pytest.fixture
def ada(cast: Cast):
    """The administrator."""
    return cast.ada


@pytest.fixture
def emil(cast: Cast):
    """The editor."""
    return cast.emil


@pytest.fixture
def wren(cast: Cast):
    """The author."""
    return cast.wren


@pytest.fixture
def rhea(cast: Cast):
    """The reader."""
    return cast.rhea


@pytest.fixture
def vic(cast: Cast):
    """The visitor."""
    return cast.vic


@pytest.fixture
def signed_in(app: Flask, cast: Cast) -> Callable[[object], FlaskClient]:
    """A browser in which one of the cast has signed in."""
    return lambda actor: cast.browser_of(app, actor)


@pytest.fixture
def generous(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits so wide that a test may try as often as it likes."""
    for name, each in list(vars(limits).items()):
        if isinstance(each, limits.Limit):
            monkeypatch.setattr(limits, name, limits.Limit(each.name, "1000000 per minute"))


@pytest.fixture
def queries(app: Flask) -> Iterator[list[str]]:
    """Collects every SQL statement that runs in the test from the moment it is cleared."""
    from sqlalchemy import event

    seen: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        # Tries are counted in a file of their own on SQLite, so the statements of that are left out everywhere.
        if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK")) and " allowance" not in statement:
            seen.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)
