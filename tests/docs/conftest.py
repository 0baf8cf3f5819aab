"""The documentation site, built once for the run of a worker."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.tree import DOCS


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole site as `make docs` builds it; a warning of the builder fails here with its text."""
    place = tmp_path_factory.mktemp("documentation") / "site"
    done = subprocess.run([sys.executable, DOCS / "build.py", place], capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return place
