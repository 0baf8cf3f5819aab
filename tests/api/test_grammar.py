"""The grammar of filters, orders and cursors against a model in memory: whatever is asked, the same posts in the same order."""

import operator
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inkhorn.core.database import transaction
from inkhorn.posts.models import Audience, Post, Status
from tests.factories.posts import make_post

DAY = datetime(2026, 5, 1, tzinfo=UTC)
TITLES = ("Alpha", "beta", "Alpha tide", "100%", "under_score", "ÉTÉ")


@dataclass(frozen=True)
class Row:
    """A post as the model knows it."""

    id: int
    title: str
    status: str
    audience: str
    is_featured: bool
    published_at: datetime | None
    tags: frozenset[str]


@pytest.fixture
def rows(wren) -> list[Row]:
    """Two dozen posts that differ in everything that can be asked by."""
    made = []
    for number in range(24):
        status = (Status.PUBLISHED, Status.DRAFT, Status.UNPUBLISHED, Status.PUBLISHED)[number % 4]
        tags = ["Odd"] * (number % 2) + ["Third"] * (number % 3 == 0)
        post = make_post(
            by=wren, title=TITLES[number % 6], status=status, tags=tags, is_featured=number % 5 == 0, audience=list(Audience)[number % 3]
        )
        with transaction() as current:
            held = current.get_one(Post, post.id)
            held.published_at = DAY + timedelta(days=number // 3) if held.published_at else None
        made.append(
            Row(
                held.id, held.title, held.status, held.audience, held.is_featured, held.published_at, frozenset(tag.lower() for tag in tags)
            )
        )
    return made


moments = st.integers(-1, 9).map(lambda days: DAY + timedelta(days=days))
texts = st.sampled_from(["a", "A", "tide", "%", "_", "100%", "Alpha", "zzz", "'"])
numbers = st.lists(st.integers(0, 30), min_size=1, max_size=10, unique=True).map(lambda found: ",".join(map(str, found)))
# Written in any zone: it is the moment that counts.
moments = st.builds(lambda moment, hours: moment.astimezone(timezone(timedelta(hours=hours))), moments, st.integers(-12, 12))
QUESTIONS = st.fixed_dictionaries(
    {},
    optional={
        "filter[status]": st.lists(st.sampled_from([*Status]), min_size=1, max_size=3, unique=True).map(",".join),
        "filter[status][not]": st.lists(st.sampled_from([*Status]), min_size=1, max_size=2, unique=True).map(",".join),
        "filter[id]": numbers,
        "filter[id][not]": numbers,
        "filter[audience][not]": st.sampled_from([*Audience]).map(str),
        "filter[is_featured]": st.sampled_from(["true", "false"]),
        "filter[title]": texts,
        "filter[title][contains]": texts,
        "filter[tag]": st.lists(st.sampled_from(["odd", "third", "none"]), min_size=1, max_size=2, unique=True).map(",".join),
        "filter[published_at][gte]": moments.map(datetime.isoformat),
        "filter[published_at][gt]": moments.map(datetime.isoformat),
        "filter[published_at][lt]": moments.map(datetime.isoformat),
        "filter[published_at][lte]": moments.map(datetime.isoformat),
        "sort": st.sampled_from(["id", "-id", "title", "-title", "published_at", "-published_at"]),
        "page[size]": st.integers(1, 9).map(str),
    },
)


COMPARISONS = {"gt": operator.gt, "gte": operator.ge, "lt": operator.lt, "lte": operator.le}


def is_wanted(row: Row, asked: dict[str, str]) -> bool:
    """What each filter means, said once more and otherwise."""
    limits = [(compare, asked.get(f"filter[published_at][{word}]")) for word, compare in COMPARISONS.items()]
    return all(
        (
            row.status in asked.get("filter[status]", row.status).split(","),
            row.audience != asked.get("filter[audience][not]"),
            row.is_featured == (asked.get("filter[is_featured]", str(row.is_featured)).lower() == "true"),
            row.title == asked.get("filter[title]", row.title),
            lower(asked.get("filter[title][contains]", "")) in lower(row.title),
            not asked.get("filter[tag]") or bool(row.tags & set(asked["filter[tag]"].split(","))),
            str(row.id) in asked.get("filter[id]", str(row.id)).split(","),
            str(row.id) not in asked.get("filter[id][not]", "").split(","),
            row.status not in asked.get("filter[status][not]", "").split(","),
            all(
                row.published_at is not None and compare(row.published_at, datetime.fromisoformat(text)) for compare, text in limits if text
            ),
        )
    )


def lower(text: str) -> str:
    """As SQLite folds letters: those of ASCII alone."""
    return "".join(letter.lower() if letter.isascii() else letter for letter in text)


def in_order(rows: list[Row], sort: str) -> list[int]:
    is_falling, name = sort.startswith("-"), sort.removeprefix("-")
    rising = sorted(rows, key=lambda row: row.id, reverse=is_falling)
    held = [row for row in rising if getattr(row, name) is not None]
    held.sort(key=lambda row: getattr(row, name), reverse=is_falling)
    # What has no date stands last, whichever way.
    return [row.id for row in (*held, *(row for row in rising if getattr(row, name) is None))]


def walked(asker, asked: dict[str, str]) -> Iterator[int]:
    address = "/posts?" + urlencode(asked)
    while address:
        answer = asker.get(address)
        assert answer.status_code == 200, answer.text
        assert len(answer.json["data"]) <= int(asked.get("page[size]", "20"))
        yield from (each["id"] for each in answer.json["data"])
        address = (answer.json["links"]["next"] or "").removeprefix("/api/v1")


@pytest.mark.slow
def test_whatever_is_asked_is_answered_as_the_model_says(program, rows):
    asker = program("wren")

    @settings(max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=[*HealthCheck])
    @given(asked=QUESTIONS)
    def ask(asked: dict[str, str]) -> None:
        wanted = [row for row in rows if is_wanted(row, asked)]
        assert list(walked(asker, asked)) == in_order(wanted, asked.get("sort", "-published_at"))

    ask()


@pytest.mark.slow
def test_a_visitor_is_answered_by_the_same_grammar_over_less(program, rows):
    asker = program("vic")
    seen = [row for row in rows if row.status == Status.PUBLISHED and row.audience == Audience.PUBLIC]

    @settings(max_examples=30, deadline=None, derandomize=True, database=None, suppress_health_check=[*HealthCheck])
    @given(asked=QUESTIONS)
    def ask(asked: dict[str, str]) -> None:
        wanted = [row for row in seen if is_wanted(row, asked)]
        assert list(walked(asker, asked)) == in_order(wanted, asked.get("sort", "-published_at"))

    ask()


NAMES = st.one_of(
    st.sampled_from(
        ["filter", "filter[", "filter[]", "filter[id]", "filter[id][", "filter[id][gt]", "filter[email]", "filter[title][contains]"]
    ),
    st.sampled_from(["sort", "fields", "include", "page[size]", "page[cursor]", "page", "page[", "SORT", " sort", "q"]),
    st.text(max_size=20),
)
VALUES = st.one_of(
    st.text(max_size=30), st.sampled_from(["-1", "1,", ",", "NaN", "1e9", "9" * 40, "id", "-", "--id", "true", "\0", "'", '"'])
)


@pytest.mark.slow
def test_whatever_is_said_is_answered_or_refused_by_its_name(program, rows):
    asker = program("vic")

    @settings(max_examples=300, deadline=None, derandomize=True, database=None, suppress_health_check=[*HealthCheck])
    @given(asked=st.lists(st.tuples(NAMES, VALUES), min_size=1, max_size=3))
    def ask(asked: list[tuple[str, str]]) -> None:
        answer = asker.get("/posts?" + urlencode(asked))
        if answer.status_code != 200:
            assert (answer.status_code, answer.content_type) == (400, "application/problem+json"), answer.text
            assert any(name.startswith(answer.json["errors"][0]["parameter"]) for name, _value in asked)
            return
        assert {name.partition("[")[0] for name, _value in asked} <= {"filter", "sort", "fields", "include", "page"}

    ask()


def test_the_model_tells_apart(rows):
    assert 0 < sum(is_wanted(row, {"filter[tag]": "odd", "filter[status]": "published"}) for row in rows) < len(rows)
    assert in_order(rows, "published_at") != in_order(rows, "-published_at")
