"""The page at the door: it claims what was measured and nothing else."""

import re

from tests.architecture.tree import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
MEASURED = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


def rows() -> list[list[str]]:
    """The cells of the table of figures, without its heading."""
    table = README.partition("\n## Measured\n")[2].partition("\n## ")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if line.startswith("| ")][2:]


def test_every_figure_stands_in_the_benchmarks():
    known = set(NUMBER.findall(MEASURED))
    foreign = [(what, number) for what, measured, *_aims in rows() for number in NUMBER.findall(measured) if number not in known]
    assert len(rows()) > 4
    assert foreign == [], "benchmarks/README.md was measured anew: bring the table of README.md up to it"


def test_a_planted_figure_is_foreign():
    assert "0.0001234" not in set(NUMBER.findall(MEASURED))


def test_it_shows_one_picture():
    assert re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README) == ["docs/pictures/home.webp"]
