"""The desk's first page and its lists: who sees what, filters in the address, many at once."""

import pytest

from inkhorn.core.database import session
from inkhorn.posts.models import Post, PostKind, Status
from tests.factories.posts import make_post


def state_of(post):
    return session().get(Post, post.id, populate_existing=True).status


@pytest.mark.parametrize("path", ["/desk/", "/desk/posts/", "/desk/pages/", "/desk/posts/write"])
def test_the_desk_is_for_those_who_write(cast, app, path):
    seen = {name: cast.browser_of(app, getattr(cast, name)).get(path).status_code for name in ("ada", "emil", "wren", "rhea", "vic")}
    assert seen == {"ada": 200, "emil": 200, "wren": 200, "rhea": 403, "vic": 303}


def test_an_author_sees_own_posts_and_an_editor_all(desk_of, wren, emil, cast):
    make_post(by=wren, title="By Wren")
    make_post(by=cast.ada, title="By Ada")
    own, everything = (desk_of(actor).get("/desk/posts/").text for actor in (wren, emil))
    assert ("By Wren" in own, "By Ada" in own) == (True, False)
    assert ("By Wren" in everything, "By Ada" in everything) == (True, True)


def test_pages_have_a_list_of_their_own(desk_of, wren):
    make_post(by=wren, title="About us", kind=PostKind.PAGE)
    desk = desk_of(wren)
    assert "About us" in desk.get("/desk/pages/").text
    assert "About us" not in desk.get("/desk/posts/").text


def test_a_state_is_kept_in_the_address(desk_of, wren):
    make_post(by=wren, title="Still a draft")
    make_post(by=wren, title="Out there", status=Status.PUBLISHED)
    page = desk_of(wren).get("/desk/posts/?status=published").text
    assert ("Out there" in page, "Still a draft" in page) == (True, False)


@pytest.mark.parametrize(
    "query",
    ["status=nonsense", "page=0", "page=-1", "page=99999999999", "author_id=x", "tag_id=9223372036854775808", "sort=;drop", "search=%00"],
)
def test_a_strange_filter_is_answered_calmly(desk_of, wren, query):
    make_post(by=wren)
    assert desk_of(wren).get(f"/desk/posts/?{query}").status_code in (200, 404)


@pytest.mark.parametrize("title", ['<b>bold</b> & "brackish"', "الملح والريح", "🦀" * 120, "x" * 255])
def test_absurd_titles_stand_as_they_were_written(desk_of, wren, title):
    make_post(by=wren, title=title)
    page = desk_of(wren).get("/desk/posts/").text
    assert "<b>bold" not in page
    assert title.split()[0][:20].replace("<", "&lt;").replace(">", "&gt;") in page


def test_an_empty_desk_says_what_to_do(desk_of, wren):
    assert "Nothing written yet" in desk_of(wren).get("/desk/posts/").text


def test_a_search_without_a_result_offers_a_way_back(desk_of, wren):
    page = desk_of(wren).get("/desk/posts/?search=barnacel").text
    assert "Nothing matches “barnacel”" in page
    assert "Clear the filters" in page


def test_a_long_list_is_paged(desk_of, wren):
    for number in range(27):
        make_post(by=wren, title=f"Number {number:02}")
    desk = desk_of(wren)
    assert "1–25 of 27" in desk.get("/desk/posts/?sort=title").text
    assert "Number 26" in desk.get("/desk/posts/?sort=title&page=2").text


def test_a_list_takes_a_bounded_number_of_queries(desk_of, wren, queries):
    for _ in range(12):
        make_post(by=wren, tags=["Tides"])
    desk = desk_of(wren)
    queries.clear()
    desk.get("/desk/posts/")
    assert len(queries) <= 10


def test_several_are_moved_at_once(desk_of, wren):
    one, two = make_post(by=wren), make_post(by=wren)
    desk = desk_of(wren)
    assert desk.send("/desk/posts/move", move="trash", chosen=[one.id, two.id]).status_code == 303
    assert [state_of(post) for post in (one, two)] == [Status.TRASHED] * 2


def test_what_cannot_be_moved_is_named_and_the_rest_is_moved(desk_of, wren, cast):
    mine, theirs, empty = make_post(by=wren), make_post(by=cast.ada), make_post(by=wren, title="", body="")
    desk = desk_of(wren)
    desk.send("/desk/posts/move", move="publish", chosen=[mine.id, theirs.id, empty.id])
    assert [state_of(post) for post in (mine, theirs, empty)] == [Status.PUBLISHED, Status.DRAFT, Status.DRAFT]
    assert "1 done" in (told := desk.said())
    assert "not yours" in told


@pytest.mark.parametrize("fields", [{}, {"move": "trash"}, {"move": "frobnicate", "chosen": ["1"]}, {"move": "trash", "chosen": ["x"]}])
def test_a_bulk_form_without_sense_changes_nothing(desk_of, wren, fields):
    post = make_post(by=wren)
    assert desk_of(wren).send("/desk/posts/move", **fields).status_code in (303, 422)
    assert state_of(post) is Status.DRAFT


@pytest.mark.parametrize("query", ["endpoint=x", "_method=POST", "_scheme=x", "_external=1", "values=1"])
def test_words_of_whoever_builds_addresses_are_not_carried_on(signed_in, wren, query):
    page = signed_in(wren).get(f"/desk/posts/?{query}&status=draft")
    assert page.status_code == 200
    assert query not in page.text
