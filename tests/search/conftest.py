"""The same posts on both databases, and the words that somebody looks for."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from flask import Flask

from inkhorn.accounts.services.roles import sync_roles
from inkhorn.app import create_app
from inkhorn.core.database import Base, db, transaction
from inkhorn.posts.models import Post
from inkhorn.posts.queries import PUBLIC
from inkhorn.search import tasks
from inkhorn.search.grammar import understand
from inkhorn.search.queries import found_posts
from tests.conftest import config_for
from tests.factories.posts import make_post
from tests.servers import make_database, running_postgres


def fresh_app(folder: Path, **settings: str) -> Flask:
    built = create_app(config_for(folder, **settings))
    with built.app_context():
        Base.metadata.create_all(db.engine)
        with transaction():
            sync_roles()
    return built


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, Flask]]:
    """An application on SQLite and one on PostgreSQL, both empty."""
    with ExitStack() as servers:
        address = make_database(servers.enter_context(running_postgres()), "search")
        apps = fresh_app(tmp_path_factory.mktemp("sqlite")), fresh_app(tmp_path_factory.mktemp("postgresql"), database_url=address)
        yield apps
        for each in apps:
            with each.app_context():
                db.session.close()
                db.engine.dispose()


def indexed_post(**given: object) -> Post:
    """A post that the index has taken in."""
    post = make_post(**given)
    tasks.index_post(post_id=post.id)
    return post


@pytest.fixture
def find(database: None) -> Callable[[str], list[int]]:
    """The numbers of the posts that a visitor finds, the best first."""
    return lambda text: list(found_posts(understand(text), PUBLIC, timezone="UTC", size=50).post_ids)
