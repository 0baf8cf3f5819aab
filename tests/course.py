"""How a run goes: garbage is collected seldom, and the second run, on PostgreSQL, has only the tests that would speak to it."""

import gc

import pytest

# What the option --database reaches tests by: the application of the rooms' tests, and the server of the journeys' sites.
REACHED_BY = {"app", "postgres"}


def pytest_configure(config: pytest.Config) -> None:
    # A full collection walks over everything a worker has imported; they took an eighth of the time.
    gc.set_threshold(100_000, 50, 1000)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--database") != "postgresql":
        return
    chosen = [item for item in items if REACHED_BY & set(getattr(item, "fixturenames", ()))]
    kept = set(chosen)
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = chosen


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    # What was collected stays to the end, where pytest looks through all there is five times over.
    gc.freeze()
