"""A site of its own on each kind of database, for what happens at once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from inkhorn.accounts.services import people
from inkhorn.app import create_app
from inkhorn.core.database import Base, db, transaction
from tests.conftest import config_for
from tests.servers import postgres_server, postgres_url  # noqa: F401 - fixtures


@pytest.fixture(params=["sqlite", "postgresql"])
def crowded(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """An application whose commits are real, so that many may come at once."""
    address = {} if request.param == "sqlite" else {"database_url": request.getfixturevalue("postgres_url")}
    app = create_app(config_for(tmp_path, web_threads=12, **address))
    with app.app_context():
        Base.metadata.create_all(db.engine)
        with transaction():
            people.sync_roles()
        db.session.close()
    yield app
    with app.app_context():
        db.engine.dispose()
