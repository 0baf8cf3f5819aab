"""Sitemaps and robots.txt."""

from xml.etree import ElementTree as ET

from inkhorn.core.access import House
from inkhorn.core.database import transaction
from inkhorn.core.settings import SiteSettings, tune
from inkhorn.feeds import sitemaps
from inkhorn.posts.models import PostKind, Status
from tests.factories.accounts import make_user
from tests.factories.posts import make_post
from tests.plans import plans, walked_whole

NAMESPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def places(client, path):
    response = client.get(path)
    assert response.status_code == 200
    return [place.text for place in ET.fromstring(response.data).iter(f"{NAMESPACE}loc")]


def publish(**changes):
    return make_post(status=Status.PUBLISHED, **changes)


def test_the_index_leads_to_every_address(client):
    ida = make_user()
    post = publish(tags=["Tides"], author_ids=[ida.id], series="Slow boats")
    page = publish(title="About", kind=PostKind.PAGE)
    make_post(title="Draft")
    files = [place.removeprefix("http://localhost") for place in places(client, "/sitemap.xml")]
    assert files == [f"/sitemap-{section}-1.xml" for section in ("posts", "pages", "tags", "authors", "series")]
    found = [place.removeprefix("http://localhost") for file in files for place in places(client, file)]
    assert found == [post.path, "/", page.path, "/tag/tides/", f"/author/{ida.username}/", "/series/slow-boats/"]


def test_every_address_says_when_it_changed(client, clock):
    publish()
    text = client.get("/sitemap-posts-1.xml").text
    assert f"<lastmod>{clock.now.strftime('%Y-%m-%dT%H:%M:%SZ')}</lastmod>" in text


def test_long_lists_are_cut_into_files(client, monkeypatch):
    monkeypatch.setattr(sitemaps, "PER_FILE", 2)
    posts = [publish(title=f"Post {number}") for number in range(5)]
    files = [place.removeprefix("http://localhost") for place in places(client, "/sitemap.xml") if "posts" in place]
    assert len(files) >= 3
    found = [places(client, file) for file in files]
    assert max(len(file) for file in found) == 2
    assert [place for file in found for place in file] == [f"http://localhost{post.path}" for post in posts]


def test_a_file_that_has_become_empty_is_not_named(client, monkeypatch):
    monkeypatch.setattr(sitemaps, "PER_FILE", 1)
    first, hidden, last = publish(title="One"), make_post(title="Two"), publish(title="Three")
    files = [place.removeprefix("http://localhost") for place in places(client, "/sitemap.xml") if "posts" in place]
    assert files == [f"/sitemap-posts-{post.id}.xml" for post in (first, last)]
    assert client.get(f"/sitemap-posts-{hidden.id}.xml").status_code == 404


def test_the_index_is_one_question_that_opens_no_post(client, queries):
    publish(tags=["Tides"], author_ids=[make_user().id], series="Slow boats")
    with plans() as steps:
        queries.clear()
        places(client, "/sitemap.xml")
    assert sum("FROM post" in query for query in queries if not query.startswith("EXPLAIN")) == 1
    assert sum("USING COVERING INDEX ix_post_sitemap" in step for step in steps) == 2
    assert walked_whole(steps) == []


def test_a_file_is_a_range_of_an_index(client):
    publish()
    with plans() as steps:
        places(client, "/sitemap-posts-1.xml")
    (step,) = [step for step in steps if " post " in step]
    assert "ix_post_sitemap (kind=? AND status=? AND audience=? AND id>? AND id<?)" in step
    assert not any("TEMP B-TREE" in step for step in steps)


def test_posts_that_belong_elsewhere_are_listed_there(client):
    publish(canonical_url="https://other.example/post/")
    assert client.get("/sitemap-posts-1.xml").status_code == 404


def test_files_that_are_not_there_are_not_found(client):
    for path in ("/sitemap-posts-1.xml", "/sitemap-pages-2.xml", "/sitemap-posts-0.xml", "/sitemap-secrets-1.xml"):
        assert client.get(path).status_code == 404


def test_addresses_in_other_scripts_are_written_with_percent_signs(client):
    publish(title="海", slug="海")
    assert all(place.isascii() for place in places(client, "/sitemap-posts-1.xml"))


def test_robots_name_the_sitemap_and_what_is_private(client):
    text = client.get("/robots.txt").text
    assert "Sitemap: http://localhost/sitemap.xml" in text
    assert "Disallow: /desk/" in text


def test_a_hidden_site_asks_to_be_left_alone(client):
    with transaction():
        tune(SiteSettings, by=House(), hidden_from_search=True)
    assert client.get("/robots.txt").text == "User-agent: *\nDisallow: /\n"
    assert client.get("/sitemap.xml").status_code == 404
