"""The whole description held against the running API, as a visitor; a file for each actor, so that they run beside one another."""

import pytest

from tests.api.bearers import ACTORS
from tests.api.fuzzing import DAILY, hold_to_its_description


@pytest.mark.slow
@pytest.mark.parametrize("version", ["v1", "v2"])
def test_the_api_does_what_its_description_says(app, cast, furnished, generous, version: str):
    hold_to_its_description(app, ACTORS["visitor"](app, cast), phases=DAILY, version=version, met={200, 400, 404})
