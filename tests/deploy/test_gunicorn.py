"""The configuration of gunicorn that ships, really started: pages, streams, changes seen by every worker, and reloading under readers."""

import http.client
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.running import clean_environment
from tests.servers import make_database, postgres_server  # noqa: F401 - a fixture
from tests.serving import PATIENCE_SECONDS, SETTINGS, GunicornSite, get, make_ready, publish, readers

pytestmark = pytest.mark.slow
LOOKS = 6


@pytest.fixture(params=["sqlite", "postgresql"])
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[GunicornSite, str]]:
    settings = dict(SETTINGS)
    if request.param == "postgresql":
        settings["INKHORN_DATABASE_URL"] = make_database(request.getfixturevalue("postgres_server"), "gunicorn")
    key = make_ready(tmp_path / "data", settings)
    site = GunicornSite(tmp_path / "data", settings).start()
    yield site, key
    if site.process.poll() is None:
        site.stop()


def a_good_answer(site: GunicornSite, title: str) -> None:
    status, body = get(site.port)
    assert (status, title in body) == (200, True), status


def test_it_serves_reloads_and_ends(served):
    site, key = served
    for _change in range(3):
        post_id, title = publish(site.port, key)
        # Whichever worker answers, from memory or not.
        for _look in range(LOOKS):
            a_good_answer(site, title)
    live = http.client.HTTPConnection("127.0.0.1", site.port, timeout=PATIENCE_SECONDS)
    live.request("GET", f"/comments/on/{post_id}/live")
    stream = live.getresponse()
    assert (stream.status, stream.readline()) == (200, b"retry: 5000\n")
    with readers(lambda: a_good_answer(site, title)) as met:
        site.reload()
        before = met.answered
        while met.answered < before + 20 and not met.failures:
            time.sleep(0.05)
    assert met.failures == []
    # Told to end, it ended; a worker that waited for it would have been killed in the middle of a line.
    assert stream.read().endswith(b"\n\n")
    _post_id, title = publish(site.port, key)
    for _look in range(LOOKS):
        a_good_answer(site, title)
    assert site.stop() == 0
    assert "Traceback" not in site.log


def test_headers_move_nobody_and_a_second_one_is_refused(tmp_path: Path):
    make_ready(tmp_path / "data", SETTINGS)
    site = GunicornSite(tmp_path / "data", dict(SETTINGS)).start()
    try:
        # Neither is a proxy trusted here, nor may one say what was asked for.
        status, body = get(site.port, X_Forwarded_Proto="https", X_Forwarded_Host="other.example")
        assert status == 200
        assert f"https://127.0.0.1:{site.port}" not in body
        assert "other.example" not in body
        client = http.client.HTTPConnection("127.0.0.1", site.port, timeout=PATIENCE_SECONDS)
        client.putrequest("GET", "/no-such-page/")
        client.putheader("PATH_INFO", "/")
        client.putheader("SCRIPT_NAME", "/no-such-page")
        client.endheaders()
        assert client.getresponse().status == 404
        client.close()
        second = GunicornSite(tmp_path / "data", dict(SETTINGS))
        told = subprocess.run(
            second.command(),
            env=_environment(second),
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        assert told.returncode != 0
        assert f"inkhorn: Inkhorn already runs on {site.data}" in told.stderr
        assert get(site.port)[0] == 200
    finally:
        site.stop()


def _environment(site: GunicornSite) -> dict[str, str]:
    return clean_environment() | {"INKHORN_DATA": str(site.data)} | site.environment
