"""Posts by program: the same verbs, doors and permissions as at the desk."""

import pytest

from inkhorn.api.resources.posts import RULES
from inkhorn.core.access import Visitor
from inkhorn.core.database import is_postgresql
from inkhorn.posts.models import Audience, PostKind, Status
from inkhorn.posts.queries import visible_to
from tests.accounts.programs.asking import asks, make_key
from tests.factories.posts import make_post


def test_a_program_writes_publishes_and_withdraws(program, client):
    wren = program("wren")
    made = wren.post("/posts", {"title": "Tides", "body": "They **come**.", "tags": ["Sea", "Moon"]})
    assert (made.status_code, made.json["data"]["status"]) == (201, "draft")
    address = made.location.removeprefix("/api/v1")
    published = wren.change(f"{address}/publish", method="POST")
    assert published.json["data"]["status"] == "published"
    assert client.get(published.json["data"]["path"]).status_code == 200
    assert wren.change(f"{address}/unpublish", method="POST").json["data"]["status"] == "unpublished"
    assert client.get(published.json["data"]["path"]).status_code == 404


def test_a_post_is_written_and_published_in_one_request(program, client):
    wren = program("wren")
    made = wren.post("/posts", {"title": "Tides", "body": "They come.", "tags": ["Sea"], "status": "published"})
    assert (made.status_code, made.json["data"]["status"]) == (201, "published")
    assert "They come." in client.get(made.json["data"]["path"]).text
    again = wren.post(f"{made.location.removeprefix('/api/v1')}/unpublish", If_Match=made.headers["ETag"])
    assert again.json["data"]["status"] == "unpublished"


@pytest.mark.parametrize(
    ("who", "body", "status"),
    [
        ("wren", {"status": "published"}, 422),
        ("wren", {"title": "Tides", "status": "scheduled"}, 422),
    ],
)
def test_what_cannot_be_published_at_once_is_not_kept_either(program, who: str, body, status: int):
    assert program(who).post("/posts", body).status_code == status
    assert program("emil").titles("/posts?filter[status]=draft") == []


def test_a_key_that_may_only_write_publishes_nothing_in_passing(app, program, wren):
    key = make_key(wren, "posts.write").text
    assert asks(app, key, "/api/v1/posts", method="POST", json={"title": "Tides", "status": "published"}).status_code == 403
    assert program("emil").titles("/posts?filter[status]=draft") == []


def test_what_is_left_out_of_a_change_stays(program, wren):
    post = make_post(by=wren, title="Before", excerpt="Short.", meta_title="For engines")
    told = program("wren").change(f"/posts/{post.id}", {"title": "After", "meta_title": None}).json["data"]
    assert (told["title"], told["excerpt"], told["meta_title"], told["body"]) == ("After", "Short.", None, post.body)


@pytest.mark.parametrize("who", ["vic", "rhea", "wren"])
@pytest.mark.parametrize("status", [Status.DRAFT, Status.SCHEDULED, Status.UNPUBLISHED, Status.TRASHED])
def test_what_is_not_published_is_nowhere_for_strangers(program, emil, clock, who: str, status: Status):
    hour = clock.tomorrow() if status is Status.SCHEDULED else None
    post = make_post(by=emil, title="Hidden", status=status, at=hour)
    asker = program(who)
    assert asker.get(f"/posts/{post.id}").status_code == 404
    assert asker.titles("/posts") == []
    assert asker.titles(f"/posts?filter[status]={status}") == []


@pytest.mark.parametrize(("audience", "seen_by"), [(Audience.MEMBERS, {"mona", "emil"}), (Audience.PRIVATE, {"emil"})])
def test_an_audience_is_kept(program, emil, audience: Audience, seen_by: set[str]):
    post = make_post(by=emil, title="For few", status=Status.PUBLISHED, audience=audience)
    for who in ("vic", "rhea", "mona", "emil"):
        asker, sees = program(who), who in seen_by
        assert asker.get(f"/posts/{post.id}").status_code == (200 if sees else 404)
        assert asker.titles("/posts?filter[title][contains]=few") == (["For few"] if sees else [])


def test_the_source_is_for_whoever_may_change_it(program, emil):
    post = make_post(by=emil, body="Seen <!-- between us -->", status=Status.PUBLISHED)
    for who in ("vic", "wren"):
        told = program(who).get(f"/posts/{post.id}")
        assert "between us" not in told.text
        assert not {"body", "revision", "created_at"} & set(told.json["data"])
    assert "between us" in program("emil").get(f"/posts/{post.id}").text


def test_an_author_changes_nothing_of_a_colleagues(program, emil):
    post = make_post(by=emil, status=Status.PUBLISHED)
    wren = program("wren")
    assert wren.change(f"/posts/{post.id}", {"title": "Mine"}).status_code == 404
    assert wren.change(f"/posts/{post.id}/trash", method="POST").status_code == 404
    assert program("vic").send("PATCH", f"/posts/{post.id}", {"title": "x"}).status_code == 401
    assert program("rhea").send("PATCH", f"/posts/{post.id}", {"title": "x"}).status_code == 403


def test_a_change_says_what_it_changes(program, wren):
    post, asker = make_post(by=wren), program("wren")
    seen = asker.get(f"/posts/{post.id}").headers["ETag"]
    assert asker.send("PATCH", f"/posts/{post.id}", {"title": "A"}).status_code == 428
    assert asker.send("PATCH", f"/posts/{post.id}", {"title": "A"}, If_Match=seen).status_code == 200
    assert asker.send("PATCH", f"/posts/{post.id}", {"title": "B"}, If_Match=seen).status_code == 412
    assert asker.data(f"/posts/{post.id}")["title"] == "A"


def test_a_move_since_it_was_read_is_a_change_too(program, wren):
    post, asker = make_post(by=wren, status=Status.PUBLISHED), program("wren")
    seen = asker.get(f"/posts/{post.id}").headers["ETag"]
    asker.change(f"/posts/{post.id}/trash", method="POST")
    assert asker.send("POST", f"/posts/{post.id}/restore", If_Match=seen).status_code == 412


def test_what_did_not_change_is_not_sent_again(program, wren):
    post, asker = make_post(by=wren, status=Status.PUBLISHED), program("vic")
    seen = asker.get(f"/posts/{post.id}").headers["ETag"]
    assert asker.get(f"/posts/{post.id}", If_None_Match=seen).status_code == 304
    assert asker.get(f"/posts/{post.id}?fields=title", If_None_Match=seen).status_code == 200


def test_pages_are_apart_from_posts(program, wren):
    page = make_post(by=wren, kind=PostKind.PAGE, title="About", status=Status.PUBLISHED)
    vic = program("vic")
    assert (vic.titles("/pages"), vic.titles("/posts")) == (["About"], [])
    assert vic.get(f"/posts/{page.id}").status_code == 404


def test_a_post_without_anything_is_not_published(program):
    wren = program("wren")
    address = wren.post("/posts", {}).location.removeprefix("/api/v1")
    refused = wren.change(f"{address}/publish", method="POST")
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/title")


def test_a_trashed_post_is_purged_by_an_editor_alone(program, wren):
    post = make_post(by=wren, status=Status.TRASHED)
    seen = program("emil").get(f"/posts/{post.id}").headers["ETag"]
    assert program("wren").send("DELETE", f"/posts/{post.id}", If_Match=seen).status_code == 403
    assert program("emil").send("DELETE", f"/posts/{post.id}", If_Match=seen).status_code == 204
    assert program("emil").get(f"/posts/{post.id}").status_code == 404


def test_ten_full_posts_cost_three_queries(program, wren, queries):
    for number in range(10):
        make_post(by=wren, title=f"Post {number}", tags=[f"Tag {number}", "Sea"], series="Year", status=Status.PUBLISHED)
    for who in ("vic", "wren"):
        asker = program(who)
        queries.clear()
        told = asker.data("/posts?include=authors,tags,series,cover")
        assert len(queries) <= 3, queries
        assert {each["series"]["title"] for each in told} == {"Year"}
        assert [each["name"] for each in told[0]["tags"]] == ["Tag 9", "Sea"]


def test_what_a_visitor_is_not_told_is_not_read(program, wren, queries):
    make_post(by=wren, status=Status.PUBLISHED)
    visitor = program("vic")
    queries.clear()
    assert "body" not in visitor.data("/posts")[0]
    assert not [each for each in queries if "post.body" in each or "post.release_at" in each]


def announcing() -> int:
    """PostgreSQL tells other machines of changed pages by two statements: the notice, and a look at who has not heard it yet."""
    return 2 if is_postgresql() else 0


def test_a_post_comes_as_one_version_and_costs_few_statements(program, queries):
    wren = program("wren")
    queries.clear()
    made = wren.post(
        "/posts", {"title": "Tides", "body": "They **come**.\r\nAnd go.", "tags": ["Sea", "Moon"], "series": "Year", "slug": "tide"}
    )
    assert len(queries) <= 23, queries
    told = made.json["data"]
    assert (told["revision"], told["path"], told["body"]) == (1, "/tide/", "They **come**.\nAnd go.")
    assert ([each["name"] for each in told["tags"]], told["series"]["title"]) == (["Sea", "Moon"], "Year")
    assert [each["name"] for each in told["authors"]] == ["Wren"]
    queries.clear()
    published = wren.post(f"/posts/{told['id']}/publish", If_Match=made.headers["ETag"])
    assert published.status_code == 200
    assert len(queries) <= 12 + announcing(), queries


@pytest.mark.parametrize(
    "more", [{}, {"status": "published"}, {"series": "Year"}, {"cover_url": "/static/sea.jpg", "cover_alt": "The sea"}]
)
@pytest.mark.parametrize("kind", ["posts", "pages"])
def test_what_is_told_of_a_new_post_is_what_is_read_of_it_afterwards(program, kind: str, more: dict[str, str]):
    wren = program("wren")
    made = wren.post(
        f"/{kind}", {"title": "Tides", "body": "## They\n\ncome **and** go.", "tags": ["Sea", "Moon"], "language": "en"} | more
    )
    assert made.status_code == 201, made.text
    read = wren.get(f"{made.location.removeprefix('/api/v1')}?include=authors,tags,series,cover")
    assert made.json == read.json
    assert made.headers["ETag"] == read.headers["ETag"]


def test_to_write_and_publish_in_one_request_costs_few_statements(program, queries):
    wren = program("wren")
    wren.post("/posts", {"title": "Before", "tags": ["Sea", "Moon"]})
    queries.clear()
    made = wren.post("/posts", {"title": "Tides", "body": "They come.", "tags": ["Sea", "Moon"], "status": "published"})
    assert made.status_code == 201
    assert len(queries) <= 16 + announcing(), queries


def test_the_statement_that_is_kept_knows_every_word_of_the_rule():
    asked = set()

    class Curious(Visitor):
        def may(self, permission: str) -> bool:
            asked.add(permission)
            return permission == "posts.write"

    visible_to(Curious())
    assert asked == set(RULES)
