"""Each field of the whole description at its bounds and beyond them, as an administrator's program."""

import pytest

from tests.api.bearers import ACTORS
from tests.api.fuzzing import EVERY_CHECK, hold_to_its_description


# A run takes longer than a token lives, so the clock stands.
@pytest.mark.slow
@pytest.mark.usefixtures("clock", "peopled", "generous")
def test_the_api_does_what_its_description_says(app, cast):
    shown = ACTORS["administrator by token"](app, cast)
    outcome = hold_to_its_description(app, shown, phases=frozenset({"coverage"}), met={200, 400, 401, 404, 405, 412, 415, 422, 428})
    assert set(outcome.checked) == EVERY_CHECK
