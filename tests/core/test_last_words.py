"""What a reader is told where the application itself cannot answer."""

import errno
import json
import secrets
import subprocess
import sys

import pytest
from werkzeug.test import Client

from inkhorn.core.last_words import LastWords


def failing(error: Exception) -> Client:
    def app(environ, start_response):
        raise error

    return Client(LastWords(app))


@pytest.mark.parametrize(
    ("error", "status"),
    [(OSError(errno.EMFILE, "Too many open files"), 503), (OSError(errno.EIO, "I/O"), 500), (RuntimeError("can't start new thread"), 500)],
)
def test_whatever_fails_is_answered_in_words_and_written_down(error, status, caplog):
    answer = failing(error).get("/about")
    assert answer.status_code == status
    assert "in a moment" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert (answer.headers.get("Retry-After") == "5") is (status == 503)
    assert str(error) in caplog.text
    assert str(error) not in answer.text


def test_a_program_is_told_by_its_own_kind_of_answer():
    answer = failing(OSError(errno.ENFILE, "Too many")).post("/api/v1/posts", json={})
    assert answer.content_type == "application/problem+json"
    assert json.loads(answer.text)["status"] == answer.status_code == 503


def test_what_can_be_answered_goes_through_as_it_is():
    def app(environ, start_response):
        start_response("204 No Content", [("X-One", "1")])
        return []

    answer = Client(LastWords(app)).get("/")
    assert (answer.status_code, answer.headers["X-One"]) == (204, "1")


def test_a_worker_answers_its_first_requests_without_reading_more_code(tmp_path):
    asked = (
        "import sys, inkhorn.wsgi as w\n"
        "from werkzeug.test import Client\n"
        "had = set(sys.modules)\n"
        "client = Client(w.app)\n"
        "client.get('/'), client.get('/nowhere'), client.get('/sign-in'), client.get('/feed.xml')\n"
        "client.post('/api/v1/posts', json={'title': 'One'}, headers={'Authorization': 'Bearer x'})\n"
        "print(sorted(set(sys.modules) - had))"
    )
    told = {"INKHORN_DATA": str(tmp_path), "INKHORN_SECRET_KEY": secrets.token_urlsafe(32)}
    subprocess.run([sys.executable, "-m", "inkhorn", "migrate"], env=told, capture_output=True, check=True, timeout=120)
    ran = subprocess.run([sys.executable, "-c", asked], env=told, check=False, capture_output=True, text=True, timeout=120)
    assert ran.stdout.strip().splitlines()[-1:] == ["[]"], ran.stderr[-2000:]
