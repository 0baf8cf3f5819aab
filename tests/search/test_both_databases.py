"""SQLite and PostgreSQL find the same posts as a plain look through all words, whatever is asked."""

import random
from functools import cache

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inkhorn.core.database import session
from inkhorn.posts.models import Post, Status
from inkhorn.posts.queries import PUBLIC
from inkhorn.search import tasks
from inkhorn.search.grammar import FIELDS, Question, Term, understand
from inkhorn.search.index import index
from inkhorn.search.models import SearchEntry
from inkhorn.search.queries import found_posts
from tests.factories.accounts import make_user
from tests.factories.posts import make_post

WORDS = (
    "sea seal season slack water Wasser Straße café naïve Ångström tide tides clock harbour ink don't v1.2 2024 検索 日本語 日本語の検索 東京都 "
    "한국어 ไทย salt salted Łódź über uber E-Mail x O'Neill and or not near"
).split()
QUESTIONS = [
    *("sea", "seal", "seas", "se", "s", "wasser", "WASSER", "cafe", "café", "cafés", "strasse", "straße", "angstrom", "Ångström"),
    *(
        "slack water",
        '"slack water"',
        '"water slack"',
        '"slack wat',
        "slack -water",
        "-slack water",
        '-"slack water" slack',
        "don't",
        "dont",
    ),
    *("author:ida", "author:Castellane", 'author:"ida castellane"', 'author:"castellane wren"', "author:wren sea", "-author:ida sea"),
    *("tag:ink", "tag:salt", 'tag:"salt and wind"', "tag:sal", "-tag:salt tide", "tag:ink author:ida", "tag:検索"),
    *("検索", "検", "語", "日本語", "本語", "日本語の検索", "の検", "京都", "한국", "국어", "ไทย", "ทย", "東京 検索", '"検索 日本語"'),
    *("v1", "v1.2", '"1 2"', "2024", "e-mail", "email", "o'neill", "lodz", "uber", "AND", "NOT sea", "near(", "sea*", "se* -", "x", "xx"),
    *(
        "before:2025 sea",
        "after:2025-06 sea",
        "before:2026-02-02 after:2025-12-24",
        "after:2025 -sea",
        "before:2024",
        "naive clock harbour",
    ),
    *("sea sea sea", "title:sea", "{body}:sea", "100% sea_", "'; DROP TABLE post; --", "sea\0water", "(((", '"""', "🦀", "sea 🦀", "-sea"),
]


def fill(clock) -> None:
    """Two hundred posts of few words, the same on every call."""
    draw = random.Random(4)
    ida, wren = (make_user(name=name, email=f"{name[:3]}@example.org").id for name in ("Ida Castellane", "Wren Adeyemi"))
    for number in range(200):
        make_post(
            title=" ".join(draw.sample(WORDS, 2)),
            body=" ".join(draw.choices(WORDS, k=draw.randint(0, 12))) + ".",
            tags=draw.sample(["Ink", "Salt and wind", "検索", "Łódź"], draw.randint(0, 2)),
            author_ids=draw.sample([ida, wren], draw.randint(1, 2)),
            status=Status.PUBLISHED if number % 5 else Status.DRAFT,
        )
        clock.forward(days=4)
    tasks.catch_up()


@pytest.fixture(scope="module")
def filled(both: tuple[Flask, Flask]) -> tuple[Flask, Flask]:
    from inkhorn.core.clock import freeze
    from tests.frozen import Clock

    for app in both:
        with app.app_context():
            fill(Clock())
    freeze(None)
    return both


def found_on(app: Flask, text: str) -> set[int]:
    with app.app_context():
        found = found_posts(understand(text), PUBLIC, timezone="UTC", size=1000)
        assert found.total == len(found.post_ids)
        return set(found.post_ids)


@cache
def everything(app: Flask) -> list[tuple[Post, SearchEntry]]:
    with app.app_context():
        rows = session().execute(Post.__table__.join(SearchEntry.__table__).select().where(PUBLIC)).all()
        return list(rows)


def looked_through(app: Flask, text: str) -> set[int]:
    question = understand(text)
    return {row.id for row in everything(app) if question.asks_something and answers(row, question)}


def answers(row, question: Question) -> bool:
    day = row.published_at.date()
    in_time = (not question.before or day < question.before) and (not question.after or day >= question.after)
    return in_time and all(holds(row, term) for term in question.wanted) and not any(holds(row, term) for term in question.unwanted)


def holds(row, term: Term) -> bool:
    sequence = f" {' '.join(term.words)}" + ("" if term.is_prefix else " ")
    mapped = row._mapping
    kept = {field: mapped[SearchEntry.__table__.c[field]] for field in FIELDS}
    return any(sequence in kept[field] for field in ([term.field] if term.field else FIELDS))


@pytest.mark.postgres
@pytest.mark.parametrize("text", QUESTIONS)
def test_both_find_what_a_look_through_all_words_finds(filled: tuple[Flask, Flask], text: str) -> None:
    sqlite, postgresql = filled
    expected = looked_through(sqlite, text)
    assert found_on(sqlite, text) == expected
    assert found_on(postgresql, text) == expected


def test_most_of_the_questions_find_something_and_some_do_not(filled: tuple[Flask, Flask]) -> None:
    finding = sum(bool(found_on(filled[0], text)) for text in QUESTIONS)
    assert len(QUESTIONS) >= 60
    assert 60 <= finding < len(QUESTIONS)


PIECES = st.one_of(
    st.sampled_from([*WORDS, *"\" - * ( ) : ^ { } + , author: tag: before:2025 AND NOT OR NEAR/2 % _ \\ ' ; | & ! <->".split(), " "]),
    st.text(max_size=6),
)


@pytest.mark.postgres
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PIECES, max_size=8).map("".join) | st.lists(PIECES, max_size=8).map(" ".join))
def test_no_text_breaks_either_and_both_agree(filled: tuple[Flask, Flask], text: str) -> None:
    sqlite, postgresql = filled
    assert found_on(sqlite, text) == found_on(postgresql, text) == looked_through(sqlite, text)


@pytest.mark.postgres
def test_what_either_database_looks_words_up_in_is_sound(filled: tuple[Flask, Flask]) -> None:
    for app in filled:
        with app.app_context():
            assert index().is_sound()
