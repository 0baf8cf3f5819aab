"""The whole description held against the running API, as an administrator's program; an author and a visitor try each example before."""

import pytest

from tests.api.bearers import ACTORS
from tests.api.fuzzing import DAILY, hold_to_its_description

# A run takes longer than a token lives, so the clock stands.
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("clock", "peopled", "generous")]


@pytest.fixture
def others(app, cast):
    return {name: ACTORS[name](app, cast) for name in ("author by session", "visitor")}


def test_the_api_does_what_its_description_says(app, cast, others):
    shown = ACTORS["administrator by token"](app, cast)
    outcome = hold_to_its_description(app, shown, phases=DAILY, others=others, met={200, 201, 204, 400, 401, 404, 409, 422, 428})
    # What was made is there, and what was removed is not.
    assert {"use_after_free", "ensure_resource_availability"} <= set(outcome.checked)
    # They got through the doors too, as far as theirs are.
    assert set(outcome.others["author by session"]) >= {200, 201, 204, 400, 403, 404, 409, 422, 428}
    assert set(outcome.others["visitor"]) >= {200, 400, 401, 404}


def test_the_second_version_does_too(app, others):
    author = others.pop("author by session")
    outcome = hold_to_its_description(app, author, phases=DAILY, version="v2", others=others, met={200, 400, 404})
    assert set(outcome.others["visitor"]) >= {200, 400, 404}
