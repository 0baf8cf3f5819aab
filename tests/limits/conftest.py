"""Applications that count tries in a file, in PostgreSQL or in Redis."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from flask import Flask

from inkhorn.app import create_app
from inkhorn.core import limit_stores, limits
from inkhorn.core.database import Base, db
from inkhorn.core.limits import Limit, TooMany
from tests.conftest import config_for
from tests.servers import postgres_server, postgres_url, redis_url  # noqa: F401 - fixtures

TRIES = Limit("tests.tries", "5 per minute")
Make = Callable[..., Flask]


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Builds an application whose context is open until the test ends; a Redis that lets it wait is busy, not away."""
    monkeypatch.setattr(limit_stores, "PATIENCE_SECONDS", 60)
    with ExitStack() as open_contexts:

        def build(**settings: object) -> Flask:
            app = create_app(config_for(tmp_path, **settings))
            open_contexts.enter_context(app.app_context())
            Base.metadata.create_all(db.engine)
            open_contexts.callback(db.engine.dispose)
            return app

        yield build


@pytest.fixture(params=["file", "postgresql", "redis"])
def counted(request: pytest.FixtureRequest, make: Make) -> Flask:
    """An application on each kind of store in turn."""
    told = {
        "file": dict,
        "postgresql": lambda: {"database_url": request.getfixturevalue("postgres_url")},
        "redis": lambda: {"limits_url": request.getfixturevalue("redis_url")},
    }
    app = make(**told[request.param]())
    limits.reset()
    return app


def spend(limit: Limit = TRIES, *key: str) -> bool:
    """Whether one more was let through."""
    try:
        limits.spend(limit, *(key or ("ida",)))
    except TooMany:
        return False
    return True
