"""R3 and R6: killed at any point of publishing a post or of migrating a database, a site has done it wholly or not at all."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from inkhorn.app import create_app
from inkhorn.core import migrating
from inkhorn.core.access import House
from inkhorn.core.database import db
from tests.conftest import config_for
from tests.dice import SEED, tell, times
from tests.factories.posts import make_post
from tests.running import clean_environment

pytestmark = pytest.mark.slow

OLD = "0005"


def told(act: str, folder: Path, many: int) -> list[dict]:
    words = ["-m", "tests.faults.killed_program", act, folder / "source", folder / "work", many, SEED]
    run = subprocess.run(
        [sys.executable, *map(str, words)],
        # What Python keeps of its own modules in the first run would be points that no later run has.
        env=clean_environment() | {"PYTHONDONTWRITEBYTECODE": "1"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=3600,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-4000:]
    return [json.loads(line) for line in run.stdout.splitlines()]


def test_a_post_is_published_wholly_or_not_at_all(tmp_path: Path):
    (tmp_path / "source").mkdir()
    config = config_for(tmp_path / "source")
    migrating.upgrade(config)
    with create_app(config).app_context():
        make_post(by=House(), title="Saltmarsh", body="Words.")
        db.session.close()
        db.engine.dispose()
    found = told("publish", tmp_path, times(30))
    assert found
    assert all(each["killed"] for each in found)
    # The last points lie behind the commit, the first before it.
    assert [each["found"] for each in found] == sorted(each["found"] for each in found)
    live = sum(each["found"] == "published" for each in found)
    tell(
        len(found),
        len(found),
        f"points of {found[0]['of']} at which publishing was killed; a draft {len(found) - live} times, published {live}",
    )


def test_a_database_is_migrated_wholly_or_not_at_all(tmp_path: Path):
    (tmp_path / "source").mkdir()
    config = config_for(tmp_path / "source")
    migrating.upgrade(config, OLD)
    with closing(sqlite3.connect(tmp_path / "source" / "inkhorn.sqlite3")) as file:
        file.execute("INSERT INTO tag (name, slug, description) VALUES ('saltmarsh', 'saltmarsh', '')")
        file.commit()
    found = told("migrate", tmp_path, times(4))
    assert found
    assert all(each["killed"] for each in found)
    assert [each["found"] for each in found] == sorted((each["found"] for each in found), reverse=True)
    tell(len(found), len(found), f"points of {found[0]['of']} at which a migration was killed; the next start ended it each time")
