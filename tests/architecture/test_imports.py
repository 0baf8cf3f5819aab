"""Imports go down; each planted fault breaks a contract that names it (ARCHITECTURE 3.2)."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

LINT = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as lint; lint()", "--no-cache"]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(folder / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(LINT, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def copied_house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("house")
    keep_python = shutil.ignore_patterns("static", "templates", "quill", "locale", "__pycache__", "*.md")
    shutil.copytree(ROOT / "src", folder / "src", ignore=keep_python)
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_every_contract_is_kept() -> None:
    answer = lint(ROOT)
    assert answer.returncode == 0, answer.stdout


@pytest.mark.parametrize(
    ("file", "line", "named"),
    [
        ("core/clock.py", "\ndef peek():\n    import inkhorn.posts.models\n", "Floors"),
        ("posts/queries.py", "\nimport inkhorn.posts.services.writing\n", "Inside a domain"),
        ("posts/services/writing.py", "\nimport flask\n", "Verbs do not know the web"),
        ("utils/__init__.py", "", "Floors"),
        ("posts/helpers.py", "", "Inside a domain"),
        ("media/models.py", "\nimport inkhorn.posts.models\n", "Floors"),
        ("posts/views.py", "\nimport inkhorn.posts.tasks\n", "Edges do not enqueue"),
        ("core/clock.py", "\nimport inkhorn.core.database\n", "Core has no knots"),
    ],
)
def test_a_planted_fault_is_named(copied_house: Path, file: str, line: str, named: str) -> None:
    planted = copied_house / "src" / "inkhorn" / file
    if not planted.exists() and planted.with_suffix("").is_dir():
        planted = planted.with_suffix("") / "__init__.py"
    before = planted.read_text() if planted.exists() else None
    planted.parent.mkdir(exist_ok=True)
    try:
        planted.write_text((before or '"""Planted."""\n') + line)
        answer = lint(copied_house)
    finally:
        if before is None:
            planted.unlink()
            if not any(planted.parent.iterdir()):
                planted.parent.rmdir()
        else:
            planted.write_text(before)
    assert answer.returncode != 0
    assert (
        named in answer.stdout + answer.stderr
        or "is not listed" in answer.stdout + answer.stderr
        or file.split("/", maxsplit=1)[0] in answer.stdout
    )
