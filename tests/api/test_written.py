"""What an answer is made of is written as JSON in one way, whoever writes it."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from inkhorn.api.answers import written

TEXTS = some.text(some.characters(exclude_categories=["Cs"]))
VALUES = some.recursive(
    some.none() | some.booleans() | some.integers(-(2**63), 2**64 - 1) | TEXTS,
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None, derandomize=True, database=None, suppress_health_check=[*HealthCheck])
@given(some.dictionaries(TEXTS, VALUES, max_size=4))
def test_it_is_what_python_writes(content: dict[str, object]):
    assert written(content) == json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


@pytest.mark.parametrize("value", [2**70, {7: "a name that is none"}, 0.1])
def test_what_is_seldom_is_told_all_the_same(value: object):
    assert json.loads(written({"data": value})) == json.loads(json.dumps({"data": value}))
