"""The whole description held against the running API, as an author by her session; a file for each actor, so that they run beside one another."""

import pytest

from tests.api.bearers import ACTORS
from tests.api.fuzzing import DAILY, hold_to_its_description


@pytest.mark.slow
def test_the_api_does_what_its_description_says(app, cast, furnished, generous):
    hold_to_its_description(app, ACTORS["author by session"](app, cast), phases=DAILY, met={200, 201, 204, 400, 403, 404, 409, 422, 428})


@pytest.mark.slow
def test_the_second_version_does_too(app, cast, furnished, generous):
    hold_to_its_description(app, ACTORS["author by session"](app, cast), phases=DAILY, version="v2", met={200, 400, 404})
