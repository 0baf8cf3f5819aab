"""docs/security/asvs.md has a line for every requirement that it must answer, and every test it names is there."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import pytest

from tests.architecture.tree import ROOT, parsed

PAPER = ROOT / "docs" / "security" / "asvs.md"
# Section, then the requirements of levels 1 and 2 in it that ask something of this house.
WANTED = """
1.1 1-2
1.2 1-5 9
1.3 1-7 10-11
1.4 2
1.5 1-2
2.1 1-3
2.2 1-3
2.3 1-4
2.4 1
3.2 1-2
3.3 1-4
3.4 1-6
3.5 1-5
3.7 1-2
4.1 1-3
4.2 1
5.1 1
5.2 1-3
5.3 1-2
5.4 1-3
6.1 1-3
6.2 1-12
6.3 1-4
6.4 1-4
6.5 1-5
6.6 2-3
6.8 1-2 4
7.1 1-3
7.2 1-4
7.3 1-2
7.4 1-5
7.5 1-2
7.6 1-2
8.1 1-2
8.2 1-3
8.3 1
9.1 1-3
9.2 1-4
10.1 1-2
10.2 1-2
10.3 1-4
10.5 1-4
11.1 1-2
11.2 1-3
11.3 1-3
11.4 1-4
11.5 1
11.6 1
12.1 1-2
12.2 1-2
12.3 1-4
13.1 1
13.2 1-5
13.3 1-2
13.4 1-5
14.1 1-2
14.2 1-4
14.3 1-3
15.1 1-3
15.2 1-3
15.3 1-7
16.1 1
16.2 1-5
16.3 1-4
16.4 1-3
16.5 1-3
"""
NOT_FOR_US = """
1.2 6-8
1.3 8-9
1.4 1 3
4.3 1-2
4.4 1-4
6.6 1
6.8 3
8.4 1
10.4 1-11
10.5 5
10.6 1-2
10.7 1-3
12.1 3
17.1 1
17.2 1-4
17.3 1-2
"""
BEYOND, APART = "Of level 3, taken up all the same", "What does not apply"
LEAST_REASON = 40
NAMES_A_PAPER = re.compile(r"\]\([\w./-]+\.md\)")
# Beside the checkout where this house is built, and nowhere else.
CHECKLIST = ROOT.parent / "shared" / "SECURITY_CHECKLIST.md"


@dataclass(frozen=True)
class Line:
    """One row of the paper."""

    number: str
    asks: str
    held_by: str
    tests: tuple[str, ...]

    @property
    def reason(self) -> str:
        """Why it is open; "" where it is not."""
        return self.held_by.partition("**Open**")[2].strip(" :,.")


def expanded(told: str) -> set[str]:
    """The single ids of lines such as "6.8 1-2 4" or "10.4.1-11"."""
    found = set()
    for section, parts in re.findall(r"^(\d+\.\d+)[ .](.+)$", told, re.MULTILINE):
        for part in parts.split():
            first, _, last = part.partition("-")
            found |= {f"{section}.{number}" for number in range(int(first), int(last or first) + 1)}
    return found


def rows(paper: str) -> Iterator[tuple[str, list[str]]]:
    """Heading and cells of every row of every table."""
    for part in paper.split("\n## ")[1:]:
        heading, _, body = part.partition("\n")
        cells = ([cell.strip() for cell in line.strip().strip("|").split("|")] for line in body.splitlines() if line.startswith("|"))
        yield from ((heading, row) for row in cells if re.match(r"\d", row[0]))


def lines(paper: str) -> list[tuple[str, Line]]:
    told = [(heading, row) for heading, row in rows(paper) if heading != APART]
    return [(heading, Line(row[0], row[1], row[2], tuple(re.findall(r"`(tests/[^`]+)`", row[3])))) for heading, row in told]


@cache
def functions_in(path: str) -> frozenset[str]:
    """The tests that stand in a file, by name."""
    file = ROOT / path
    if not file.is_file():
        return frozenset()
    return frozenset(node.name for node in ast.walk(parsed(file)) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"))


def is_there(test: str) -> bool:
    path, _, name = test.partition("::")
    return name in functions_in(path)


def faults(paper: str) -> list[str]:
    """What the paper leaves out, says twice, or names in vain."""
    read = lines(paper)
    here = Counter(line.number for heading, line in read if heading != BEYOND)
    apart = Counter(number for heading, row in rows(paper) if heading == APART for number in expanded(row[0]))
    found = [f"{number}: no line" for number in expanded(WANTED) - set(here)]
    found += [f"{number}: not asked for here" for number in set(here) - expanded(WANTED)]
    found += [f"{number}: neither held nor said not to apply" for number in expanded(NOT_FOR_US) - set(apart)]
    found += [f"{number}: applies" for number in set(apart) - expanded(NOT_FOR_US)]
    found += [f"{number}: twice" for number, times in (here + apart).items() if times > 1]
    for heading, line in read:
        chapter = heading.split()[0]
        if heading != BEYOND and not line.number.startswith(f"{chapter}."):
            found.append(f"{line.number}: stands in chapter {chapter}")
        if not line.asks or not line.held_by:
            found.append(f"{line.number}: says nothing")
        if not line.tests and "**Open**" not in line.held_by and not NAMES_A_PAPER.search(line.held_by):
            found.append(f"{line.number}: names no test")
        if "**Open**" in line.held_by and len(line.reason) < LEAST_REASON:
            found.append(f"{line.number}: is open for no reason")
        found += [f"{line.number}: there is no {test}" for test in line.tests if not is_there(test)]
    return sorted(found)


@pytest.fixture(scope="module")
def paper() -> str:
    return PAPER.read_text(encoding="utf-8")


def test_every_requirement_has_its_line_and_every_named_test_is_there(paper: str):
    assert faults(paper) == []
    assert (len(expanded(WANTED)), len(expanded(NOT_FOR_US))) == (212, 41)


def test_whatever_stands_where_tests_are_named_is_the_name_of_one(paper: str):
    """A word that is no test would go unnoticed."""
    for heading, row in rows(paper):
        if heading != APART and row[3] != "-":
            assert re.fullmatch(r"`tests/[\w/]+\.py::test_\w+`(?:, `tests/[\w/]+\.py::test_\w+`)*", row[3]), row[0]


def test_every_requirement_of_the_checklist_is_among_them():
    if not CHECKLIST.exists():
        pytest.skip("the checklist is not beside this checkout")
    table = CHECKLIST.read_text(encoding="utf-8").partition("## 2.")[0]
    listed = {
        found for line in table.splitlines() if line.startswith("| ") for found in re.findall(r"\b\d+\.\d+\.\d+\b", line.split("|")[1])
    }
    assert listed == expanded(WANTED)


def row_of(paper: str, number: str) -> str:
    return re.search(rf"^\| {re.escape(number)} \|.*\n", paper, re.MULTILINE)[0]


CHANGES = {
    "7.4.4: no line": lambda text: text.replace(row_of(text, "7.4.4"), ""),
    "7.4.4: twice": lambda text: text.replace(row_of(text, "7.4.4"), row_of(text, "7.4.4") * 2),
    "6.6.1: neither held nor said not to apply": lambda text: text.replace(row_of(text, "6.6.1"), ""),
    "6.2.2: applies": lambda text: f"{text}| 6.2.2 | No. |\n",
    "11.9.1: not asked for here": lambda text: text.replace("| 7.1.1 |", "| 11.9.1 |"),
    "8.3.1: stands in chapter 10": lambda text: text.replace(row_of(text, "8.3.1"), "").replace(
        row_of(text, "10.1.1"), row_of(text, "8.3.1") + row_of(text, "10.1.1")
    ),
    "6.2.10: there is no tests/accounts/test_credentials.py::test_renamed": lambda text: text.replace(
        "::test_a_password_stays_good_for_years", "::test_renamed"
    ),
    "3.7.1: there is no tests/security/test_gone.py::test_a_planted_one_is_found": lambda text: text.replace(
        row_of(text, "3.7.1"), row_of(text, "3.7.1").replace("test_scripts_and_pages.py", "test_gone.py")
    ),
    "3.5.5: names no test": lambda text: text.replace(row_of(text, "3.5.5"), "| 3.5.5 | Messages | Nobody listens | - |\n"),
    "3.5.4: is open for no reason": lambda text: text.replace(row_of(text, "3.5.4"), "| 3.5.4 | Hosts | **Open**: later. | - |\n"),
}


@pytest.mark.parametrize("fault", CHANGES)
def test_a_planted_fault_is_noticed(paper: str, fault: str):
    assert fault in faults(CHANGES[fault](paper))
