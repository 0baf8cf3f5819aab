"""No link of ours is dead, on a seeded site and on an imported one."""

import pytest

from tests.clients.crawling import Crawl, crawl, links_in


def test_links_are_found_in_every_form():
    page = b'<a href="a/?x=1#y">a</a><img src="/b.png" srcset="/c.png 1x, /d.png 2x"><a href="https://elsewhere.example/">e</a>'
    assert links_in(page, "/post/") == {"/post/a/?x=1", "/b.png", "/c.png", "/d.png"}


def test_every_link_of_the_demo_leads_somewhere(demo_crawl: Crawl):
    assert len(demo_crawl.pages) > 60
    assert demo_crawl.dead() == []


def test_every_page_of_the_demo_is_reached_by_links(demo, demo_crawl: Crawl):
    listed = demo.get("/sitemap-posts-1.xml").get_data(as_text=True).split("<loc>")[1:]
    missing = [each.split("</loc>")[0].removeprefix("http://localhost") for each in listed]
    assert [path for path in missing if path not in demo_crawl.pages] == []


@pytest.mark.corpora
@pytest.mark.slow
def test_an_imported_site_has_only_the_dead_links_its_source_had(zola):
    client, reported = zola
    found = crawl(client)
    assert len(found.pages) > 400
    unexplained = [line for line in found.dead() if line.split()[1].rsplit("/", 1)[1] not in reported]
    # Links between two pages of the source that the corpus does not hold; each stands so in its text.
    assert len(unexplained) <= 12, unexplained
