"""The page of what was found: marked snippets, kind words for nothing, and only what its reader may read."""

import re

import pytest
from flask.testing import FlaskClient

from inkhorn.core import limits
from inkhorn.posts.models import Audience, PostKind, Status
from inkhorn.posts.services.writing import PostChanges, revise_post
from tests.search.conftest import indexed_post

WORDS = "The keepers call it slack water, and it is when they eat."


def published(**given: object):
    return indexed_post(**{"title": "The clock", "body": WORDS, "status": Status.PUBLISHED} | given)


def titles(html: str) -> list[str]:
    return re.findall(r'<a class="u-url" href="[^"]*">(.*?)</a></h2>', html)


def test_every_page_leads_to_the_search(client: FlaskClient) -> None:
    html = client.get("/").text
    assert '<a href="/search">' in html
    assert 'rel="search" type="application/opensearchdescription+xml"' in html


def test_before_anything_is_asked_the_page_says_how(client: FlaskClient) -> None:
    html = client.get("/search").text
    assert 'name="q" type="search" value=""' in html
    assert "author:ida" in html
    assert '<meta name="robots" content="noindex">' in html


def test_what_is_found_is_marked_where_it_stands(client: FlaskClient, wren) -> None:
    published(by=wren, tags=["Tides"])
    html = client.get("/search?q=slack+water").text
    assert "1 post, best first" in html
    assert "call it <mark>slack</mark> <mark>water</mark>, and" in html
    assert "2 places in the text" in html
    assert '<a class="u-url p-name" href="/author/wren/">Wren</a>' in html


def test_words_in_a_row_are_marked_together(client: FlaskClient) -> None:
    published(title="Slack-Water days")
    assert titles(client.get('/search?q="slack water"').text) == ["<mark>Slack-Water</mark> days"]


def test_the_title_counts_most(client: FlaskClient, clock) -> None:
    published(title="Salt")
    clock.forward(days=1)
    published(title="Harbour", body=f"{WORDS} Much salt, much more salt, and salt again.")
    html = client.get("/search?q=salt").text
    assert titles(html) == ["<mark>Salt</mark>", "Harbour"]
    assert "in the title" in html


@pytest.mark.parametrize(("words", "mark"), [("cafe", "Café"), ("CAFÉ", "Café"), ("検索", "検索"), ("straße", "Straße"), ("caf", "Caf")])
def test_accents_and_scripts_are_marked_as_they_are_written(client: FlaskClient, words: str, mark: str) -> None:
    published(body="Das Café in der Straße 日本語の検索 an der Ecke.")
    assert f"<mark>{mark}</mark>" in client.get(f"/search?q={words}").text


def test_nothing_in_a_text_or_a_question_becomes_markup(client: FlaskClient) -> None:
    published(title="<b>salt</b>", body="`<script>salt()</script>` & salt")
    html = client.get("/search", query_string={"q": '<script>"salt'}).text
    assert "<script>salt" not in html
    assert titles(html) == ["&lt;b&gt;<mark>salt</mark>&lt;/b&gt;"]
    assert "&lt;script&gt;" in html


def test_nothing_found_is_said_kindly_and_something_else_is_offered(client: FlaskClient) -> None:
    published(title="Slack water at the quay")
    html = client.get("/search?q=slakc+watr").text
    assert (
        'Nothing here has the words <strong>slakc watr</strong>. Perhaps you meant <a href="/search?q=slack+water">slack water</a>?'
        in re.sub(r"\s+", " ", html)
    )
    assert "Or read something new" in html


def test_what_is_meant_is_guessed_only_from_what_this_reader_may_read(client: FlaskClient) -> None:
    published(title="Slack water", audience=Audience.MEMBERS)
    published(title="Something else", body="Nothing.")
    assert "Perhaps you meant" not in client.get("/search?q=slakc").text


HIDDEN = [
    {"status": Status.DRAFT},
    {"status": Status.UNPUBLISHED},
    {"status": Status.TRASHED},
    {"audience": Audience.PRIVATE},
]


@pytest.mark.parametrize("hidden", HIDDEN, ids=str)
@pytest.mark.parametrize("name", ["vic", "rhea", "mona", "wren", "ada"])
@pytest.mark.parametrize("asked", ["canary", '"canary sings"', "author:wren", "tag:canaries", "after:2000", "canaries"])
def test_what_is_hidden_is_neither_shown_nor_counted(cast, signed_in, hidden: dict, name: str, asked: str) -> None:
    published(by=cast.wren, title="Canary", body="The canary sings.", tags=["Canaries"], **hidden)
    html = signed_in(getattr(cast, name)).get("/search", query_string={"q": asked}).text
    assert "Canary" not in html
    assert "sings." not in html
    assert "best first" not in html


def test_a_member_finds_what_is_for_members_and_a_visitor_does_not(client: FlaskClient, signed_in, cast) -> None:
    published(audience=Audience.MEMBERS)
    assert titles(client.get("/search?q=clock").text) == []
    page = signed_in(cast.mona).get("/search?q=clock")
    assert titles(page.text) == ["The <mark>clock</mark>"]
    assert "For members" in page.text
    assert page.headers["Cache-Control"] == "private, no-store"


def test_what_is_withdrawn_is_found_no_more_though_the_index_still_has_it(client: FlaskClient) -> None:
    post = published()
    from inkhorn.core.access import House
    from inkhorn.core.database import transaction
    from inkhorn.posts.services.publishing import unpublish_post

    with transaction():
        unpublish_post(post, by=House())
    assert titles(client.get("/search?q=clock").text) == []


def test_pages_are_found_too(client: FlaskClient) -> None:
    published(title="About us", kind=PostKind.PAGE)
    assert titles(client.get("/search?q=about").text) == ["<mark>About</mark> us"]


def test_long_lists_are_turned(client: FlaskClient, clock) -> None:
    for number in range(23):
        published(title=f"Salt {number:02}")
        clock.forward(hours=1)
    first, second = (client.get(f"/search?q=salt&page={page}").text for page in (1, 2))
    assert "23 posts, best first" in first
    assert 'href="/search?q=salt&amp;page=2" rel="next"' in first
    assert len(set(titles(first) + titles(second))) == 23
    assert 'href="/search?q=salt" rel="prev"' in second
    assert client.get("/search?q=salt&page=3").status_code == 404


@pytest.mark.parametrize("page", ["0", "-1", "x", "1.5", "99999999999999999999", "", "٣", "NaN"])
def test_no_such_page_is_said_in_words(client: FlaskClient, page: str) -> None:
    assert client.get("/search", query_string={"q": "salt", "page": page}).status_code == 404


@pytest.mark.parametrize(
    "words", ["\0", "a\0b", "'\"*()", ".*+?^${}|[]\\", "%%%", "🦀" * 100, " ", "\ud800".encode("utf-8", "surrogatepass")]
)
def test_strange_words_find_nothing_and_break_nothing(client: FlaskClient, words: str) -> None:
    published()
    answer = client.get("/search", query_string={"q": words})
    assert answer.status_code == 200
    assert titles(answer.text) == []


def test_too_many_words_are_refused_in_words(client: FlaskClient) -> None:
    answer = client.get("/search", query_string={"q": "a" * 10_000})
    assert answer.status_code == 422
    assert "at most 300 characters fit" in answer.text


def test_a_visitors_page_may_be_kept_and_asked_after(client: FlaskClient) -> None:
    published()
    answer = client.get("/search?q=clock")
    assert answer.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert client.get("/search?q=clock", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_whoever_asks_too_fast_waits_a_moment_and_reads_on(client: FlaskClient, clock, monkeypatch) -> None:
    monkeypatch.setattr(limits, "SEARCH", limits.Limit("search", "2 per 10 seconds"))
    assert [client.get("/search?q=salt").status_code for _ in range(3)] == [200, 200, 429]
    assert (client.get("/search").status_code, client.get("/").status_code) == (200, 200)
    clock.forward(seconds=11)
    assert client.get("/search?q=salt").status_code == 200


def test_whoever_is_signed_in_is_not_kept_waiting_by_others(client: FlaskClient, signed_in, rhea, monkeypatch) -> None:
    monkeypatch.setattr(limits, "SEARCH", limits.Limit("search", "1 per 10 seconds"))
    assert [client.get("/search?q=salt").status_code for _ in range(2)] == [200, 429]
    assert signed_in(rhea).get("/search?q=salt").status_code == 200


def test_browsers_learn_how_to_search_here(client: FlaskClient) -> None:
    answer = client.get("/opensearch.xml")
    assert answer.content_type == "application/opensearchdescription+xml; charset=utf-8"
    assert 'template="http://localhost/search?q={searchTerms}"' in answer.text


def test_a_search_asks_five_questions_however_much_is_found(client: FlaskClient, wren, clock, queries: list[str]) -> None:
    from inkhorn.core.database import session

    for number in range(20):
        published(by=wren, title=f"Salt {number}", tags=["Tides"])
    session().info.pop("settings", None)
    queries.clear()
    client.get("/search?q=salt")
    assert len(queries) <= 4, queries


def test_where_nothing_stands_one_may_search(client: FlaskClient) -> None:
    html = client.get("/no-such-post/").text
    assert '<form class="searchbox" action="/search"' in html


def test_a_revision_is_found_by_its_new_words_alone(client: FlaskClient) -> None:
    from inkhorn.core.access import House
    from inkhorn.core.database import transaction
    from inkhorn.search import tasks

    post = published()
    with transaction():
        revise_post(post, PostChanges(title="The bell", body="Rung twice."), by=House(), against=post.revision)
    tasks.index_post(post_id=post.id)
    assert titles(client.get("/search?q=clock").text) == []
    assert titles(client.get("/search?q=bell").text) == ["The <mark>bell</mark>"]
