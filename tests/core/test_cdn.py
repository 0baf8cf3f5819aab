"""What a network that keeps copies is told: how long it may, and to forget them after every change."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from inkhorn.core import cdn
from inkhorn.core.access import House
from inkhorn.core.cache import KEPT
from inkhorn.core.config import ConfigError
from inkhorn.core.database import session, transaction
from inkhorn.core.fetch import FetchFailed
from inkhorn.core.jobs import JobRow
from inkhorn.core.replays import Replay
from inkhorn.posts.models import Status
from inkhorn.posts.services.writing import draft_post
from tests.conftest import config_for
from tests.factories.posts import make_post

TOLD = {"cdn_purge_header": "Authorization: Bearer sesame-sesame"}


class Network(ThreadingHTTPServer):
    """Notes what it was told, and answers as it is wished."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Listener)
        self.told: list[tuple[dict[str, str], object]] = []
        self.status = 200

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/purge"


class _Listener(BaseHTTPRequestHandler):
    server: Network

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.told.append((dict(self.headers), json.loads(body)))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        pass


@pytest.fixture
def network() -> Iterator[Network]:
    with Network() as made:
        serving = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.05})
        serving.start()
        yield made
        made.shutdown()
        serving.join()


@pytest.fixture
def told_of(app, network, database, monkeypatch, tmp_path):
    monkeypatch.setitem(app.extensions, "inkhorn.config", config_for(tmp_path, cdn_purge_url=network.url, **TOLD))
    return network


def waiting() -> list[JobRow]:
    return list(session().scalars(select(JobRow).where(JobRow.name == "core.forget_copies").order_by(JobRow.run_at)))


def answer_of(status: str, headers: list[tuple[str, str]], seconds: int, tmp_path, path: str = "/") -> dict[str, str]:
    def app(_environ, start_response):
        start_response(status, headers)
        return [b""]

    seen: dict[str, str] = {}
    loaded = config_for(tmp_path, cdn_seconds=seconds, cdn_purge_url="https://cdn.example.org/purge")
    list(cdn.before_network(app, loaded)({"PATH_INFO": path}, lambda _status, told, *_more: seen.update(told)))
    return seen


@pytest.mark.parametrize("status", ["200 OK", "304 NOT MODIFIED"])
def test_pages_for_everybody_may_be_kept_under_one_name(tmp_path, status):
    told = answer_of(status, [("Cache-Control", KEPT), ("Vary", "Accept-Encoding"), ("ETag", '"a"')], 600, tmp_path)
    assert told == {
        "Cache-Control": "public, max-age=0, s-maxage=600, must-revalidate",
        "Vary": "Accept-Encoding, Cookie",
        "ETag": '"a"',
        "Surrogate-Key": "inkhorn-pages",
        "Cache-Tag": "inkhorn-pages",
    }


@pytest.mark.parametrize(
    ("status", "said"),
    [("200 OK", "private, no-cache"), ("200 OK", "no-store"), ("404 NOT FOUND", KEPT), ("200 OK", "public, max-age=31536000, immutable")],
)
def test_nothing_else_is_touched(tmp_path, status, said):
    assert answer_of(status, [("Cache-Control", said)], 600, tmp_path) == {"Cache-Control": said}


def test_what_is_filled_after_a_change_is_not_kept_for_longer_than_that(tmp_path):
    assert answer_of("200 OK", [("Cache-Control", KEPT)], 600, tmp_path, "/search") == {"Cache-Control": KEPT}


def test_without_the_setting_nothing_stands_in_the_way(tmp_path):
    def app(_environ, _start_response):
        return []

    assert cdn.before_network(app, config_for(tmp_path)) is app


def test_every_change_of_pages_has_them_forgotten_once(told_of, clock):
    make_post(title="Slack water", status=Status.PUBLISHED)
    make_post(title="Neap tide", status=Status.PUBLISHED)
    assert len(waiting()) == 1
    cdn.forget_copies()
    [(headers, body)] = told_of.told
    assert (headers["Authorization"], headers["Surrogate-Key"], body) == (
        "Bearer sesame-sesame",
        "inkhorn-pages",
        {"tags": ["inkhorn-pages"]},
    )
    # Once more later, for a page from before may have been on its way; and no third time.
    assert cdn.AGAIN_AFTER <= waiting()[-1].run_at - clock.now < 2 * cdn.AGAIN_AFTER
    cdn.forget_copies(is_last=True)
    assert (len(told_of.told), len(waiting())) == (2, 2)


def test_the_second_time_comes_long_enough_after_the_latest_of_many_changes(told_of, clock):
    for _change in range(4):
        cdn.forget_copies()
        lasts = [each.run_at for each in waiting()]
        assert any(clock.now + cdn.AGAIN_AFTER <= each < clock.now + 2 * cdn.AGAIN_AFTER for each in lasts)
        clock.forward(seconds=9)
    # And no oftener than once in that time.
    lasts.sort()
    assert all(later - earlier >= cdn.AGAIN_AFTER for earlier, later in pairwise(lasts))


def test_a_start_has_them_forgotten_once_however_many_processes_there_are(told_of):
    for _process in range(3):
        cdn.forget_at_start()
    assert [each.args for each in waiting()] == [{}]


def test_a_start_without_the_database_goes_on(told_of, monkeypatch):
    def away(*_args, **_more):
        raise OperationalError("", {}, Exception())

    monkeypatch.setattr(cdn.jobs, "enqueue", away)
    cdn.forget_at_start()
    assert waiting() == []


def test_what_no_page_shows_tells_nobody(told_of):
    with transaction():
        session().add(Replay(digest="a", request="b"))
    assert waiting() == []


def test_what_is_rolled_back_tells_nobody(told_of):
    with pytest.raises(RuntimeError), transaction():
        draft_post(by=House(), title="Never", body="Never.")
        raise RuntimeError
    assert waiting() == []


def test_without_the_setting_nothing_is_queued(database):
    make_post(status=Status.PUBLISHED)
    assert waiting() == []


@pytest.mark.parametrize("status", [403, 500])
def test_a_network_that_refuses_is_asked_again(told_of, status):
    told_of.status = status
    with pytest.raises(FetchFailed):
        cdn.forget_copies()
    assert waiting() == []
    assert cdn.forget_copies.max_attempts == 10


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"cdn_purge_url": "ftp://x/"}, "cdn_purge_url is no address"),
        ({"cdn_purge_url": "https://cdn.example.org/", "cdn_purge_header": "no header"}, "cdn_purge_header is no header"),
        ({"cdn_purge_url": "https://cdn.example.org/", "cdn_purge_header": "A: b\r\nC: d"}, "cdn_purge_header is no header"),
        ({"cdn_purge_url": "https://cdn.example.org/", "cdn_purge_body": "{"}, "cdn_purge_body is no JSON"),
        ({"cdn_purge_header": "A: b"}, "cdn_purge_header is set and cdn_purge_url is not"),
        ({"cdn_seconds": 600}, "set cdn_purge_url, or 60 seconds at most"),
        ({"cdn_seconds": -1}, "cdn_seconds"),
    ],
)
def test_what_makes_no_sense_is_refused(tmp_path, settings, words):
    with pytest.raises(ConfigError, match=words):
        config_for(tmp_path, **settings)
