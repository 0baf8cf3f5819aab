"""A long audit log read page by page: found by an index or looked at within bounds, and nothing between two pages lost."""

from datetime import timedelta

import pytest

from inkhorn.core import audit, clock
from inkhorn.core.audit import Entry, Wanted
from inkhorn.core.database import session, transaction
from tests.plans import plans

MANY = 40


@pytest.fixture
def log(database, clock, monkeypatch):
    """An entry an hour; the house's, but for every tenth which is Ida's about a user."""
    monkeypatch.setattr(audit, "FARTHEST", 8)
    rows = [
        {
            "at": clock.now - timedelta(hours=MANY - number), "details": {}, "actor_label": "ida" if number % 10 == 3 else "inkhorn",
            "action": "accounts.signed_in" if number % 10 == 3 else "posts.revised", "actor_id": 7 if number % 10 == 3 else None,
            "subject_kind": "user" if number % 10 == 3 else "post", "subject_id": 7,
        }
        for number in range(MANY)
    ]  # fmt: skip
    with transaction():
        session().execute(Entry.__table__.insert(), rows)


def hours_ago(hours):
    return clock.now() - timedelta(hours=hours)


QUESTIONS = {
    "everything": Wanted,
    "a person": lambda: Wanted(actor_id=7),
    "a thing": lambda: Wanted(subject_kind="user", subject_id=7),
    "an action": lambda: Wanted(action="accounts.signed_in"),
    "days": lambda: Wanted(since=hours_ago(30), until=hours_ago(10)),
    "a room": lambda: Wanted(action="accounts."),
    "a word": lambda: Wanted(search="ida"),
    "nothing": lambda: Wanted(search="nobody"),
    "a kind and a room": lambda: Wanted(subject_kind="user", action="accounts."),
    "a person and a word": lambda: Wanted(actor_id=7, search="ida"),
    "a person on a day": lambda: Wanted(actor_id=7, since=hours_ago(30)),
    "a word until a day": lambda: Wanted(search="ida", until=hours_ago(10)),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_each_question_is_led_by_an_index_and_nothing_is_sorted(log, question):
    with plans() as steps:
        audit.look(QUESTIONS[question](), many=3, before=30)
        list(audit.entries_in_parts(QUESTIONS[question](), ["id"], part=2))
    assert [step for step in steps if "B-TREE" in step] == []
    # Without a wish that leads, the newest come by their number and are no more than a page or FARTHEST.
    assert {step for step in steps if not step.startswith("SEARCH audit_entry USING")} <= {"SCAN audit_entry"}


def whole(question):
    """All numbers, page after page, and how often looking was given up on the way."""
    found, cuts, before = [], 0, None
    while True:
        seen = audit.look(QUESTIONS[question](), many=3, before=before)
        found += [entry.id for entry in seen.entries]
        cuts += seen.until is not None
        if len(seen.entries) < 3 and seen.until is None:
            return found, cuts
        before = seen.until or found[-1]


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_pages_together_are_the_whole(log, question):
    wanted = list(session().scalars(audit.entries(QUESTIONS[question]()).with_only_columns(Entry.id)))
    assert whole(question)[0] == wanted
    assert [number for (number,) in audit.entries_in_parts(QUESTIONS[question](), ["id"], part=3)] == wanted


@pytest.mark.parametrize(
    ("question", "cuts"), [("everything", 0), ("a person", 0), ("days", 0), ("a person and a word", 0), ("nothing", 5), ("a room", 5)]
)
def test_looking_is_given_up_only_where_no_index_leads(log, question, cuts):
    assert whole(question)[1] == cuts


@pytest.mark.parametrize("question", ["everything", "a room", "a word until a day"])
def test_the_way_back_meets_the_same(log, question):
    there, after = whole(question)[0], 0
    back = []
    while True:
        seen = audit.look(QUESTIONS[question](), many=3, after=after)
        back += [entry.id for entry in seen.entries]
        if len(seen.entries) < 3 and seen.until is None:
            break
        after = seen.until or back[-1]
    assert back == there[::-1]
