"""docs/faults.md has a line for every fault that the house must survive, and every test it names is there."""

import re
from collections import Counter

import pytest

from tests.architecture.tree import ROOT
from tests.security.test_asvs import is_there

PAPER = ROOT / "docs" / "faults.md"
WANTED = {f"R{number}" for number in (*range(1, 7), 8, 9, 12, 13, 15, 17, *range(19, 23), *range(24, 31), 32, 33, 34)}


def rows(text: str) -> dict[str, tuple[list[str], str]]:
    """The tests of each fault, and how often its long form tries it."""
    found = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if re.fullmatch(r"R\d+", cells[0]):
            found[cells[0]] = re.findall(r"`(tests/[^`]+)`", cells[2]), cells[3]
    return found


@pytest.fixture(scope="module")
def paper() -> str:
    return PAPER.read_text(encoding="utf-8")


def missing(text: str) -> list[str]:
    told = Counter(re.findall(r"^\| (R\d+) \|", text, re.MULTILINE))
    found = [f"{name}: {times} lines" for name, times in told.items() if times != 1 or name not in WANTED]
    found += [f"{name}: no line" for name in WANTED - set(told)]
    for name, (tests, long_form) in rows(text).items():
        found += [f"{name}: names no test"] if not tests else []
        found += [f"{name}: there is no {test}" for test in tests if not is_there(test)]
        found += [] if re.fullmatch(r"-|\d+", long_form) else [f"{name}: says not how often"]
    return sorted(found)


def test_every_fault_has_its_line_and_every_named_test_is_there(paper: str) -> None:
    assert missing(paper) == []


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("| R8 |", "| R80 |", "R8: no line"),
        ("::test_a_full_log_stops_nobody", "::test_gone", "R17: there is no tests/faults/test_full_disks.py::test_gone"),
        ("| 500 |", "| often |", "R26: says not how often"),
    ],
)
def test_a_planted_fault_is_noticed(paper: str, before: str, after: str, fault: str) -> None:
    assert fault in missing(paper.replace(before, after))
