"""Readers get files whole or in parts, for ever, and none of them acts as a page."""

import pytest
from flask.testing import FlaskClient

from tests.factories.media import make_asset, picture_bytes


def test_a_picture_may_be_kept_for_ever(client: FlaskClient) -> None:
    answer = client.get(make_asset().path)
    assert (answer.status_code, answer.content_type) == (200, "image/jpeg")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert answer.last_modified
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert "Set-Cookie" not in answer.headers


def test_an_unchanged_file_is_not_sent_again(client: FlaskClient) -> None:
    path = make_asset().path
    etag = client.get(path).headers["ETag"]
    assert client.get(path, headers={"If-None-Match": etag}).status_code == 304


def test_a_part_can_be_asked_for(client: FlaskClient) -> None:
    path = make_asset().path
    whole = client.get(path).data
    part = client.get(path, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.data) == (206, whole[10:20])
    assert part.headers["Content-Range"] == f"bytes 10-19/{len(whole)}"
    assert client.get(path, headers={"Range": "bytes=-5"}).data == whole[-5:]
    assert client.get(path, headers={"Range": f"bytes={len(whole)}-"}).status_code == 416
    assert client.head(path).headers["Content-Length"] == str(len(whole))


def test_a_document_is_handed_over_under_the_name_people_gave_it(client: FlaskClient) -> None:
    answer = client.get(make_asset(b"%PDF-1.7", filename="Gezeiten für März.pdf").path)
    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    assert "UTF-8''Gezeiten%20f%C3%BCr%20M%C3%A4rz.pdf" in answer.headers["Content-Disposition"]


def test_a_drawing_is_shown_in_a_sandbox(client: FlaskClient) -> None:
    answer = client.get(make_asset(b"<svg xmlns='http://www.w3.org/2000/svg'><script>x</script></svg>", filename="a.svg").path)
    assert answer.content_type == "image/svg+xml"
    assert b"script" not in answer.data
    assert "sandbox" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "path", ["2026/11/none.png", "..%2fsecret_key", "%2e%2e/inkhorn.sqlite3", ".unfinished/x.png", "a%00.png", "x.php", "x"]
)
def test_what_is_not_kept_is_not_found(client: FlaskClient, path: str) -> None:
    assert client.get(f"/media/{path}").status_code == 404


def test_a_smaller_version_is_served_by_its_own_kind(client: FlaskClient) -> None:
    asset = make_asset(picture_bytes(1500, 1000, quality=100), drawn=True)
    for each in asset.renditions:
        assert client.get(each.path).content_type == each.content_type
