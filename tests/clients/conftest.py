"""A seeded publication, read in process: quick to crawl whole."""

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from inkhorn.app import create_app
from inkhorn.core.config_loading import load_config
from tests.clients.crawling import Crawl, crawl
from tests.demo import copy_demo
from tests.running import inkhorn

CORPORA = Path(__file__).parents[3] / "shared" / "corpora"


def client_of(data: Path) -> FlaskClient:
    """A browser on the site of a data folder."""
    return create_app(load_config(data=data, environ={}, overrides={"profile": "testing", "log_level": "error"})).test_client()


@pytest.fixture(scope="package")
def demo(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> FlaskClient:
    """The demo publication."""
    data = tmp_path_factory.mktemp("clients") / "data"
    return client_of(copy_demo(data, tmp_path_factory, request.config))


@pytest.fixture(scope="package")
def demo_crawl(demo: FlaskClient) -> Crawl:
    """Everything a reader can reach from the demo's home page."""
    return crawl(demo)


@pytest.fixture(scope="package")
def zola(tmp_path_factory: pytest.TempPathFactory) -> tuple[FlaskClient, set[str]]:
    """The imported Zola site, and the paths that its report names as missing in the source."""
    source = CORPORA / "md-rust-zola"
    if not source.exists():
        pytest.skip("the Zola corpus is not beside this checkout")
    data = tmp_path_factory.mktemp("zola") / "data"
    report = data.parent / "report.json"
    done = inkhorn(data, "import", "markdown", str(source), "--report", str(report))
    assert done.returncode == 0, done.stderr
    return client_of(data), set(re.findall(r"[\w./-]+", report.read_text(encoding="utf-8")))
