"""Listeners who have paused keep threads of a server that runs, and never those that answer pages."""

import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from inkhorn.app import create_app
from inkhorn.core.access import House
from inkhorn.core.config_loading import load_config
from inkhorn.core.database import db, session, transaction
from inkhorn.core.large_files import LARGE_BYTES
from tests.factories.media import store, wave_bytes
from tests.running import RunningSite
from tests.team import make_team

PLACES = 3
SETTINGS = {"INKHORN_WEB_WORKERS": "1", "INKHORN_WEB_THREADS": "2", "INKHORN_LARGE_FILES": str(PLACES), "INKHORN_PROFILE": "testing"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningSite, str]]:
    """A site with a long sound, and where that is."""
    data = tmp_path_factory.mktemp("listeners") / "data"
    make_team(data, SETTINGS, password="kelp tide moon lantern")
    content = tmp_path_factory.mktemp("sound") / "fog.wav"
    content.write_bytes(wave_bytes(1200))
    with create_app(load_config(data=data, environ=SETTINGS)).app_context():
        with transaction():
            path = store(content.read_bytes(), filename=content.name, by=House()).path
        session().close()
        db.engine.dispose()
    site = RunningSite(data, SETTINGS).start()
    yield site, path
    site.stop()


def status_of(address: str, **headers: str) -> int:
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=120) as answer:
            answer.read()
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return int(error.code)


def ask_and_stop_reading(site: RunningSite, path: str) -> socket.socket:
    """A player that was paused: it has asked for everything and takes no more than the first line."""
    listener = socket.create_connection(("127.0.0.1", site.port), timeout=120)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    listener.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nRange: bytes=0-\r\n\r\n".encode())
    assert listener.recv(64).startswith(b"HTTP/1.1 ")
    return listener


def test_paused_listeners_keep_nobody_from_pages_and_make_room_when_they_go(served):
    site, path = served
    whole = site.base + path
    with ExitStack() as listeners:
        for _number in range(PLACES + 5):
            listeners.enter_context(ask_and_stop_reading(site, path))
        assert [status_of(site.base + "/") for _time in range(10)] == [200] * 10
        assert status_of(whole) == 503
        # A piece that a player asks for by its beginning and end needs no place.
        assert status_of(whole, Range=f"bytes={LARGE_BYTES}-{2 * LARGE_BYTES - 1}") == 206
    until = time.monotonic() + 60
    while (status := status_of(whole)) == 503 and time.monotonic() < until:
        time.sleep(0.2)
    assert status == 200
