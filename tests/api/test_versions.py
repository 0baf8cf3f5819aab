"""Which version answers, what the second does otherwise, and how one is retired."""

from datetime import UTC, datetime

import pytest

from inkhorn.api.v1.surface import bp as v1
from inkhorn.api.versions import Retirement
from inkhorn.posts.models import Audience, Status
from tests.factories.posts import make_post

LEAVING = Retirement(datetime(2026, 5, 1, tzinfo=UTC), datetime(2027, 5, 1, tzinfo=UTC), "/docs/how-to/api-versions")


@pytest.mark.parametrize(
    ("address", "header", "version"),
    [("/api/posts", None, "1"), ("/api/posts", "2", "2"), ("/api/posts", "v1", "1"), ("/api/v2/posts", "2", "2")],
)
def test_address_or_header_chooses(client, address: str, header: str | None, version: str):
    answer = client.get(address, headers={"API-Version": header} if header else {})
    assert (answer.status_code, answer.headers["API-Version"]) == (200, version)
    assert ("items" in answer.json) is (version == "2")


@pytest.mark.parametrize(
    ("address", "header", "status"), [("/api/v1/posts", "2", 400), ("/api/posts", "9", 404), ("/api/v9/posts", None, 404)]
)
def test_what_contradicts_itself_or_is_unknown_is_refused(client, address: str, header: str | None, status: int):
    answer = client.get(address, headers={"API-Version": header} if header else {})
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")


def test_the_second_version_tells_the_same_otherwise(program, wren):
    post = make_post(by=wren, title="Tides", tags=["Sea"], status=Status.PUBLISHED)
    first = program("wren").data(f"/posts/{post.id}?include=tags")
    second = program("wren").browser.get(f"/api/v2/posts/{post.id}?include=tags", headers=program("wren").headers).json
    assert (second["content"], second["state"], second["tags"]) == ({"html": first["html"]}, first["status"], first["tags"])
    assert not {"html", "body", "status"} & set(second)


def test_the_second_version_keeps_the_same_secrets(program, emil, client):
    make_post(by=emil, title="Canary draft")
    make_post(by=emil, title="Canary private", status=Status.PUBLISHED, audience=Audience.PRIVATE)
    make_post(by=emil, title="Open", body="Seen <!-- canary -->", status=Status.PUBLISHED)
    for address in (
        "/api/v2/posts",
        "/api/v2/posts?filter[state]=draft",
        "/api/v2/posts/1",
        "/api/v2/posts/2",
        "/api/v2/posts/3",
        "/api/v2/pages",
    ):
        assert "anary" not in client.get(address).text, address


def test_a_page_of_the_second_version_leads_on(client, wren):
    for number in range(3):
        make_post(by=wren, title=f"Post {number}", status=Status.PUBLISHED)
    first = client.get("/api/v2/posts?page[size]=2&fields=title").json
    rest = client.get(first["page"]["next"]).json
    assert [each["title"] for each in (*first["items"], *rest["items"])] == ["Post 2", "Post 1", "Post 0"]
    assert rest["page"]["next"] is None


def test_a_version_says_that_it_leaves_and_then_is_gone(client, clock, monkeypatch):
    monkeypatch.setattr(v1, "retirement", LEAVING)
    clock.set(datetime(2026, 6, 1, tzinfo=UTC))
    answer = client.get("/api/v1/posts")
    assert answer.headers["Deprecation"] == "@1777593600"
    assert answer.headers["Sunset"] == "Sat, 01 May 2027 00:00:00 GMT"
    assert 'rel="deprecation"' in answer.headers["Link"]
    assert "Deprecation" not in client.get("/api/v2/posts").headers
    clock.set(datetime(2027, 5, 1, tzinfo=UTC))
    assert client.get("/api/v1/posts").status_code == 410
    assert client.get("/api/v2/posts").status_code == 200
