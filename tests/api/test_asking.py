"""Lists by program: pages, cursors, filters, orders, fields, all from lists of what there is."""

import pytest

from inkhorn.posts.models import Status
from tests.factories.posts import make_post


@pytest.fixture
def harbour(wren, emil):
    for number in range(5):
        make_post(by=wren if number % 2 else emil, title=f"Post {number}", tags=["Odd" if number % 2 else "Even"], status=Status.PUBLISHED)


@pytest.mark.parametrize("sort", ["id", "-id", "title", "-title", "published_at", "-published_at", "-updated_at"])
def test_cursors_lead_through_all_of_it_once(program, harbour, wren, sort: str):
    make_post(by=wren, title="A draft, which has no date")
    asker, seen, address = program("wren"), [], f"/posts?sort={sort}&page[size]=2"
    while address:
        answer = asker.get(address).json
        seen += [each["title"] for each in answer["data"]]
        address = (answer["links"]["next"] or "").removeprefix("/api/v1")
    assert seen == asker.titles(f"/posts?sort={sort}")
    assert len(set(seen)) == 6


def test_a_page_has_twenty_unless_told(program, wren):
    for number in range(21):
        make_post(by=wren, title=f"Post {number}", status=Status.PUBLISHED)
    vic = program("vic")
    assert len(vic.data("/posts")) == 20
    assert len(vic.data("/posts?page[size]=100")) == 21


@pytest.mark.parametrize(
    ("asked", "titles"),
    [
        ("filter[tag]=odd", {"Post 1", "Post 3"}),
        ("filter[tag]=odd,even&filter[author]=emil", {"Post 0", "Post 2", "Post 4"}),
        ("filter[title][contains]=post%203", {"Post 3"}),
        ("filter[title]=Post 3", {"Post 3"}),
        ("filter[tag]=none", set()),
        ("filter[status][not]=published", set()),
        ("filter[published_at][gt]=2999-01-01T00:00:00Z", set()),
        ("filter[published_at][lt]=2999-01-01T00:00:00%2B02:00&filter[tag]=odd", {"Post 1", "Post 3"}),
    ],
)
def test_filters_choose(program, harbour, asked: str, titles: set[str]):
    assert set(program("vic").titles(f"/posts?{asked}")) == titles


def test_only_the_fields_that_are_asked_for(program, harbour):
    told = program("vic").data("/posts?fields=title,id&include=tags")
    assert {tuple(each) for each in told} == {("title", "id", "tags")}


NONSENSE = [
    ("page[size]=0", "page[size]"),
    ("page[size]=-1", "page[size]"),
    ("page[size]=101", "page[size]"),
    ("page[size]=NaN", "page[size]"),
    ("page[size]=1e2", "page[size]"),
    ("page[size]=99999999999999999999", "page[size]"),
    ("page[size]=٣", "page[size]"),
    ("page[size]=1&page[size]=2", "page[size]"),
    ("page[cursor]=x", "page[cursor]"),
    ("page=2", "page"),
    ("limit=10", "limit"),
    ("sort=password", "sort"),
    ("sort=--id", "sort"),
    ("sort=id;drop table post", "sort"),
    ("sort=id,title", "sort"),
    ("fields=password", "fields"),
    ("fields=", "fields"),
    ("fields=title,title", "fields"),
    ("include=roles", "include"),
    ("filter[email]=a", "filter[email]"),
    ("filter[body][contains]=secret", "filter[body][contains]"),
    ("filter[id]=-1", "filter[id]"),
    ("filter[id]=NaN", "filter[id]"),
    ("filter[id]=99999999999", "filter[id]"),
    ("filter[status]=lost", "filter[status]"),
    ("filter[title][like]=a", "filter[title][like]"),
    ("filter[title]=", "filter[title]"),
    ("filter[title]=a%00b", "filter[title]"),
    ("filter[published_at][gt]=yesterday", "filter[published_at][gt]"),
    ("filter[published_at][gt]=2026-01-01", "filter[published_at][gt]"),
    ("filter[published_at][gt]=9999-12-31T23:59:59-23:59", "filter[published_at][gt]"),
    ("filter[published_at][gt]=0001-01-01T00:00:00%2B23:59", "filter[published_at][gt]"),
    ("filter[is_featured]=yes", "filter[is_featured]"),
    ("filter=a", "filter"),
    ("filter[tag][]=a", "filter[tag][]"),
    ("filter[tag]=" + ",".join(["a"] * 51), "filter[tag]"),
    ("filter[title]=" + "x" * 201, "filter[title]"),
]


@pytest.mark.parametrize(("asked", "name"), NONSENSE, ids=lambda value: value[:40])
def test_what_makes_no_sense_is_named(program, harbour, asked: str, name: str):
    answer = program("ada").get(f"/posts?{asked}")
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")
    assert answer.json["errors"][0]["parameter"] == name


def test_a_cursor_is_good_for_its_own_list_and_order_only(program, harbour):
    vic = program("vic")
    cursor = vic.get("/posts?sort=id&page[size]=1").json["links"]["next"].partition("page[cursor]=")[2]
    assert vic.get(f"/posts?sort=id&page[cursor]={cursor}").status_code == 200
    for wrong in (f"/posts?sort=-id&page[cursor]={cursor}", f"/posts?page[cursor]={cursor}", f"/posts?sort=id&page[cursor]={cursor}x"):
        assert vic.get(wrong).status_code == 400


def test_one_thing_takes_no_filters(program, harbour):
    assert program("vic").get("/posts/1?filter[id]=1").status_code == 400
    assert program("vic").get("/posts/1?sort=id").status_code == 400
