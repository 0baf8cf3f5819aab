"""The same as everybody else there can be: each role by session and by token, each kind of key. Hours of work, so behind a flag, once before a release."""

import os

import pytest

from tests.api.bearers import ACTORS
from tests.api.fuzzing import hold_to_its_description

pytestmark = [
    pytest.mark.slow,
    # A run takes longer than a token lives, so the clock stands.
    pytest.mark.usefixtures("clock", "furnished", "generous"),
    pytest.mark.skipif(
        os.environ.get("INKHORN_TEST_FUZZ_ALL") != "1", reason="takes hours; INKHORN_TEST_FUZZ_ALL=1 INKHORN_TEST_FUZZ=500 asks for it"
    ),
]


@pytest.mark.parametrize("who", ACTORS)
def test_the_api_does_what_its_description_says(app, cast, who: str):
    hold_to_its_description(app, ACTORS[who](app, cast), met={200, 400, 404})


def test_the_second_version_does_what_its_description_says(app, cast):
    hold_to_its_description(app, ACTORS["editor by token"](app, cast), version="v2", met={200, 400, 404})
