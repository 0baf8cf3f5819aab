"""Every test of programs asks the database and leaves nothing in it."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from inkhorn.core.database import session
from inkhorn.core.jobs import JobRow


@pytest.fixture(autouse=True)
def _forgetful(database: None) -> None:
    """Even a test that names nobody."""


@pytest.fixture
def told_jobs() -> Callable[..., list[object]]:
    """What the waiting jobs of a name were told, one of their words each."""
    return lambda job, word="device": [each.args.get(word) for each in session().scalars(select(JobRow).where(JobRow.name == job))]
