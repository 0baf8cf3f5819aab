"""The feeds as feedsmith reads them, a second and stricter reader."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from inkhorn.posts.models import Status
from tests.factories.accounts import make_user
from tests.factories.posts import make_post

PACKAGE = Path(__file__).parents[1] / "tools" / "node_modules" / "feedsmith"
NODE = shutil.which("node")


@pytest.mark.skipif(NODE is None or not PACKAGE.is_dir(), reason="needs node and the packages of tests/tools")
def test_feedsmith_reads_every_format(client, tmp_path):
    ida, ola = make_user(), make_user(email="ola@example.org", name="Ola")
    post = make_post(status=Status.PUBLISHED, title="A \x08 & ]]> <b>", tags=["Tides"], author_ids=[ida.id, ola.id])
    files = []
    for name in ("feed.xml", "atom.xml", "feed.json"):
        file = tmp_path / name
        file.write_bytes(client.get(f"/{name}").data)
        files.append(str(file))
    entry = json.loads((PACKAGE / "package.json").read_text())["exports"]["."]["import"]
    main = PACKAGE / (entry if isinstance(entry, str) else entry["default"])
    script = Path(__file__).with_name("read_feeds.mjs")
    done = subprocess.run([NODE or "node", script, main, *files], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert [feed["format"] for feed in found] == ["rss", "atom", "json"]
    assert {item["id"].removeprefix("urn:uuid:").replace("-", "") for feed in found for item in feed["items"]} == {post.uuid}
    assert [len(feed["items"][0]["authors"]) for feed in found] == [2, 2, 2]
