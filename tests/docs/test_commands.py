"""Whatever a paper tells somebody to type or to set is taken by this very version."""

import re
import tomllib
from pathlib import Path

import pytest

from inkhorn.core.config import settings_of_config
from tests.architecture.tree import ROOT
from tests.docs.commands import fault_of, lines_of, words_of
from tests.docs.tree import DOCS, blocks

PAPERS = [*sorted(ROOT.glob("*.md")), *sorted(DOCS.rglob("*.md")), ROOT / "benchmarks" / "README.md"]
SETTINGS = {each.name: each for each in settings_of_config()}
# What tests and their tools are told, which no site reads.
OF_TESTS = re.compile(r"INKHORN_TEST_\w+")


def name_of(paper: Path) -> str:
    return str(paper.relative_to(ROOT))


@pytest.mark.parametrize("paper", PAPERS, ids=name_of)
def test_every_command_in_a_block_is_one(paper: Path):
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    faults = []
    for line in [line for block in blocks(paper, "sh", "bash") for line in lines_of(block)]:
        for program, *words in words_of(line):
            if program.rpartition("/")[2] == "inkhorn" and (fault := fault_of(words)):
                faults.append(f"{line}: {fault}")
            if program == "make":
                faults += [f"{line}: make has no {word}" for word in words if "=" not in word and word not in targets]
    assert faults == []


@pytest.mark.parametrize("paper", PAPERS, ids=name_of)
def test_every_command_in_a_sentence_is_one(paper: Path):
    text = re.sub(r"^(`{3,}).*?^\1", "", paper.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    # "list|export" and "…" tell of several at once.
    spoken = [" ".join(each.split()) for each in re.findall(r"`inkhorn ([a-z][^`|…]*)`", text)]
    unfinished = re.compile("wants |requires an argument")
    faults = [f"inkhorn {each}: {fault}" for each in spoken if (fault := fault_of(words_of(each)[0])) and not unfinished.search(fault)]
    assert faults == []


@pytest.mark.parametrize("paper", PAPERS, ids=name_of)
def test_every_setting_that_is_named_is_one(paper: Path):
    text = paper.read_text(encoding="utf-8")
    named = {each.removeprefix("INKHORN_").lower() for each in re.findall(r"\bINKHORN_[A-Z_]+\b", OF_TESTS.sub("", text))}
    unknown = {each for each in named - {"", "key"} if each not in SETTINGS and each.removesuffix("_file") not in SETTINGS}
    for block in blocks(paper, "toml"):
        unknown |= {each for each in tomllib.loads(block) if each not in SETTINGS}
    assert unknown - ({"tool"} if "importlinter" in text else set()) == set()


@pytest.mark.parametrize(
    ("planted", "fault"),
    [
        ("inkhorn frobnicate", "frobnicate"),
        ("inkhorn backup --everything", "--everything"),
        ("inkhorn mail list --state lost", "lost"),
        ("inkhorn jobs retry", "NUMBER"),
        ("inkhorn doctor now", "now"),
        ("inkhorn jobs list --limit many", "many"),
        ("INKHORN_DATA=x inkhorn status | inkhorn restor", "restor"),
    ],
)
def test_a_planted_command_is_refused(planted: str, fault: str):
    faults = [fault_of(words) for _program, *words in words_of(planted)]
    assert any(fault in each for each in faults)


def test_a_block_is_read_as_a_shell_reads_it():
    block = (
        "inkhorn import \\\n  markdown x  # and so on\ncat > a <<'END'\ninkhorn nothing\nEND\nX=1 inkhorn status > file && inkhorn doctor\n"
    )
    words = [each for line in lines_of(block) for each in words_of(line)]
    assert words == [["inkhorn", "import", "markdown", "x"], ["cat"], ["inkhorn", "status"], ["inkhorn", "doctor"]]
