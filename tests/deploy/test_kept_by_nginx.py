"""What nginx keeps by the shipped file: files that never change, and with `cdn_seconds` pages of readers whom nobody knows."""

import http.client
import re
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.behind import authority_of, running_nginx
from tests.serving import PATIENCE_SECONDS, SETTINGS, GunicornSite, make_ready, publish

pytestmark = pytest.mark.slow
HAS_FORWARDED = {"INKHORN_TRUSTED_PROXIES": "1", "INKHORN_SITE_URL": "https://localhost"}
Ask = Callable[..., tuple[int, str]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., tuple[GunicornSite, str, Ask]]]:
    with ExitStack() as ends:

        def started(*, keeps_pages: bool, **more: str) -> tuple[GunicornSite, str, Ask]:
            settings = SETTINGS | HAS_FORWARDED | more
            key = make_ready(tmp_path / "data", settings)
            site = GunicornSite(tmp_path / "data", settings)
            ends.callback(site.kill_if_running)
            site.start()
            _plain, secure = ends.enter_context(running_nginx(tmp_path, site.port, keeps_pages=keeps_pages))
            trust = ssl.create_default_context(cafile=str(authority_of(tmp_path).authority))

            def ask(path: str, **headers: str) -> tuple[int, str]:
                client = http.client.HTTPSConnection("localhost", secure, context=trust, timeout=PATIENCE_SECONDS)
                client.request("GET", path, headers=headers)
                answer = client.getresponse()
                told = answer.status, answer.read().decode()
                client.close()
                return told

            return site, key, ask

        yield started


def test_style_sheets_come_from_nginx_and_pages_do_not(start):
    site, key, ask = start(keeps_pages=False)
    _number, title = publish(site.port, key)
    status, page = ask("/")
    assert (status, title in page) == (200, True)
    sheet = re.search(r'href="(/static/[^"]+\.css[^"]*)"', page)
    assert sheet
    kept = ask(sheet[1])
    # What a node answers that does not know the file of a newer one is no more than its own for now.
    unknown = re.sub(r"\.[0-9a-f]{8}\.css", ".00000000.css", sheet[1])
    assert ask(unknown)[0] == 200
    _number, newer = publish(site.port, key)
    assert newer in ask("/")[1], "a change is seen at once"
    site.kill_if_running()
    assert ask(sheet[1]) == kept
    assert ask(unknown)[0] == 502
    assert ask("/")[0] == 502


def test_with_cdn_seconds_it_keeps_pages_for_those_whom_nobody_knows(start):
    site, key, ask = start(keeps_pages=True, INKHORN_CDN_SECONDS="86400", INKHORN_CDN_PURGE_URL="http://127.0.0.1:9/purge")
    _number, title = publish(site.port, key)
    kept = ask("/")
    assert (kept[0], title in kept[1]) == (200, True)
    assert [ask(path)[0] for path in ("/sign-in", "/nothing-here")] == [200, 404]
    _number, newer = publish(site.port, key)
    assert ask("/") == kept
    assert newer in ask("/", Cookie="__Host-inkhorn=abc")[1], "whoever may be signed in is always answered by Inkhorn"
    assert ask("/") == kept, "and what they were shown is kept for nobody"
    site.kill_if_running()
    assert ask("/") == kept
    assert ask("/", Cookie="inkhorn-notes=abc")[0] == 502
    assert ask("/sign-in")[0] == 502
    assert ask("/nothing-here")[0] == 502
