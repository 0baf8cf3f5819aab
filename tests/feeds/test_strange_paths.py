"""Feeds and sitemaps name a post as its page does, whatever signs its old address holds."""

import re
from urllib.parse import urlsplit

import pytest

from inkhorn.core.database import session, transaction
from inkhorn.posts.models import Post, Status
from inkhorn.posts.services.addresses import keep_address
from tests.factories.posts import make_post


@pytest.fixture
def strange(client) -> str:
    """A post at a path that an import may bring; the address at which readers get it."""
    post = make_post(status=Status.PUBLISHED, body="![Quay](/media/quay.jpg) and [more](#more)")
    with transaction():
        post = session().get_one(Post, post.id)
        post.path = "/c#/why?/100%/"
        keep_address(post)
    return "/c%23/why%3F/100%25/"


@pytest.mark.parametrize(
    ("place", "pattern"),
    [
        ("/feed.xml", r"<item>.*?<link>([^<]*)</link>"),
        ("/atom.xml", r'<entry>.*?<link href="([^"]*)"'),
        ("/feed.json", r'"url":"([^"]*)","title"'),
        ("/sitemap-posts-1.xml", r"<loc>([^<]*)</loc>"),
        ("/", r'class="u-url" href="([^"]*)"'),
    ],
)
def test_the_address_is_the_pages_own(client, strange, place, pattern):
    found = re.search(pattern, client.get(place).text, re.DOTALL)
    assert found
    assert urlsplit(found[1]).path == strange
    assert client.get(found[1]).status_code == 200
