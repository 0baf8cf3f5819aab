"""What docs/security says in numbers is what the code does."""

import re
from datetime import timedelta

import pytest

from inkhorn.accounts import codes, passwords
from inkhorn.accounts.services import sessions, tokens
from inkhorn.accounts.services.invitations import inviting
from inkhorn.core import limits
from tests.architecture.tree import ROOT, SOURCE, modules

PAPER = ROOT / "docs" / "security" / "signing-in.md"


@pytest.fixture(scope="module")
def paper() -> str:
    return PAPER.read_text(encoding="utf-8")


def limit_rows() -> list[str]:
    known = sorted((each for each in vars(limits).values() if isinstance(each, limits.Limit)), key=lambda each: each.name)
    return [f"| `{each.name}` | {each.rates} |" for each in known]


def life_rows() -> list[str]:
    return [f"| {purpose.value} | {limits.in_words(int(life.total_seconds()))} |" for purpose, life in tokens.LIVES.items()]


def test_every_limit_is_named_with_its_windows(paper: str):
    assert [row for row in paper.splitlines() if row.startswith("| `") and " per " in row] == limit_rows()


def test_every_link_and_code_is_named_with_its_life(paper: str):
    assert set(life_rows()) <= set(paper.splitlines())


def test_every_way_in_is_named_and_no_other(paper: str):
    told = set(re.findall(r"^\| `(\w+)` \| .* \| (?:yes|it )", paper, re.MULTILINE))
    used = {way for path in modules(SOURCE / "accounts") for way in re.findall(r'\bway="(\w+)"', path.read_text(encoding="utf-8"))}
    # How a password was changed is noted under the same name.
    assert used - {"reset", "account"} == told


@pytest.mark.parametrize(
    ("sentence", "value"),
    [
        ("At least {} characters for whoever works here", passwords.LEAST_FOR_STAFF),
        ("{} for readers", passwords.LEAST_FOR_READERS),
        ("at most {}; no rules", passwords.MOST),
        ("a score of {} for whoever works here", passwords.LEAST_SCORE_FOR_STAFF),
        ("{} for readers). All", passwords.LEAST_SCORE_FOR_READERS),
        ("argon2id ({} KiB", passwords.MEMORY_KIB),
        ("KiB, {} passes", passwords.PASSES),
        ("change every {} seconds", codes.STEP_SECONDS),
        ("| whoever works here | {} hours |", sessions.STAFF_IDLE // timedelta(hours=1)),
        ("hours | {} days |", sessions.STAFF_ABSOLUTE.days),
        ("| readers and members | {} days |", sessions.MEMBER_IDLE.days),
        ("Invitations live {} days", inviting.LIFE.days),
        ("at most {} minutes old", sessions.FRESH_FOR // timedelta(minutes=1)),
    ],
)
def test_each_number_is_the_codes(paper: str, sentence: str, value: int):
    assert sentence.format(value) in " ".join(paper.split())


def test_one_drift_step_each_way():
    assert codes.DRIFT_SECONDS == codes.STEP_SECONDS


if __name__ == "__main__":
    text = PAPER.read_text(encoding="utf-8")
    text = re.sub(
        r"(\| limit \| windows \|\n\| --- \| --- \|\n)(?:\|.*\n|LIMITS\n)*", lambda m: m[1] + "\n".join(limit_rows()) + "\n", text
    )
    text = re.sub(
        r"(\| purpose \| good for \|\n\| --- \| --- \|\n)(?:\|.*\n|LIVES\n)*", lambda m: m[1] + "\n".join(life_rows()) + "\n", text
    )
    PAPER.write_text(text, encoding="utf-8")
