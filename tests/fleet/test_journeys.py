"""A journey by browser through the whole fleet; INKHORN_TEST_THROUGH=fleet make test TESTS=tests/journeys takes all of them there."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.behind import nginx_program
from tests.browsing import CHROMIUM

pytestmark = [pytest.mark.slow, pytest.mark.browser]

ROOT = Path(__file__).parents[2]
JOURNEY = "tests/journeys/test_first_light.py::test_set_up_write_publish_and_read"


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: install the package chromium")
def test_a_site_is_set_up_written_in_and_read_through_the_proxy():
    assert nginx_program()
    # In a process of its own: whether the sites of a run are fleets is said once for all of it.
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", JOURNEY],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")} | {"INKHORN_TEST_THROUGH": "fleet"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-8000:]
    assert "1 passed" in done.stdout
