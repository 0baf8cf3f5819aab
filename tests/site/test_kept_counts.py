"""How long a list is, is counted once until readers see something else."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from inkhorn.comments.models import State
from inkhorn.comments.queries import state_counts, waiting_count
from inkhorn.core import kept_counts
from inkhorn.core.database import db, session, transaction
from inkhorn.core.kept_counts import MOST, NAME, KeptCounts
from inkhorn.posts.models import Audience, Status, Tag
from tests.factories.comments import make_comment, make_open_post, move_to
from tests.factories.posts import make_post


@dataclass
class Numbered:
    """What pages are valid by, as the test says."""

    number: int | None = 1

    def read(self) -> int | None:
        return self.number

    def raise_to(self, number: int) -> None:
        self.number = number


@pytest.fixture
def generation(app: Flask) -> Iterator[Numbered]:
    numbered, inner = Numbered(), app.wsgi_app
    kept_counts.init_app(app, numbered)
    yield numbered
    app.wsgi_app = inner
    del app.extensions[NAME]


def counts_in(queries: list[str]) -> int:
    return sum("count(" in statement and " AS total" in statement for statement in queries)


@pytest.mark.parametrize("path", ["/", "/tag/tides/", "/page/2/"])
def test_a_page_counts_its_list_once_until_readers_see_something_else(client: FlaskClient, generation: Numbered, queries, path: str):
    for _each in range(13):
        make_post(tags=["Tides"], status=Status.PUBLISHED)
    first = client.get(path)
    assert first.status_code == 200
    queries.clear()
    assert client.get(path).text == first.text
    assert counts_in(queries) == 0
    generation.number = 2
    queries.clear()
    assert client.get(path).text == first.text
    assert counts_in(queries) == 1


def test_what_was_published_is_counted_at_once(client: FlaskClient, generation: Numbered):
    make_post(tags=["Tides"], status=Status.PUBLISHED)
    assert "1 post" in client.get("/tag/tides/").text
    make_post(tags=["Tides"], status=Status.PUBLISHED)
    generation.number = 2
    assert "2 posts" in client.get("/tag/tides/").text


def test_each_list_and_each_right_has_its_own(client: FlaskClient, generation: Numbered, signed_in, cast):
    make_post(tags=["Tides", "Harbours"], status=Status.PUBLISHED)
    make_post(tags=["Tides"], status=Status.PUBLISHED, audience=Audience.MEMBERS)
    editor = signed_in(cast.emil)
    for _each in range(2):
        assert "2 posts" in editor.get("/tag/tides/").text
        assert "1 post" in client.get("/tag/tides/").text
        assert "2 posts" not in client.get("/tag/tides/").text
        assert "1 post" in client.get("/tag/harbours/").text


def test_what_is_counted_while_readers_are_told_of_a_change_is_not_kept_as_newer(app, client: FlaskClient, generation: Numbered, queries):
    make_post(tags=["Tides"], status=Status.PUBLISHED)

    def change(_connection, _cursor, statement, *_rest) -> None:
        # Between the first statement of the request and its count, as where both see the moment before.
        generation.number = 2

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", change)
    client.get("/tag/tides/")
    event.remove(engine, "before_cursor_execute", change)
    queries.clear()
    client.get("/tag/tides/")
    assert counts_in(queries) == 1


def test_a_page_past_the_end_teaches_nothing(client: FlaskClient, generation: Numbered):
    make_post(tags=["Tides"], status=Status.PUBLISHED)
    assert client.get("/tag/tides/page/7/").status_code == 404
    assert "1 post" in client.get("/tag/tides/").text
    assert client.get("/tag/tides/page/7/").status_code == 404


def test_while_the_number_is_unknown_nothing_is_kept(client: FlaskClient, generation: Numbered, queries):
    make_post(tags=["Tides"], status=Status.PUBLISHED)
    generation.number = None
    for _each in range(2):
        queries.clear()
        client.get("/tag/tides/")
        assert counts_in(queries) == 1


def test_there_is_an_end_to_what_is_kept():
    counts = KeptCounts()
    for key in range(MOST + 1):
        counts.put(key, 1, key)
    assert (counts.get(0, 1), counts.get(MOST, 1), counts.get(MOST, 2)) == (None, MOST, None)


def total_at(browser: FlaskClient, path: str) -> str:
    """How many posts a list of the desk says that it has."""
    found = re.search(r"(\d+) in all", browser.get(path).text)
    return found[1] if found else "0"


@pytest.mark.parametrize("path", ["/desk/posts/", "/desk/posts/?status=published", "/desk/posts/?status=trashed"])
def test_the_desk_counts_its_states_once_and_for_each_right(generation: Numbered, queries, signed_in, cast, path: str):
    make_post(title="Of Wren", by=cast.wren, status=Status.PUBLISHED)
    make_post(title="Of Emil", by=cast.emil, status=Status.PUBLISHED)
    editor, author = signed_in(cast.emil), signed_in(cast.wren)
    told = ("0", "0") if "trashed" in path else ("2", "1")
    for _each in range(2):
        queries.clear()
        assert (total_at(editor, path), total_at(author, path)) == told
    assert not [each for each in queries if "count(" in each and "FROM post" in each]
    make_post(title="Of Wren again", by=cast.wren, status=Status.PUBLISHED)
    generation.number = 2
    assert (total_at(editor, path), total_at(author, path)) == (told if "trashed" in path else ("3", "2"))


def test_what_waits_for_moderators_is_counted_once_and_anew_by_who_decides(app, generation: Numbered, queries, signed_in, cast):
    post = make_open_post()
    waiting = [make_comment(post, state=State.WAITING) for _each in range(2)]
    editor = signed_in(cast.emil)
    for _each in range(2):
        queries.clear()
        assert "2 are waiting" in editor.get("/desk/comments/").text
    assert not [each for each in queries if "count(" in each and "FROM comment" in each]
    with app.test_request_context("/desk/comments/", method="POST", environ_overrides={NAME: generation.number}):
        assert waiting_count(cast.emil) == 2
        with transaction():
            move_to(session().merge(waiting[0]), State.APPROVED)
        assert (waiting_count(cast.emil), state_counts(cast.emil)[State.APPROVED]) == (1, 1)


def test_a_narrowed_list_of_the_desk_is_counted_as_it_is(generation: Numbered, signed_in, cast):
    for number in range(3):
        make_post(title=f"Tide {number}", tags=["Tides"] if number else [], by=cast.wren)
    author, tag = signed_in(cast.wren), session().scalar(select(Tag.id).where(Tag.name == "Tides"))
    narrowed = ("", f"?tag_id={tag}", "?search=Tide+2", "?status=published", f"?status=draft&author_id={cast.wren.id}")
    assert [total_at(author, f"/desk/posts/{each}") for each in narrowed] == ["3", "2", "1", "0", "3"]
