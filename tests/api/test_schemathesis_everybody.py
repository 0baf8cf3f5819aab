"""The same as everybody there can be: each role by session and by token, each kind of key. Hours of work, so behind a flag, once before a release."""

import os

import pytest

from tests.api.bearers import ACTORS
from tests.api.fuzzing import EVERY_PHASE, hold_to_its_description

pytestmark = [
    pytest.mark.slow,
    # A run takes longer than a token lives, so the clock stands.
    pytest.mark.usefixtures("clock", "peopled", "generous"),
    pytest.mark.skipif(
        os.environ.get("INKHORN_TEST_FUZZ_ALL") != "1", reason="takes hours; INKHORN_TEST_FUZZ_ALL=1 INKHORN_TEST_FUZZ=500 asks for it"
    ),
]

# Who gets furthest goes last, and is who keeps what was done.
FIRST = "owner by token"
# Parts of the API by what their paths begin with, so that they run beside one another.
PARTS = (
    "albums audit authors comments episodes jobs me media menus pages posts redirects search series settings shows tags tokens users"
).split()


@pytest.fixture
def everybody(app, cast):
    everybody = {name: make(app, cast) for name, make in ACTORS.items()}
    for shown in everybody.values():
        # Whose last use is written down already need not have it written for each example.
        browser = app.test_client()
        if shown.cookie:
            browser.set_cookie("inkhorn", shown.cookie)
        assert browser.get("/api/v1/tags", headers=shown.headers).status_code == 200
    return everybody


@pytest.mark.parametrize("part", PARTS)
def test_the_api_does_what_its_description_says(app, everybody, part: str):
    owner = everybody.pop(FIRST)
    hold_to_its_description(app, owner, part=part, phases=EVERY_PHASE - {"stateful"}, others=everybody, met=set())


def test_what_leads_from_one_to_the_next_does_too(app, everybody):
    owner = everybody.pop(FIRST)
    hold_to_its_description(app, owner, phases=frozenset({"stateful"}), others=everybody, met={200, 400, 404})


def test_no_part_is_left_out(app, client):
    paths = client.get("/api/v1/openapi.json").json["paths"]
    assert {path.split("/")[3] for path in paths} == set(PARTS)


def test_the_second_version_does_what_its_description_says(app, everybody):
    hold_to_its_description(app, everybody["editor by token"], version="v2", met={200, 400, 404})
