"""A site on a disk of a few megabytes, which tests fill as they like; only root can make one."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from inkhorn.accounts.services.roles import sync_roles
from inkhorn.app import create_app
from inkhorn.core.database import Base, db, session, transaction
from tests.cast import Cast
from tests.conftest import config_for
from tests.factories.comments import make_open_post
from tests.factories.media import make_asset, picture_bytes, wave_bytes

WAVE = wave_bytes(60)
DISK = "24m"


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    place = tmp_path_factory.mktemp("disk")
    if (
        os.geteuid()
        or not shutil.which("mount")
        or subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "none", place], capture_output=True, check=False).returncode
    ):
        pytest.skip("only root may make a small disk, and not everywhere")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


@dataclass
class Site:
    """A site on a small disk, somebody at its desk, and what they act on."""

    app: Flask
    disk: Path
    browser: FlaskClient
    token: str
    asset_id: int
    post_id: int
    paths: tuple[str, ...]

    def fill(self, *, but_kb: int) -> None:
        """Leave no more than that."""
        (self.disk / "ballast").unlink(missing_ok=True)
        with (self.disk / "ballast").open("wb", buffering=0) as ballast:
            try:
                while True:
                    ballast.write(bytes(4096))
            except OSError:
                ballast.truncate(max(0, ballast.tell() - but_kb * 1024))

    def send(self, address: str, **fields: object):
        return self.browser.post(address, data={"csrf_token": self.token, **fields}, headers={"Accept": "application/json"})

    def add_part(self, address: str):
        far = int(self.browser.head(address).headers["Upload-Offset"])
        headers = {"Upload-Offset": str(far), "X-CSRF-Token": self.token, "Accept": "application/json"}
        return self.browser.patch(address, data=WAVE[far:], headers=headers)


@pytest.fixture(scope="module")
def furnished(disk: Path) -> Iterator[Site]:
    (disk / "data").mkdir()
    app = create_app(config_for(disk / "data"))
    with app.app_context():
        Base.metadata.create_all(db.engine)
        with transaction():
            sync_roles()
        cast = Cast()
        post, asset = make_open_post(by=cast.wren), make_asset(picture_bytes(900, 600))
        browser = cast.browser_of(app, cast.wren)
        paths = ("/", post.path, asset.path, "/feed.xml", "/desk/media/")
        asset_id, post_id = asset.id, post.id
        session().close()
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/desk/media/").text)[1]
    yield Site(app, disk, browser, token, asset_id, post_id, paths)
    with app.app_context():
        db.engine.dispose()
