"""The W3C's checker finds no error of ours on any kind of page."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.clients.crawling import Crawl

JAR = Path(__file__).parents[1] / "tools" / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
KINDS = {"home": "/", "archive": "/archive/", "tag": "/tag/", "author": "/author/", "series": "/series/", "older": "/page/"}


def one_of_each(crawl: Crawl) -> dict[str, bytes]:
    """A page of every kind of list, and a dozen of what is read."""
    found = {kind: next(crawl.pages[path] for path in crawl.pages if path.startswith(start)) for kind, start in KINDS.items()}
    read = [path for path in crawl.pages if path.count("/") == 2 and path not in KINDS.values()]
    return found | {f"post-{number}": crawl.pages[path] for number, path in enumerate(sorted(read)[:12])}


@pytest.mark.slow
def test_every_kind_of_page_is_valid_html(demo, demo_crawl: Crawl, tmp_path: Path):
    if not JAR.exists() or shutil.which("java") is None:
        pytest.skip("the checker v.Nu needs Java and `npm ci` in tests/tools")
    pages = one_of_each(demo_crawl) | {"missing": demo.get("/missing/").data, "sign-in": demo.get("/sign-in").data}
    for name, page in pages.items():
        (tmp_path / f"{name}.html").write_bytes(page)
    files = sorted(str(path) for path in tmp_path.glob("*.html"))
    told = subprocess.run(
        ["java", "-jar", str(JAR), "--format", "gnu", "--errors-only", *files], capture_output=True, text=True, check=False
    )
    assert told.stderr == ""
