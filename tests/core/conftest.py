"""Databases of both kinds for the engine's tests, apart from the one app that the others share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

import inkhorn.core.events  # noqa: F401 - what the board notes
from inkhorn.core import audit, database, jobs
from inkhorn.core.config import Config
from inkhorn.core.config_loading import load_config
from tests.servers import postgres_server, postgres_url, redis_url  # noqa: F401 - fixtures


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database, of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'inkhorn.sqlite3'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def engine_config(database_url: str, tmp_path: Path) -> Config:
    overrides = {"profile": "testing", "secret_key": "only-for-tests-0123456789-abcdefghij", "database_url": database_url}
    return load_config(data=tmp_path, environ={}, overrides=overrides)


@pytest.fixture
def bare_app(engine_config: Config) -> Iterator[Flask]:
    """An application of nothing but a database with the job tables, so that workers may be many and commits real."""
    app = Flask("bare")
    app.extensions["inkhorn.config"] = engine_config
    url = engine_config.database_url.replace("postgresql://", "postgresql+psycopg://", 1)
    app.config["SQLALCHEMY_ENGINES"] = {"default": {"url": url}}
    database.db.init_app(app)
    with app.app_context():
        engine = database.db.engine
        database.tune_engine(engine)
        tables = [jobs.JobRow.__table__, jobs.Periodic.__table__, audit.Entry.__table__]
        database.Base.metadata.create_all(engine, tables=tables)
        yield app
    engine.dispose()


@pytest.fixture(autouse=True)
def own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs that a test registers are forgotten after it."""
    monkeypatch.setattr(jobs, "_registry", {})
