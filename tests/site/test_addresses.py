"""Which address answers what: posts by state, every path a post ever had, and the nonsense that people send."""

import pytest
from flask.testing import FlaskClient

from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from inkhorn.posts.models import Address, PostKind, Status
from inkhorn.posts.services.addresses import give_address
from inkhorn.posts.services.publishing import purge_post, trash_post
from inkhorn.posts.services.redirects import lead_address
from inkhorn.posts.services.writing import PostChanges, revise_post
from tests.factories.posts import make_post


@pytest.mark.parametrize("status", [Status.DRAFT, Status.UNPUBLISHED])
def test_what_is_not_published_is_not_there(client: FlaskClient, status: Status) -> None:
    post = make_post(status=status)
    assert client.get(post.path or f"/{post.slug}/").status_code == 404


def test_a_scheduled_post_waits_for_its_hour(client: FlaskClient, clock) -> None:
    post = make_post(status=Status.SCHEDULED, at=clock.tomorrow())
    assert client.get(post.path).status_code == 404


def test_a_published_post_is_there(client: FlaskClient) -> None:
    response = client.get(make_post(status=Status.PUBLISHED).path)
    assert response.status_code == 200
    assert "The clock that is fed by the sea" in response.text


def test_a_trashed_post_says_that_it_is_gone(client: FlaskClient) -> None:
    response = client.get(make_post(status=Status.TRASHED).path)
    assert response.status_code == 410
    assert "taken down" in response.text


def test_a_purged_post_stays_gone(client: FlaskClient) -> None:
    post = make_post(status=Status.TRASHED)
    path = post.path
    with transaction():
        purge_post(post, by=House())
    assert client.get(path).status_code == 410


def test_an_older_address_leads_to_the_present_one(client: FlaskClient) -> None:
    post = make_post(status=Status.PUBLISHED)
    before = post.path
    with transaction():
        revise_post(post, PostChanges(slug="the-sea-clock"), by=House(), against=post.revision)
    response = client.get(before)
    assert (response.status_code, response.headers["Location"]) == (301, "/the-sea-clock/")


def test_a_post_that_moved_back_leads_nobody_in_a_circle(client: FlaskClient) -> None:
    post = make_post(status=Status.PUBLISHED, slug="sea")
    for slug, old in (("tide", "/sea/"), ("sea", "/tide/")):
        with transaction():
            revise_post(post, PostChanges(slug=slug), by=House(), against=post.revision)
        # A browser that kept the first would go to and fro between the two.
        assert client.get(old).headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert client.get("/sea/").status_code == 200


@pytest.mark.parametrize("asked", ["/sea", "/sea.html", "/sea/index.html", "/sea.htm"])
def test_the_other_spellings_of_an_address_lead_to_it(client: FlaskClient, asked: str) -> None:
    make_post(status=Status.PUBLISHED, slug="sea")
    response = client.get(asked)
    assert (response.status_code, response.headers["Location"]) == (301, "/sea/")


@pytest.mark.parametrize(
    "old", ["/2019/05/15/4-Years-Of-Rust.html", "/2020/Blå-båt/", "/a b/", "/wiki/100%/", "/tag/old-tag/", "/author/nobody/"]
)
def test_imported_addresses_lead_to_their_post(client: FlaskClient, old: str) -> None:
    post = make_post(status=Status.PUBLISHED, slug="sea")
    with transaction():
        give_address(post, old)
    response = client.get(old.replace("%", "%25"))
    assert (response.status_code, response.headers["Location"]) == (301, "/sea/")


def test_an_address_with_a_query_leads_to_its_post(client: FlaskClient) -> None:
    post = make_post(status=Status.PUBLISHED, slug="sea")
    with transaction():
        give_address(post, "/?p=123")
    assert client.get("/?p=123").headers["Location"] == "/sea/"
    assert client.get("/?p=124").status_code == 200
    assert client.get("/?utm_source=x").status_code == 200


def test_a_redirect_of_an_import_is_followed(client: FlaskClient) -> None:
    with transaction():
        lead_address("/old-feed/", "/feed.xml")
        lead_address("/elsewhere/", "https://example.org/there?x=1")
    assert client.get("/old-feed/").headers["Location"] == "/feed.xml"
    assert client.get("/elsewhere/").headers["Location"] == "https://example.org/there?x=1"


@pytest.mark.parametrize("target", ["javascript:alert(1)", "//example.org/", "/\\example.org"])
def test_no_redirect_leads_to_a_script_or_sideways(client: FlaskClient, target: str) -> None:
    with transaction():
        session().add(Address(path="/sly/", target=target))
    assert client.get("/sly/").status_code == 404


@pytest.mark.parametrize(
    "path",
    ["/%00", "/a%00b/", "/%E2%80%AEcba/", "/" + "x" * 10_000, "/%FF%FE/", "/..%2f..%2fetc/passwd", "/%F0%9F%A6%91/"],
)
def test_nonsense_is_answered_calmly(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code in (301, 308, 404)
    assert "Traceback" not in response.text


@pytest.mark.parametrize(
    "path", ["/page/0/", "/page/2/", "/page/99999999999/", "/tag/none/", "/series/none/", "/author/none/", "/archive/page/9/"]
)
def test_lists_that_do_not_exist_are_not_there(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_the_first_page_has_one_address(client: FlaskClient) -> None:
    assert client.get("/page/1/").headers["Location"] == "/"


def test_a_page_stands_at_the_root(client: FlaskClient) -> None:
    page = make_post(kind=PostKind.PAGE, title="About", status=Status.PUBLISHED)
    response = client.get("/about/")
    assert page.path == "/about/"
    assert response.status_code == 200
    assert "byline" not in response.text


def test_a_post_of_emoji_and_other_scripts_is_found(client: FlaskClient) -> None:
    post = make_post(title="🦑🦑🦑", status=Status.PUBLISHED)
    arabic = make_post(title="الضوء", status=Status.PUBLISHED, slug="الضوء")
    assert client.get(post.path).status_code == 200
    assert client.get(arabic.path).status_code == 200


def test_what_is_gone_for_good_comes_back_when_it_is_restored(client: FlaskClient) -> None:
    post = make_post(status=Status.PUBLISHED)
    with transaction():
        trash_post(post, by=House())
    assert client.get(post.path).status_code == 410


def test_two_slashes_do_not_lead_to_another_host(client: FlaskClient) -> None:
    response = client.get("/", environ_overrides={"PATH_INFO": "//example.org/"})
    assert response.status_code in (308, 404)
    assert not response.headers.get("Location", "").startswith(("//", "http://example.org"))
