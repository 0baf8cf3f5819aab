"""The papers exist, are fresh and name what there is (ARCHITECTURE 1.26)."""

import importlib.util
import re
from types import ModuleType

import click
import pytest
from click.testing import CliRunner

from inkhorn.cli import main
from tests.architecture.tree import ROOT, SOURCE, modules, parsed


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_reference_is_what_the_code_says(generator: ModuleType) -> None:
    assert generator.stale() == []


def test_the_reference_is_the_same_after_a_command_was_called(generator: ModuleType) -> None:
    before = generator.cli_page()
    CliRunner().invoke(main, ["--help"])
    CliRunner().invoke(main.get_command(click.Context(main), "status"), ["--help"])
    assert generator.cli_page() == before


def test_a_planted_change_makes_the_reference_stale(generator: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generator, "cli_page", lambda: "something new")
    assert generator.stale() == ["cli.md"]


def test_every_setting_is_in_the_example(generator: ModuleType) -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    missing = [each.name for each in generator.settings_of_config() if f"INKHORN_{each.name.upper()}=" not in example]
    assert missing == []


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "LICENSE", "NOTICES.md", "docs/map.md"])
def test_the_paper_is_written(name: str) -> None:
    assert len((ROOT / name).read_text(encoding="utf-8")) > 500


def test_every_link_between_the_papers_leads_somewhere() -> None:
    papers = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    named = {paper: re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", paper.read_text(encoding="utf-8")) for paper in papers}
    dead = [f"{paper.name}: {target}" for paper, targets in named.items() for target in targets if not (paper.parent / target).exists()]
    assert dead == []


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = sorted(int(path.name[:4]) for path in (ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    assert numbers == list(range(1, len(numbers) + 1))


def test_every_public_function_of_core_is_typed_or_told() -> None:
    loose = [path.name for path in modules(SOURCE / "core") for node in parsed(path).body if getattr(node, "returns", True) is None]
    assert loose == []
