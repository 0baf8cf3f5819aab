"""The source tree as the architecture tests read it."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "inkhorn"
TESTS = ROOT / "tests"


def modules(folder: Path = SOURCE) -> Iterator[Path]:
    """Every Python file under a folder but migrations' versions."""
    return (path for path in sorted(folder.rglob("*.py")) if "versions" not in path.parts)


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def rooms() -> list[Path]:
    """The packages directly under inkhorn."""
    return [folder for folder in sorted(SOURCE.iterdir()) if (folder / "__init__.py").exists()]
