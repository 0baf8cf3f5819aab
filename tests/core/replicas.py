"""A site on PostgreSQL with a copy of its database beside it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask

from inkhorn.accounts.services.roles import sync_roles
from inkhorn.app import create_app
from inkhorn.core.database import Base, db, transaction
from inkhorn.core.generations import generation
from inkhorn.posts.models import Status
from tests.conftest import config_for
from tests.factories.posts import make_post
from tests.servers import Cluster, make_database, running_postgres, running_standby


@contextmanager
def running_pair() -> Iterator[tuple[str, str, Cluster]]:
    """The addresses of a database and of its copy, and the copy."""
    with running_postgres() as server:
        address = make_database(server, "site")
        with running_standby(server) as standby:
            yield address, standby.address.rsplit("/", 1)[0] + "/site", standby


@contextmanager
def running_site(pair: tuple[str, str, Cluster], folder: Path) -> Iterator[Flask]:
    app = create_app(config_for(folder, database_url=pair[0], replica_url=pair[1]))
    with app.app_context():
        Base.metadata.create_all(db.engine)
        with transaction():
            sync_roles()
        make_post(title="Slack water", status=Status.PUBLISHED)
    yield app
    app.extensions["inkhorn.replica"].close()
    with app.app_context():
        generation().close()
        for engine in db.engines.values():
            engine.dispose()
