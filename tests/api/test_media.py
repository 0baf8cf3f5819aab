"""Uploads by program: the same looking into files, the same doors."""

import io

import pytest

from tests.factories.media import make_asset, picture_bytes
from tests.factories.posts import make_post


def upload(asker, content: bytes, name: str = "tide.jpg", **fields):
    headers = asker.headers | fields.pop("headers", {})
    return asker.browser.post("/api/v1/media", data={"file": (io.BytesIO(content), name), **fields}, headers=headers)


def test_a_picture_is_sent_described_and_served(program, client):
    wren = program("wren")
    sent = upload(wren, picture_bytes(), alt="The tide")
    assert (sent.status_code, sent.json["data"]["kind"], sent.json["data"]["alt"]) == (201, "image", "The tide"), sent.text
    assert client.get(sent.json["data"]["path"]).status_code == 200
    address = sent.location.removeprefix("/api/v1")
    assert wren.change(address, {"alt": "", "caption": "By night"}).json["data"]["caption"] == "By night"
    assert [each["id"] for each in wren.data("/media?filter[kind]=image&include=tags,renditions")] == [sent.json["data"]["id"]]


@pytest.mark.parametrize("content", [b"", b"MZ\x90\x00 no picture", b"<html><script>alert(1)</script>", picture_bytes()[:200]], ids=len)
def test_what_is_no_file_of_ours_is_refused_in_words(program, content: bytes):
    wren = program("wren")
    refused = upload(wren, content, "innocent.jpg")
    assert 400 <= refused.status_code < 500
    assert refused.content_type == "application/problem+json"
    assert wren.data("/media") == []


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [({"alt": "x" * 501}, "/alt"), ({"alt": "a\x00"}, "/alt"), ({"title": "x"}, "/title"), ({"file2": "x"}, "/file2")],
    ids=str,
)
def test_a_wrong_field_is_pointed_at(program, fields, pointer: str):
    refused = upload(program("wren"), picture_bytes(), **fields)
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, pointer)


def test_a_file_is_needed(program):
    wren = program("wren")
    without = wren.browser.post("/api/v1/media", data={"alt": "x"}, headers=wren.headers, content_type="multipart/form-data")
    assert (without.status_code, without.json["errors"][0]["pointer"]) == (422, "/file")
    assert wren.post("/media", {"file": "x"}).status_code == 415


def test_the_same_upload_under_one_key_is_obeyed_once(program):
    wren, picture = program("wren"), picture_bytes()
    first, again = (upload(wren, picture, headers={"Idempotency-Key": "tide"}) for _ in range(2))
    assert (first.status_code, again.status_code, first.data) == (201, 201, again.data)
    assert upload(wren, picture_bytes(90, 90), headers={"Idempotency-Key": "tide"}).status_code == 422


def test_a_file_that_claims_to_be_huge_is_refused_before_it_is_read(program):
    wren = program("wren")
    told = {"CONTENT_LENGTH": str(5 * 10**9), "CONTENT_TYPE": "multipart/form-data; boundary=x"}
    sent = wren.browser.post("/api/v1/media", input_stream=io.BytesIO(b"--x\r\n"), headers=wren.headers, environ_overrides=told)
    assert sent.status_code == 413


@pytest.mark.parametrize(("who", "status"), [("vic", 401), ("rhea", 403), ("mona", 403)])
def test_the_library_is_for_those_who_upload(program, wren, who: str, status: int):
    asset = make_asset(by=wren)
    asker = program(who)
    assert asker.get("/media").status_code == status
    assert asker.get(f"/media/{asset.id}").status_code == status
    assert upload(asker, picture_bytes()).status_code == status


def test_a_colleagues_upload_is_not_described_otherwise(program, emil):
    asset = make_asset(by=emil)
    assert program("wren").change(f"/media/{asset.id}", {"alt": "Mine"}).status_code == 403


def test_a_list_of_uploads_asks_a_fixed_number_of_questions(program, wren, queries):
    for number in range(5):
        make_asset(by=wren, content=picture_bytes(100 + number, 50))
    asker = program("wren")
    queries.clear()
    assert len(asker.data("/media?include=tags,renditions")) == 5
    assert len(queries) <= 6, queries


def test_a_file_is_replaced_put_aside_and_taken_back(program, client, wren):
    asker, asset = program("wren"), make_asset(by=wren)
    address, before = f"/media/{asset.id}", asset.path

    def send(place: str, **fields):
        headers = asker.headers | {"If-Match": fields.pop("version", asker.get(address).headers["ETag"])}
        return asker.browser.post(f"/api/v1{address}/{place}", data=fields or None, headers=headers)

    stale = asker.get(address).headers["ETag"]
    replaced = send("file", file=(io.BytesIO(picture_bytes(300, 200)), "smaller.jpg"))
    assert (replaced.status_code, replaced.json["data"]["width"]) == (200, 300), replaced.text
    assert client.get(before).location.endswith(replaced.json["data"]["path"])
    assert send("file", version=stale, file=(io.BytesIO(picture_bytes(90, 90)), "a.jpg")).status_code == 412
    assert send("file", file=(io.BytesIO(b"%PDF-1.7 words"), "a.pdf")).status_code == 422
    assert send("file", alt="x", file=(io.BytesIO(picture_bytes(90, 90)), "a.jpg")).json["errors"][0]["pointer"] == "/alt"
    assert send("file", file=(io.BytesIO(picture_bytes(300, 200)), "smaller.jpg")).status_code == 409
    assert send("trash").json["data"]["trashed_at"]
    assert asker.data("/media") == []
    assert client.get(replaced.json["data"]["path"]).status_code == 404
    assert send("restore").json["data"]["trashed_at"] is None
    assert client.get(replaced.json["data"]["path"]).status_code == 200


def test_what_is_shown_somewhere_is_not_put_aside(program, wren):
    asset = make_asset(by=wren)
    make_post(by=wren, cover_id=asset.id)
    asker = program("wren")
    refused = asker.post(f"/media/{asset.id}/trash", If_Match="*")
    assert (refused.status_code, "is shown somewhere" in refused.text) == (409, True)
    assert program("emil").post(f"/media/{asset.id}/restore", If_Match="*").status_code == 200
    assert program("rhea").post(f"/media/{asset.id}/trash", If_Match="*").status_code == 403
