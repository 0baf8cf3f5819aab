"""A site of its own on each kind of database, for what happens at once; and providers that people sign in with."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from inkhorn.accounts.identity import github, providers
from inkhorn.accounts.services.roles import sync_roles
from inkhorn.accounts.settings import AccountSettings
from inkhorn.app import create_app
from inkhorn.core import database, settings
from inkhorn.core.access import House
from inkhorn.core.database import Base, db, transaction
from inkhorn.core.fetch import only_to
from tests.conftest import config_for
from tests.crowds import IN_A_CROWD, PATIENCE_SECONDS
from tests.providers import CLIENT, SECRET, StandIn, running_stand_in
from tests.servers import postgres_server, postgres_url  # noqa: F401 - fixtures


@pytest.fixture(params=["sqlite", "postgresql"])
def crowded(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """An application whose commits are real, so that many may come at once."""
    address = {} if request.param == "sqlite" else {"database_url": request.getfixturevalue("postgres_url") + IN_A_CROWD}
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", PATIENCE_SECONDS * 1000)
    app = create_app(config_for(tmp_path, web_threads=50, **address))
    with app.app_context():
        Base.metadata.create_all(db.engine)
        with transaction():
            sync_roles()
        db.session.close()
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with running_stand_in() as provider:
        yield provider


@pytest.fixture
def providing(stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> Callable[[Flask], StandIn]:
    """Has an application offer GitHub and a provider of the operator's, both of them the stand-in."""

    def provide(app: Flask) -> StandIn:
        named = {"oidc_issuer": stand_in.base, "oidc_name": "Harbour ID", "oidc_client_id": CLIENT, "oidc_client_secret": SECRET}
        named |= {"github_client_id": CLIENT, "github_client_secret": SECRET}
        monkeypatch.setitem(app.extensions, "inkhorn.config", replace(app.extensions["inkhorn.config"], **named))
        monkeypatch.setitem(app.extensions, "inkhorn.providers", {})
        monkeypatch.setattr(github, "SITE", stand_in.base)
        monkeypatch.setattr(github, "API", stand_in.base)
        monkeypatch.setattr(providers, "PUBLIC", only_to(stand_in.base))
        return stand_in

    return provide


@pytest.fixture
def provider(app: Flask, database: None, providing: Callable[[Flask], StandIn]) -> StandIn:
    return providing(app)


@pytest.fixture
def open_house(database: None) -> None:
    """A site where everybody may register."""
    with transaction():
        settings.tune(AccountSettings, by=House(), registration="open")
