"""What no description can say and no generator thinks of: nesting on every write, odd preconditions, packed bodies, odd types, addresses that climb."""

import gzip
import json
import re

import pytest

from inkhorn.core.database import session
from inkhorn.core.settings import SiteSettings, read
from tests.security.site import digest_of_database


@pytest.fixture
def writes(client) -> list[tuple[str, str, str]]:
    """Method, address and type of everything that takes a body."""
    paths = client.get("/api/v1/openapi.json").json["paths"]
    return [
        (method.upper(), re.sub(r"{\w+}", "1", path), kind)
        for path, item in paths.items()
        for method, told in item.items()
        if method != "parameters"
        for kind in told.get("requestBody", {}).get("content", {})
    ]


DEEP = {
    "lists": b"[" * 10_000 + b"]" * 10_000,
    "lists without an end": b"[" * 10_000,
    "objects": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "in a field": b'{"title": ' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    "both": b'[{"a":' * 5_000,
}


@pytest.mark.parametrize("deep", DEEP.values(), ids=DEEP)
def test_a_body_nested_ten_thousand_deep_is_refused_by_every_write(program, furnished, writes, generous, deep: bytes):
    ada, said = program("ada"), {}
    before = digest_of_database()
    for method, path, kind in writes:
        more = {"data": deep, "content_type": kind} if "json" in kind else {"data": {"alt": deep.decode()}, "content_type": kind}
        answer = ada.browser.open(path, method=method, headers=ada.headers | {"If-Match": "*"}, **more)
        said[method, path, kind] = (answer.status_code, answer.content_type)
    assert len(said) > 20
    # A form nests nothing, so it may be asked first what it is for.
    wrong = {asked: told for asked, told in said.items() if told[0] not in ((400, 422) if "json" in asked[2] else (404, 422))}
    assert wrong == {}
    assert {kind for _status, kind in said.values()} == {"application/problem+json"}
    assert digest_of_database() == before


@pytest.mark.parametrize(
    "kind", ["application/json; charset=utf-16", "application/json; charset=latin-1", "text/json", "application/xml", "", "json"]
)
def test_a_type_that_is_not_read_is_refused_in_words(program, kind: str):
    wren = program("wren")
    answer = wren.browser.post("/api/v1/posts", data=json.dumps({"title": "é"}).encode("utf-16"), content_type=kind, headers=wren.headers)
    assert answer.status_code in (400, 415), answer.text
    assert wren.titles("/posts") == []


@pytest.mark.parametrize(
    "kind", ["application/json", "application/json; charset=utf-8", "APPLICATION/JSON;charset=UTF-8", "application/merge-patch+json"]
)
def test_json_by_any_of_its_names_is_read(program, kind: str):
    wren = program("wren")
    answer = wren.browser.post("/api/v1/posts", data='{"title": "Été"}'.encode(), content_type=kind, headers=wren.headers)
    assert (answer.status_code, answer.json["data"]["title"]) == (201, "Été")


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "gzip, gzip"])
def test_a_packed_body_is_refused_before_it_is_unpacked(program, coding: str):
    wren = program("wren")
    packed = gzip.compress(b'{"title": "' + b"x" * 1_000_000 + b'"}')
    headers = wren.headers | {"Content-Encoding": coding}
    answer = wren.browser.post("/api/v1/posts", data=packed, content_type="application/json", headers=headers)
    assert (answer.status_code, answer.content_type) == (415, "application/problem+json"), answer.text


@pytest.mark.parametrize(
    ("shown", "status"),
    [
        ("*", 200),
        ("{}", 200),
        ('"other", {}', 200),
        ("W/{}", 412),
        ('"other"', 412),
        ("other", 412),
        ("", 428),
        ('"', 412),
        (",", 412),
        ('"' + "x" * 5_000 + '"', 412),
    ],
)
def test_a_precondition_is_read_as_http_means_it(program, shown: str, status: int):
    wren = program("wren")
    made = wren.post("/posts", {"title": "Tide"})
    told = shown.format(made.headers["ETag"])
    assert wren.send("PATCH", made.location.removeprefix("/api/v1"), {"title": "Ebb"}, If_Match=told).status_code == status


def test_a_reader_that_has_it_is_told_so_by_any_form(program):
    wren = program("wren")
    made = wren.post("/posts", {"title": "Tide"})
    path = made.location.removeprefix("/api/v1")
    etag = wren.get(path).headers["ETag"]
    assert [wren.get(path, If_None_Match=each.format(etag)).status_code for each in ("{}", "W/{}", '"x", {}', "*")] == [304] * 4
    assert wren.get(path, If_None_Match='"x"').status_code == 200


@pytest.mark.parametrize(
    "accept", ["text/html", "application/xml", "*/*;q=0", "application/problem+json", "x", "", "application/json;q=NaN", ",;,;"]
)
def test_whatever_somebody_accepts_the_api_speaks_json(program, accept: str):
    vic = program("vic")
    assert vic.get("/posts", Accept=accept).content_type == "application/json"
    assert vic.get("/posts/999", Accept=accept).content_type == "application/problem+json"


CLIMBING = [
    "..",
    "%2e%2e",
    "..%2f..%2fetc%2fpasswd",
    "%2e%2e%5c",
    "1%00",
    "1%2f..%2f2",
    "1;x",
    "+1",
    "01e0",
    "0x1",
    "१",
    "1.0",
    "-0",
    "9" * 400,
    "%ff",
    "%",
]


@pytest.mark.parametrize("part", CLIMBING)
def test_an_address_that_climbs_or_counts_oddly_leads_nowhere(program, furnished, part: str):
    ada = program("ada")
    for plural in ("posts", "pages", "media", "comments", "users", "jobs", "tags", "audit", "albums", "redirects"):
        answer = ada.get(f"/{plural}/{part}")
        assert answer.status_code in (400, 404), (plural, part, answer.status_code)
        assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize(
    "address", ["/posts", "/posts/1", "/tags", "/search?q=tide", "/menus/main", "/tokens/current", "/audit", "/nothing"]
)
def test_a_head_is_its_get_without_a_body(program, furnished, address: str):
    for name in ("vic", "ada"):
        asker = program(name)
        got, head = asker.get(address), asker.send("HEAD", address)
        assert (head.status_code, head.data, head.headers.get("ETag")) == (got.status_code, b"", got.headers.get("ETag"))


def test_a_cursor_leads_through_the_list_it_was_given_for_alone(program, furnished):
    ada, vic = program("ada"), program("vic")
    cursor = ada.get("/posts?page[size]=1").json["links"]["next"].partition("page[cursor]=")[2]
    assert ada.get(f"/posts?page[cursor]={cursor}").status_code == 200
    # A place is no permission: a stranger goes on from there through what strangers see.
    seen = {each["status"] for each in vic.get(f"/posts?page[cursor]={cursor}").json["data"]}
    assert seen <= {"published"}
    for other in ("/pages", "/tags", "/users", "/media", "/audit", "/search"):
        asked = {"q": "tide"} if other == "/search" else {}
        answer = ada.browser.get(f"/api/v1{other}", query_string=asked | {"page[cursor]": cursor}, headers=ada.headers)
        assert answer.status_code == 400, (other, answer.status_code)


HIDDEN = ["password", "digest", "email", "two_factor", "roles", "body", "fs_uniquifier", "key", "__class__", "id)--", "metadata"]


@pytest.mark.parametrize("column", HIDDEN)
def test_what_is_hidden_can_be_asked_by_in_no_way(program, furnished, column: str):
    vic = program("vic")
    for plural in ("posts", "authors", "comments", "media", "tags", "albums"):
        for asked in (f"filter[{column}]=a", f"filter[{column}][contains]=a", f"sort={column}", f"sort=-{column}", f"include={column}"):
            answer = vic.get(f"/{plural}?{asked}")
            assert answer.status_code in (400, 401), (plural, asked, answer.status_code)


def test_a_replay_is_that_of_one_body_type_and_address(program):
    wren = program("wren")
    first = wren.post("/posts", {"title": "Once"}, Idempotency_Key="k")
    assert first.status_code == 201
    assert wren.post("/pages", {"title": "Once"}, Idempotency_Key="k").status_code == 422
    assert wren.post("/posts?fields=id", {"title": "Once"}, Idempotency_Key="k").status_code in (400, 422)
    again = wren.post("/posts", {"title": "Once"}, Idempotency_Key="k")
    assert (again.status_code, again.headers["ETag"], again.location) == (201, first.headers["ETag"], first.location)
    assert wren.titles("/posts") == ["Once"]


def test_settings_that_cannot_be_leave_all_of_them_as_they_were(program):
    ada = program("ada")
    before = read(SiteSettings)
    assert ada.change("/settings/site", {"title": "Kept?", "timezone": "Nowhere/Else"}).status_code == 422
    session().info.pop("settings", None)
    assert read(SiteSettings) == before
