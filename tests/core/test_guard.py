"""Errors in the look of their surface or as problem details; a gate that silence closes."""

import errno

import pytest
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from inkhorn.accounts.models import SetupLink
from inkhorn.core import clock, guard
from inkhorn.core.access import everyone, open_to
from inkhorn.core.database import session, transaction


def test_a_person_gets_a_page(client):
    answer = client.get("/nothing-here/", headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert answer.content_type.startswith("text/html")
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_program_gets_problem_details(client):
    answer = client.get("/nothing-here/", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")
    assert answer.json["status"] == 404


def test_a_visitor_at_the_desk_is_led_to_the_door(client):
    answer = client.get("/desk/posts/?status=draft")
    assert answer.status_code == 303
    assert answer.location == "/sign-in?next=/desk/posts/?status%3Ddraft" or answer.location.startswith("/sign-in?next=")


@pytest.mark.parametrize(
    ("came_from", "led_to"),
    [
        ("http://localhost/desk/posts/1/edit", "/sign-in?next=/desk/posts/1/edit"),
        ("http://localhost/desk/posts/?status=draft", "/sign-in?next=/desk/posts/?status%3Ddraft"),
        # No page that can be asked for.
        ("http://localhost/desk/posts/1/revise", "/sign-in"),
        ("http://localhost/desk/nothing/here", "/sign-in"),
        ("http://evil.example/desk/posts/1/edit", "/sign-in"),
        ("http://localhost@evil.example/desk/", "/sign-in"),
        ("http://[", "/sign-in"),
        ("//evil.example//desk/", "/sign-in"),
        (None, "/sign-in"),
    ],
)
def test_a_form_of_somebody_signed_out_leads_back_to_where_it_stood(client, came_from, led_to):
    answer = client.post("/desk/posts/1/revise", headers={"Referer": came_from} if came_from else {})
    assert (answer.status_code, answer.location) == (303, led_to)


def test_a_program_without_a_session_is_told_so(client):
    assert client.get("/desk/posts/", headers={"Accept": "application/json"}).status_code == 401


def test_a_reader_has_no_desk(signed_in, rhea):
    assert signed_in(rhea).get("/desk/posts/").status_code == 403


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_a_wrong_method_names_the_right_ones(client, method):
    answer = getattr(client, method)("/sign-in")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


@pytest.mark.parametrize("path", ["/%00/", "/%ff%fe/", "/" + "a" * 9000, "/..%2f..%2fetc/passwd", "/tag/%e2%80%ae/", "/?page=9e99"])
def test_a_strange_path_is_answered_calmly(client, path):
    assert client.get(path).status_code in (200, 400, 404, 414)


def test_every_answer_carries_the_headers(client):
    for path in ("/", "/nothing/", "/feed.xml", "/sign-in"):
        headers = client.get(path).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Request-ID"]


def test_a_broken_view_tells_nothing_of_itself(app, client, monkeypatch):
    monkeypatch.setitem(app.view_functions, "site.show_archive", broken)
    answer = client.get("/archive/")
    assert answer.status_code == 500
    assert b"marker-secret" not in answer.data
    assert b"Traceback" not in answer.data


@open_to(everyone)
def broken():
    raise RuntimeError("marker-secret")


@pytest.mark.parametrize(("accept", "kind"), [("text/html", "text/html"), ("application/json", "application/problem+json")])
def test_two_who_save_the_same_at_once_are_told_so(app, client, monkeypatch, accept, kind):
    monkeypatch.setitem(app.view_functions, "site.show_archive", collide)
    answer = client.get("/archive/", headers={"Accept": accept})
    assert (answer.status_code, answer.content_type.partition(";")[0]) == (409, kind)
    assert "Somebody saved the same thing at the same moment. Send it once more." in answer.text
    assert session().get(SetupLink, 7) is None


@open_to(everyone)
def collide():
    with transaction():
        session().add(SetupLink(id=7, token="one", created_at=clock.now()))
        session().flush()
        session().add(SetupLink(id=8, token="one", created_at=clock.now()))
        session().flush()


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(errno.ENOSPC, "marker-secret"), (507, "Make room")),
        (OSError(errno.EROFS, "marker-secret"), (503, "operator")),
        (PermissionError(errno.EACCES, "marker-secret"), (503, "operator")),
        (OSError(errno.EMFILE, "marker-secret"), (503, "Try again")),
        (ConnectionRefusedError(errno.ECONNREFUSED, "marker-secret"), (500, "internal error")),
        (OperationalError("marker-secret", {}, Exception("marker-secret")), (503, "try again")),
        (InterfaceError("marker-secret", {}, Exception("marker-secret"), connection_invalidated=True), (503, "try again")),
        (NoConnectionFree("marker-secret"), (503, "try again")),
    ],
    ids=str,
)
def test_what_the_machine_lacks_is_said_in_words(app, client, monkeypatch, error, told):
    @open_to(everyone)
    def fail():
        raise error

    monkeypatch.setitem(app.view_functions, "site.show_archive", fail)
    status, words = told
    answer = client.get("/archive/", headers={"Accept": "application/json"})
    assert (answer.status_code, words in answer.json["detail"], "marker-secret" in answer.text) == (status, True, False)
    assert ("Retry-After" in answer.headers) is (status == 503)


@pytest.mark.parametrize(("on_postgresql", "status"), [(True, 503), (False, 500)])
def test_what_a_driver_was_asked_wrongly_is_a_fault_of_the_site(app, client, monkeypatch, on_postgresql, status):
    @open_to(everyone)
    def fail():
        raise InterfaceError("marker-secret", {}, Exception("Error binding parameter 1: marker-secret"))

    monkeypatch.setitem(app.view_functions, "site.show_archive", fail)
    monkeypatch.setattr(guard, "is_postgresql", lambda: on_postgresql)
    answer = client.get("/archive/", headers={"Accept": "application/json"})
    assert (answer.status_code, "marker-secret" in answer.text) == (status, False)
    assert ("Retry-After" in answer.headers) is (status == 503)
