"""One furnished site a run, copied for whoever changes it."""

import shutil
from pathlib import Path

import pytest

from inkhorn.core.config import Config
from inkhorn.transfer.services.keeping.making import Wishes, make_backup
from tests.conftest import config_for
from tests.servers import postgres_server, postgres_url  # noqa: F401 - fixtures
from tests.transfer.keeping.house import PASSPHRASE, furnish


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Config:
    """A site that nobody writes to."""
    return furnish(tmp_path_factory.mktemp("furnished") / "site")


@pytest.fixture
def site(furnished: Config, tmp_path: Path) -> Config:
    """A copy of it."""
    shutil.copytree(furnished.data, tmp_path / "site")
    return config_for(tmp_path / "site")


@pytest.fixture
def empty(tmp_path: Path) -> Config:
    """A folder without a site."""
    return config_for(tmp_path / "empty")


@pytest.fixture(scope="session")
def plain(furnished: Config, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of the furnished site that anybody can read."""
    return make_backup(furnished, tmp_path_factory.mktemp("plain") / "site.tar", Wishes()).path


@pytest.fixture(scope="session")
def sealed(furnished: Config, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same under a passphrase."""
    return make_backup(furnished, tmp_path_factory.mktemp("sealed") / "site.tar.sealed", Wishes(passphrase=PASSPHRASE)).path
