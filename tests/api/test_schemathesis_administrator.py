"""The whole description held against the running API, as an administrator's program; a file for each actor, so that they run beside one another."""

import pytest

from tests.api.bearers import ACTORS
from tests.api.fuzzing import DAILY, hold_to_its_description


# A run takes longer than a token lives, so the clock stands.
@pytest.mark.slow
@pytest.mark.usefixtures("clock", "furnished", "generous")
def test_the_api_does_what_its_description_says(app, cast):
    shown = ACTORS["administrator by token"](app, cast)
    outcome = hold_to_its_description(app, shown, phases=DAILY, met={200, 201, 204, 400, 401, 404, 409, 422, 428})
    # What was made is there, and what was removed is not.
    assert {"use_after_free", "ensure_resource_availability"} <= set(outcome.checked)
