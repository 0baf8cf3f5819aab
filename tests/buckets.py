"""A store that speaks S3, in this process, for tests: started on a free port once per run, with a bucket for each who asks."""

import secrets
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from moto.server import ThreadedMotoServer

from inkhorn.media.services.marking import MARK_KEY
from tests.ports import free_port

KEYS = {"storage_access_key": "only-for-tests", "storage_secret_key": "only-for-tests-either"}


@contextmanager
def running_store() -> Iterator[str]:
    """Yields the endpoint of an empty store."""
    port = free_port()
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    server.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.stop()


@pytest.fixture(scope="session")
def store_endpoint() -> Iterator[str]:
    with running_store() as endpoint:
        yield endpoint


def make_bucket(endpoint: str) -> str:
    """The storage_url of a bucket made just now."""
    name = f"tests-{secrets.token_hex(6)}"
    urllib.request.urlopen(urllib.request.Request(f"{endpoint}/{name}", method="PUT"), timeout=120).close()
    return f"s3://{name}/site?endpoint={endpoint}"


@pytest.fixture(autouse=True)
def unmarked_store(request: pytest.FixtureRequest) -> Iterator[None]:
    """The database forgets after each test whose the store of uploads is, so the store must too."""
    # Asked for beforehand: some tests have an application of their own, which is gone afterwards.
    app = request.getfixturevalue("app") if "app" in request.fixturenames else None
    yield
    if app is not None:
        (app.extensions["inkhorn.config"].data / "media" / MARK_KEY).unlink(missing_ok=True)
