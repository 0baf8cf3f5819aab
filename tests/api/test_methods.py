"""Addresses under /api/ that nothing stands at, and methods that nothing answers: told apart, whatever else the site answers at paths."""

import pytest


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["/api/v1/posts/-1", "/api/v1/posts/one/publish", "/api/v1/nothing", "/api/v9/posts", "/api/", "/api/v1"])
def test_nothing_stands_there_by_any_method(client, path: str, method: str):
    answer = client.open(path, method=method)
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")


@pytest.mark.parametrize(
    ("path", "method", "allowed"),
    [
        ("/api/v1/tokens", "GET", {"POST", "OPTIONS"}),
        ("/api/v1/posts/1/publish", "GET", {"POST", "OPTIONS"}),
        ("/api/v1/posts/1", "PUT", {"GET", "HEAD", "PATCH", "DELETE", "OPTIONS"}),
        ("/api/v1/posts", "DELETE", {"GET", "HEAD", "POST", "OPTIONS"}),
    ],
)
def test_a_method_that_nothing_answers_is_told_which_ones_are(client, path: str, method: str, allowed: set[str]):
    answer = client.open(path, method=method)
    assert (answer.status_code, set(answer.allow)) == (405, allowed)


def test_whoever_asks_what_may_be_done_is_told(client):
    assert set(client.options("/api/v1/tokens").allow) == {"POST", "OPTIONS"}
