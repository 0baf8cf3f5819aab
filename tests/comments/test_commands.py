"""`inkhorn comments`: what an operator sees, decides and forbids from the shell, in words and for programs."""

import json

import pytest

from inkhorn.comments.commands import comments
from inkhorn.comments.models import Comment, State
from inkhorn.core.database import session
from tests.factories.comments import make_comment, make_open_post


@pytest.fixture
def told(app, database):
    """Runs a command; its exit code and what it wrote."""
    runner = app.test_cli_runner()

    def run(*words: object):
        done = runner.invoke(comments, [str(word) for word in words])
        return done.exit_code, done.output

    return run


def state_of(comment: Comment) -> State:
    session().expire_all()
    return session().get_one(Comment, comment.id).state


def test_what_waits_is_listed_for_people_and_for_programs(told, wren):
    post = make_open_post(by=wren, title="The lamp room")
    comment = make_comment(post, state=State.WAITING, body="Which\nkey?", name="Orla", email="orla@example.org")
    make_comment(post)
    code, lines = told("list")
    assert (code, lines.split()[:2], "First comment" in lines, "Which key?" in lines, lines.count("\n")) == (
        0,
        [str(comment.id), "Orla"],
        True,
        True,
        1,
    )
    (row,) = json.loads(told("list", "--json")[1])
    assert {name: row[name] for name in ("id", "post", "kind", "state", "name", "email", "body", "reason", "reports", "parent_id")} == {
        "id": comment.id, "post": "The lamp room", "kind": "comment", "state": "waiting", "name": "Orla", "email": "orla@example.org",
        "body": "Which\nkey?", "reason": "First comment", "reports": 0, "parent_id": None,
    }  # fmt: skip
    assert [row["state"] for row in json.loads(told("list", "--state", "approved", "--json")[1])] == ["approved"]


@pytest.mark.parametrize(
    ("verb", "before", "after", "words"),
    [
        ("approve", State.WAITING, State.APPROVED, "1 approved, 0 refused."),
        ("spam", State.APPROVED, State.SPAM, "1 called spam, 0 refused."),
        ("trash", State.WAITING, State.TRASHED, "1 in the trash, 0 refused."),
        ("restore", State.SPAM, State.WAITING, "1 brought back, 0 refused."),
    ],
)
def test_each_verb_moves_a_comment(told, verb, before, after, words):
    comment = make_comment(make_open_post(), state=before)
    assert told(verb, comment.id) == (0, f"{words}\n")
    assert state_of(comment) is after


def test_what_cannot_be_is_named_and_the_rest_is_done(told):
    post = make_open_post()
    waiting, shown = make_comment(post, state=State.WAITING), make_comment(post)
    code, text = told("approve", "--json", waiting.id, shown.id, 10**6)
    outcomes = json.loads(text)
    assert (code, [each["state"] for each in outcomes]) == (1, ["approved", None, None])
    assert ["approved" in (outcomes[1]["error"] or ""), "no such comment" in outcomes[2]["error"]] == [True, True]


@pytest.mark.parametrize(
    "words",
    [
        ["approve"],
        ["approve", "0"],
        ["approve", "x"],
        ["approve", 2**31],
        ["list", "--state", "nonsense"],
        ["ban", "nowhere"],
        ["ban", "a.test", "--days", "-1"],
    ],
)
def test_nonsense_is_refused_in_words(told, words):
    code, text = told(*words)
    assert code != 0
    assert "Traceback" not in text


def test_somebody_is_kept_out_and_let_in_again(told):
    assert told("ban", "casino.test", "--days", 0, "--reason", "Sells.") == (0, "everybody at casino.test cannot comment any more.\n")
    code, text = told("ban", "Orla@Example.org", "--json")
    assert (code, json.loads(text)["kind"], json.loads(text)["until"] is not None) == (0, "email", True)
    assert [row["who"] for row in json.loads(told("bans", "--json")[1])] == ["orla@example.org", "everybody at casino.test"]
    assert "for good" in told("bans")[1]
    assert told("unban", "@casino.test")[0] == told("unban", "orla@example.org")[0] == 0
    assert told("bans")[1] == ""
    assert told("unban", "casino.test")[0] == 1
