"""Reads: order, search, neighbours, and how many queries they take."""

import pytest

from inkhorn.core.database import session
from inkhorn.posts.models import Status
from inkhorn.posts.queries import desk_posts, posts_tagged, published_posts, tag_by_slug, with_card
from tests.factories.posts import make_post


@pytest.fixture
def three(wren, clock):
    """Three published posts, an hour apart, oldest first."""
    posts = []
    for number in (1, 2, 3):
        posts.append(make_post(by=wren, title=f"Number {number}", status=Status.PUBLISHED, tags=["Tides", f"T{number}"], series="Year"))
        clock.forward(hours=1)
    return posts


def titles(query):
    return [post.title for post in session().scalars(query).unique()]


def test_readers_get_the_newest_first(three):
    assert titles(published_posts()) == ["Number 3", "Number 2", "Number 1"]


def test_a_tag_holds_its_published_posts_only(three, wren):
    make_post(by=wren, title="Draft", tags=["Tides"])
    assert titles(posts_tagged(tag_by_slug("tides"))) == ["Number 3", "Number 2", "Number 1"]


@pytest.mark.parametrize("words", ["number 2", "NUMBER 2", "2"])
def test_the_desk_finds_by_every_word(three, ada, words):
    assert titles(desk_posts(ada, search=words)) == ["Number 2"]


@pytest.mark.parametrize("words", ["%", "_", "\\", "' OR 1=1 --"])
def test_signs_of_the_query_language_are_only_letters(three, ada, words):
    assert titles(desk_posts(ada, search=words)) == []


def test_a_list_takes_the_same_few_queries_however_long_it_is(three, queries):
    session().expire_all()
    queries.clear()
    for post in session().scalars(published_posts().options(*with_card())).unique():
        assert post.authors[0].name
        assert [tag.name for tag in post.tags]
        assert post.cover is None
    assert len(queries) <= 4


@pytest.mark.parametrize("sort", ["changed", "published", "title"])
def test_every_order_of_the_desk_is_total(three, ada, sort):
    assert len(titles(desk_posts(ada, sort=sort))) == 3
