"""The shipped configurations together: readers come by https to nginx, which asks gunicorn, and a reload costs none of them a request."""

import http.client
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.behind import authority_of, running_nginx
from tests.dice import tell, times
from tests.serving import PATIENCE_SECONDS, SETTINGS, GunicornSite, get, make_ready, publish, readers

pytestmark = pytest.mark.slow
RELOADS = times(2)
HAS_FORWARDED = {"INKHORN_TRUSTED_PROXIES": "1", "INKHORN_SITE_URL": "https://localhost"}


@pytest.fixture
def behind(tmp_path: Path) -> Iterator[tuple[GunicornSite, str, int, int]]:
    settings = SETTINGS | HAS_FORWARDED
    key = make_ready(tmp_path / "data", settings)
    site = GunicornSite(tmp_path / "data", settings)
    try:
        site.start()
        with running_nginx(tmp_path, site.port) as (plain, secure):
            yield site, key, plain, secure
    finally:
        site.kill_if_running()


def test_a_reload_costs_nobody_a_request(behind, tmp_path: Path):
    site, key, plain, secure = behind
    post_id, title = publish(site.port, key)
    trust = ssl.create_default_context(cafile=str(authority_of(tmp_path).authority))
    kept = threading.local()

    def client() -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection("localhost", secure, context=trust, timeout=PATIENCE_SECONDS)

    def ask() -> None:
        # Each reader keeps a connection, as browsers do.
        if not hasattr(kept, "client"):
            kept.client = client()
        kept.client.request("GET", "/")
        answer = kept.client.getresponse()
        assert title in answer.read().decode()
        assert answer.status == 200
        assert answer.getheader("Strict-Transport-Security")

    assert get(plain, "/some/")[0] == 301
    live = client()
    live.request("GET", f"/comments/on/{post_id}/live")
    stream = live.getresponse()
    # It comes at once, not when much has gathered.
    assert (stream.status, stream.readline()) == (200, b"retry: 5000\n")
    with readers(ask) as met:
        for _round in range(RELOADS):
            site.reload()
            before = met.answered
            while met.answered < before + 30 and not met.failures:
                time.sleep(0.05)
    assert met.failures == []
    tell(RELOADS, RELOADS, f"reloads, {met.answered} requests meanwhile and none failed")
    assert stream.read().endswith(b"\n\n")
    live.close()
