"""Hashes that cost next to nothing for all tests but those about what a hash costs; a third of the time of the accounts' tests went into them."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from unittest import mock

import pytest
from argon2 import PasswordHasher

from inkhorn.accounts import codes, passwords

CHEAP = {"time_cost": 1, "memory_cost": 8, "parallelism": 1}
TRUE_HASHER = passwords._hasher
TRUE_COSTS = {"MEMORY_KIB": codes.MEMORY_KIB, "PASSES": codes.PASSES}


@contextmanager
def costing(hasher, costs: dict[str, int]) -> Iterator[None]:
    with ExitStack() as changes:
        changes.enter_context(mock.patch.object(passwords, "_hasher", hasher))
        changes.enter_context(mock.patch.multiple(codes, **costs))
        passwords._decoy.cache_clear()
        yield
    passwords._decoy.cache_clear()


@pytest.fixture(scope="session", autouse=True)
def cheap_hashes() -> Iterator[None]:
    with costing(partial(PasswordHasher, **CHEAP), {"MEMORY_KIB": CHEAP["memory_cost"], "PASSES": CHEAP["time_cost"]}):
        yield


@pytest.fixture
def true_hashes(cheap_hashes: None) -> Iterator[None]:
    """Hashes as the site makes them."""
    with costing(TRUE_HASHER, TRUE_COSTS):
        yield
