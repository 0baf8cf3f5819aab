"""What programs send: read strictly, refused with a pointer, obeyed once; and forged changes refused."""

import pytest
from sqlalchemy import func, select

from inkhorn.accounts.services.programs import keys
from inkhorn.api import bodies
from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from inkhorn.posts.models import Post
from tests.factories.comments import make_open_post
from tests.growth import assert_grows_evenly
from tests.security.site import digest_of_database


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"titel": "x"}, "/titel"),
        ({"title": 1}, "/title"),
        ({"title": None}, "/title"),
        ({"title": "x" * 256}, "/title"),
        ({"title": "a\x00b"}, "/title"),
        ({"title": "\ud800"}, "/title"),
        ({"tags": "a"}, "/tags"),
        ({"tags": ["a", {}]}, "/tags/1"),
        ({"author_ids": [True]}, "/author_ids/0"),
        ({"author_ids": ["1"]}, "/author_ids/0"),
        ({"author_ids": [2**63]}, "/author_ids/0"),
        ({"author_ids": []}, "/author_ids"),
        ({"author_ids": [1] * 200}, "/author_ids"),
        ({"tags": ["One"] * 200}, "/tags"),
        ({"is_featured": "yes"}, "/is_featured"),
        ({"audience": "everyone"}, "/audience"),
        ({"published_at": "2026-01-01"}, "/published_at"),
        ({"published_at": 1.5}, "/published_at"),
        ({"cover_id": 999_999}, "/cover_id"),
        ({"cover_url": "javascript:alert(1)"}, "/cover_url"),
        ({"a/b~c": 1}, "/a~1b~0c"),
        ([], ""),
        ("x", ""),
    ],
    ids=str,
)
def test_a_wrong_field_is_pointed_at_and_nothing_is_kept(program, body, pointer: str):
    wren = program("wren")
    before = session().scalar(select(func.count()).select_from(Post))
    answer = wren.post("/posts", body)
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json"), answer.text
    assert answer.json["errors"][0]["pointer"] == pointer
    assert session().scalar(select(func.count()).select_from(Post)) == before


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"[" * 10_000, 400),
        (b'{"a":' * 10_000, 400),
        (b'{"title": NaN}', 400),
        (b'{"title": Infinity}', 400),
        (b'{"title": "a", "title": "b"}', 400),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b"", 400),
        (b'{"author_ids": [' + b"9" * 5000 + b"]}", 400),
        (b'"' + b'\\"' * 500_000, 400),
        (b"{" + b",".join(b'"n%d": 1' % number for number in range(300_000)) + b', "n9": 1}', 400),
        (b'{"tags": [' + b",".join([b"1"] * 500_000) + b"]}", 422),
        (b'{"body": "' + b"x" * 5_000_000 + b'"}', 413),
    ],
    ids=lambda value: str(value)[:30],
)
def test_json_that_is_none_is_refused(program, raw: bytes, status: int):
    wren = program("wren")
    answer = wren.browser.post("/api/v1/posts", data=raw, content_type="application/json", headers=wren.headers)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")


def test_no_body_takes_longer_to_be_refused_than_its_length_says():
    bodies_of = {many: b"{" + b",".join(b'"n%d": 1' % number for number in range(many)) + b', "n9": 1}' for many in (25_000, 100_000)}

    def refuse(many: int) -> None:
        bodies.refuse_deep(bodies_of[many])
        with pytest.raises(ValueError, match="200 are possible"):
            bodies.loaded(bodies_of[many])

    assert_grows_evenly(refuse, 100_000)


def test_of_what_is_wrong_so_much_is_told_that_a_person_can_read(program):
    answer = program("wren").post("/posts", {f"field{number}": 1 for number in range(150)})
    assert (answer.status_code, len(answer.json["errors"])) == (422, bodies.MOST_TOLD)
    answer = program("wren").post("/posts", {"tags": [1] * 10_000})
    assert (answer.status_code, len(answer.json["errors"])) == (422, bodies.MOST_TOLD)


def test_what_an_integration_would_write_in_nobodys_name_is_refused_in_words(app, database):
    post = make_open_post()
    with transaction():
        key = keys.make_integration_key(name="Shop", permissions=["posts.write", "comments.write"], by=House()).text
    for path, body in (("/posts", {"title": "Whose?"}), (f"/posts/{post.id}/comments", {"body": "Whose?"})):
        answer = app.test_client().post(f"/api/v1{path}", json=body, headers={"Authorization": f"Bearer {key}"})
        assert (answer.status_code, "nobody" in answer.json["detail"]) == (403, True)


def test_another_type_is_not_read(program):
    wren = program("wren")
    assert wren.browser.post("/api/v1/posts", data={"title": "x"}, headers=wren.headers).status_code == 415


def test_the_same_key_is_obeyed_once(program):
    wren = program("wren")
    first, again = (wren.post("/posts", {"title": "Once"}, Idempotency_Key="tide-1") for _ in range(2))
    assert (first.status_code, first.data, first.location) == (again.status_code, again.data, again.location)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert wren.titles("/posts") == ["Once"]
    assert wren.post("/posts", {"title": "Else"}, Idempotency_Key="tide-1").status_code == 422
    assert wren.titles("/posts") == ["Once"]


def test_an_integrations_key_is_the_same_from_every_machine(app, database, emil):
    with transaction():
        key = keys.make_integration_key(name="Shop", permissions=["posts.edit_any", "posts.write"], by=House()).text
    asked = {"json": {"title": "Once", "author_ids": [emil.id]}, "headers": {"Authorization": f"Bearer {key}", "Idempotency-Key": "k"}}
    answers = [
        app.test_client().post("/api/v1/posts", **asked, environ_overrides={"REMOTE_ADDR": address})
        for address in ("192.0.2.1", "192.0.2.2")
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json == answers[1].json


def test_a_key_is_its_senders_own(program):
    assert program("wren").post("/posts", {"title": "Hers"}, Idempotency_Key="k").status_code == 201
    assert program("emil").post("/posts", {"title": "His"}, Idempotency_Key="k").json["data"]["title"] == "His"


def test_what_was_refused_may_be_tried_again_under_its_key(program):
    wren = program("wren")
    assert wren.post("/posts", {"cover_id": 999_999}, Idempotency_Key="k").status_code == 422
    assert wren.post("/posts", {"title": "Mended"}, Idempotency_Key="k").status_code == 201


def test_a_key_must_be_fit_to_keep(program):
    assert program("wren").post("/posts", {}, Idempotency_Key="k" * 256).status_code == 400


def test_a_cookie_alone_changes_nothing(program):
    wren = program("wren")
    before = digest_of_database()
    for headers in ({}, {"X-CSRF-Token": "x"}):
        assert wren.browser.post("/api/v1/posts", json={"title": "Forged"}, headers=headers).status_code == 400
    for told in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert wren.browser.post("/api/v1/posts", json={"title": "Forged"}, headers=wren.headers | told).status_code == 403
    assert digest_of_database() == before


def test_what_somebody_is_told_is_kept_nowhere(program):
    assert program("wren").get("/me").headers["Cache-Control"] == "private, no-store"
    assert program("vic").get("/posts").headers["Cache-Control"] == "private, no-cache"
