"""What a reader is told where the application itself cannot answer."""

import errno
import json
import secrets
import subprocess
import sys
from dataclasses import dataclass, field

import pytest
from werkzeug.datastructures import Headers
from werkzeug.test import create_environ

from inkhorn.core.last_words import LastWords


@dataclass
class Answer:
    """What a server was told; like a server it lets a second beginning count only where it comes with the error."""

    status_code: int = 0
    headers: Headers = field(default_factory=Headers)
    text: str = ""

    def start(self, status: str, headers: list[tuple[str, str]], error: object = None) -> None:
        assert not self.status_code or error
        self.status_code, self.headers = int(status.split(maxsplit=1)[0]), Headers(headers)


def ask(app, path: str = "/", **options) -> Answer:
    answer = Answer()
    answer.text = b"".join(LastWords(app)(create_environ(path, **options), answer.start)).decode()
    return answer


def failing(error: Exception):
    def app(environ, start_response):
        raise error

    return app


@pytest.mark.parametrize(
    ("error", "status"),
    [(OSError(errno.EMFILE, "Too many open files"), 503), (OSError(errno.EIO, "I/O"), 500), (RuntimeError("can't start new thread"), 500)],
)
def test_whatever_fails_is_answered_in_words_and_written_down(error, status, caplog):
    answer = ask(failing(error), "/about")
    assert answer.status_code == status
    assert "in a moment" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert (answer.headers.get("Retry-After") == "5") is (status == 503)
    assert str(error) in caplog.text
    assert caplog.records[-1].request_id == answer.headers["X-Request-ID"]
    assert caplog.records[-1].method == "GET"
    assert str(error) not in answer.text


def test_an_address_that_lets_somebody_in_is_not_written_down(caplog):
    ask(failing(RuntimeError("late")), "/link/kelp-tide-moon")
    assert "late" in caplog.text
    assert not [record for record in caplog.records if "kelp-tide-moon" in str(vars(record))]


def test_a_program_is_told_by_its_own_kind_of_answer():
    answer = ask(failing(OSError(errno.ENFILE, "Too many")), "/api/v1/posts", method="POST", json={})
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert json.loads(answer.text)["status"] == answer.status_code == 503


def test_an_answer_that_was_begun_gives_way(caplog):
    def app(environ, start_response):
        start_response("200 OK", [("X-One", "1")])
        raise RuntimeError("after all")

    answer = ask(app, headers={"X-Request-ID": "given-number"})
    assert (answer.status_code, answer.headers["X-Request-ID"]) == (500, "given-number")
    assert "X-One" not in answer.headers


def test_what_can_be_answered_goes_through_as_it_is():
    def app(environ, start_response):
        start_response("204 No Content", [("X-One", "1")])
        return []

    answer = ask(app)
    assert (answer.status_code, answer.headers["X-One"]) == (204, "1")


ASKED = """
import sys, inkhorn.wsgi
from werkzeug.test import Client
had, client = set(sys.modules), Client(inkhorn.wsgi.app)
read = [client.get(path).status_code for path in ("/", "/nowhere", "/sign-in", "/feed.xml")]
sent = [client.post("/api/v1/posts", json={"title": "One"}, headers={"Authorization": f"Bearer {key}"}).status_code for key in ("no", sys.argv[1])]
print(*read, *sent, sorted(set(sys.modules) - had))
"""


def test_a_worker_answers_its_first_requests_without_reading_more_code(tmp_path):
    told = {"INKHORN_DATA": str(tmp_path), "INKHORN_SECRET_KEY": secrets.token_urlsafe(32)}

    def run(*words: str) -> str:
        return subprocess.run([sys.executable, *words], env=told, check=True, capture_output=True, text=True, timeout=120).stdout

    run("-m", "inkhorn", "migrate")
    key = json.loads(run("-m", "inkhorn", "key", "create", "program", "--may", "posts.write", "--may", "posts.edit_any", "--json"))["key"]
    assert run("-c", ASKED, key).splitlines()[-1] == "200 404 200 200 401 201 []"
