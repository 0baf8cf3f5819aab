"""A site of one's own to be broken, started as an operator starts it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.writers import SETTINGS, Program, make_key
from tests.running import RunningSite
from tests.witness import Ledger


@pytest.fixture
def site(tmp_path: Path) -> Iterator[RunningSite]:
    """Not started yet; nothing of it is left afterwards."""
    made = RunningSite(tmp_path / "data", environment=dict(SETTINGS))
    yield made
    if made.process is not None and made.process.poll() is None:
        made.kill()


@pytest.fixture
def program(site: RunningSite) -> Program:
    """A program that may write there, once it is started."""
    return Program(site, make_key(site.data, site.environment))


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = Ledger(tmp_path / "ledger")
    yield made
    made.close()
