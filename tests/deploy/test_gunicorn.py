"""The configuration of gunicorn that ships, really started: pages, streams, changes seen by every worker, and reloading under readers."""

import http.client
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.running import clean_environment
from tests.servers import make_database, postgres_server  # noqa: F401 - a fixture
from tests.serving import PATIENCE_SECONDS, SETTINGS, GunicornSite, await_that, get, make_ready, publish, readers

pytestmark = pytest.mark.slow
LOOKS = 6


@pytest.fixture(params=["sqlite", "postgresql"])
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[GunicornSite, str]]:
    settings = dict(SETTINGS)
    if request.param == "postgresql":
        settings["INKHORN_DATABASE_URL"] = make_database(request.getfixturevalue("postgres_server"), "gunicorn")
    key = make_ready(tmp_path / "data", settings)
    site = GunicornSite(tmp_path / "data", settings)
    try:
        yield site.start(), key
    finally:
        site.kill_if_running()


def a_good_answer(site: GunicornSite, title: str) -> None:
    status, body = get(site.port)
    assert (status, title in body) == (200, True), status


def followed(site: GunicornSite, post_id: int) -> http.client.HTTPResponse:
    """The live comments of a post, as far as their first line."""
    live = http.client.HTTPConnection("127.0.0.1", site.port, timeout=PATIENCE_SECONDS)
    live.request("GET", f"/comments/on/{post_id}/live")
    stream = live.getresponse()
    assert (stream.status, stream.readline()) == (200, b"retry: 5000\n")
    return stream


def test_it_serves_reloads_and_ends(served):
    site, key = served
    for _change in range(3):
        post_id, title = publish(site.port, key)
        # Whichever worker answers, from memory or not.
        for _look in range(LOOKS):
            a_good_answer(site, title)
    stream = followed(site, post_id)
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
    # The new ones hold streams of their own.
    for _worker in range(2):
        followed(site, post_id)
    assert site.stop() == 0
    assert "Traceback" not in site.log


def test_headers_move_nobody_and_a_second_one_is_refused(tmp_path: Path):
    make_ready(tmp_path / "data", SETTINGS)
    site = GunicornSite(tmp_path / "data", dict(SETTINGS))
    try:
        site.start()
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
        site.kill_if_running()


def test_a_reload_that_could_not_begin_leaves_the_old_workers(tmp_path: Path):
    settings = dict(SETTINGS)
    make_ready(tmp_path / "data", settings)
    site = GunicornSite(tmp_path / "data", settings)
    try:
        site.start()
        workers, wrong = site.workers, tmp_path / "data" / "inkhorn.toml"
        wrong.write_text("web_thraeds = 4\n", encoding="utf-8")
        site.process.send_signal(signal.SIGHUP)
        await_that(lambda: "the old workers go on" in site.log, site)
        assert 'there is no setting "web_thraeds"' in site.log
        assert (site.workers, get(site.port)[0]) == (workers, 200)
        wrong.unlink()
        # Neither do they where the database would be another one for the new.
        [(revision,)] = site.execute("SELECT version_num FROM alembic_version")
        site.execute("UPDATE alembic_version SET version_num = 'of-tomorrow'")
        site.process.send_signal(signal.SIGHUP)
        await_that(lambda: site.log.count("the old workers go on") == 2, site)
        assert (site.workers, get(site.port)[0]) == (workers, 200)
        site.execute("UPDATE alembic_version SET version_num = %s", revision)
        site.reload()
        assert get(site.port)[0] == 200
        assert site.stop() == 0
    finally:
        site.kill_if_running()


def _environment(site: GunicornSite) -> dict[str, str]:
    return clean_environment() | {"INKHORN_DATA": str(site.data)} | site.environment
