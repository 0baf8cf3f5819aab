"""The same as everybody there can be: each role by session and by token, each kind of key; or as one for each role and each way to be recognised.

Behind a flag, once before a release: INKHORN_TEST_FUZZ_ALL=each INKHORN_TEST_FUZZ=500 took 48 minutes of two processors (29 November 2026), INKHORN_TEST_FUZZ_ALL=1 takes hours.
"""

import os

import pytest

from tests.api.bearers import ACTORS, Shown
from tests.api.fuzzing import EVERY_PHASE, EXAMPLES, hold_to_its_description

ASKED = os.environ.get("INKHORN_TEST_FUZZ_ALL", "")
pytestmark = [
    pytest.mark.slow,
    # A run takes longer than a token lives, so the clock stands.
    pytest.mark.usefixtures("clock", "peopled", "generous"),
    pytest.mark.skipif(ASKED not in ("1", "each"), reason="takes long; INKHORN_TEST_FUZZ_ALL=each INKHORN_TEST_FUZZ=500 asks for it"),
]

# Who gets furthest goes last, and is who keeps what was done.
FIRST = "owner by token"
# With who goes last, every role and every way to be recognised.
EACH = ("visitor", "reader by session", "member by token", "author by key", "editor by session", "administrator by token", "integration")
# Parts of the API by what their paths begin with, so that they run beside one another.
PARTS = (
    "albums audit authors comments episodes jobs me media menus pages posts redirects search series settings shows tags tokens users"
).split()


def look(app, shown: Shown) -> tuple[int, str]:
    """What somebody is told who would change what is not there: who is not recognised 401, who may not 403."""
    browser = app.test_client()
    if shown.cookie:
        browser.set_cookie("inkhorn", shown.cookie)
    answer = browser.patch("/api/v1/posts/999999", json={}, headers=shown.headers)
    return answer.status_code, answer.json.get("detail", "")


@pytest.fixture
def everybody(app, cast):
    made = {name: make(app, cast) for name, make in ACTORS.items() if ASKED == "1" or name in (FIRST, *EACH)}
    # Whose last use is written down already need not have it written for each example.
    before = {name: look(app, shown) for name, shown in made.items()}
    assert [name for name, (status, _told) in before.items() if status == 401] == ["visitor"]
    yield dict(made)
    # Nobody was closed or shut out on the way, who would have been refused from there on.
    assert {name: look(app, shown) for name, shown in made.items()} == before


def hold_for_all(app, everybody: dict[str, Shown], *, met: set[int], **asked) -> None:
    owner = everybody.pop(FIRST)
    outcome = hold_to_its_description(app, owner, others=everybody, met=met, **asked)
    assert set(outcome.others) == set(everybody)
    assert [name for name, answers in outcome.others.items() if sum(answers.values()) < EXAMPLES] == []


@pytest.mark.parametrize("part", PARTS)
def test_the_api_does_what_its_description_says(app, everybody, part: str):
    # Where a program signs in, no password is found by chance.
    met = {400, 401, 422} if part == "tokens" else {200, 400}
    hold_for_all(app, everybody, part=part, phases=EVERY_PHASE - {"stateful"}, met=met)


def test_what_leads_from_one_to_the_next_does_too(app, everybody):
    hold_for_all(app, everybody, phases=frozenset({"stateful"}), met={200, 400, 404})


def test_no_part_is_left_out(app, client):
    paths = client.get("/api/v1/openapi.json").json["paths"]
    assert {path.split("/")[3] for path in paths} == set(PARTS)


def test_the_second_version_does_what_its_description_says(app, everybody):
    hold_for_all(app, everybody, version="v2", met={200, 400, 404})
