"""Commits once, no drawers, no imports hidden in functions, a sentence atop every module."""

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, SOURCE, modules, name_of, parsed, rooms

BANNED_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "base", "manager", "handler", "service", "lib"}
# core/jobs.py claims and finishes rows in short transactions of its own, through transaction() as everybody else.
COMMIT = re.compile(r"session\.commit\(|current\.commit\(")

# Imports inside functions that stand for a reason.
HIDDEN_IMPORTS: dict[str, str] = {
    "src/inkhorn/accounts/passwords.py": "zxcvbn's lists cost sixteen megabytes, and few processes ever see a new password",
    "src/inkhorn/accounts/identity/passkeys.py": "WebAuthn costs thirteen megabytes, and few processes ever see a passkey",
    "src/inkhorn/accounts/identity/oauth.py": "Authlib brings a hundred modules at every start, and few sites have a provider to sign in with",
    "src/inkhorn/accounts/identity/openid.py": "as above",
    "src/inkhorn/transfer/services/own_texts.py": "YAML costs three megabytes, and only who takes their own data along needs it",
    "src/inkhorn/core/prose/maths.py": "the tables of TeX symbols cost memory that sites without a formula need not pay",
    "src/inkhorn/transfer/services/keeping/snapshots.py": "the migration library costs eight megabytes, and only who makes a backup needs it",
    "src/inkhorn/core/storage/choosing.py": "obstore costs fifteen megabytes, and only a site with a bucket needs it",
}


def hidden_imports(tree: ast.Module) -> list[int]:
    bodies = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return sorted({inner.lineno for body in bodies for inner in ast.walk(body) if isinstance(inner, ast.Import | ast.ImportFrom)})


def test_the_source_commits_in_one_place() -> None:
    commits = [name_of(path) for path in modules() for _ in COMMIT.findall(path.read_text(encoding="utf-8"))]
    assert commits == ["src/inkhorn/core/database.py"]


def test_a_planted_commit_is_found() -> None:
    assert COMMIT.search("    db.session.commit()")


@pytest.mark.parametrize("path", list(modules()), ids=name_of)
def test_a_module_opens_with_one_sentence(path: Path) -> None:
    opening = ast.get_docstring(parsed(path))
    assert opening, "say in one sentence what will be found here"
    assert opening.splitlines()[0].rstrip().endswith((".", ":", ";")) or len(opening.splitlines()) > 1


@pytest.mark.parametrize("path", [path for path in modules() if path.name == "__init__.py"], ids=name_of)
def test_init_holds_a_docstring_and_at_most_says_what_stands_inside(path: Path) -> None:
    """A room's own holds its docstring; a package that was cut out of one module may name what that module offered."""
    body = parsed(path).body[1:]
    if path.parent == SOURCE:
        assert len(body) == 1
    elif path.parent.parent == SOURCE:
        assert body == []
    else:
        assert all(isinstance(each, ast.ImportFrom) or ast.unparse(each).startswith("__all__") for each in body)


def test_what_anybody_may_read_is_said_in_one_place() -> None:
    """What narrows it one day, such as posts for members, must not be forgotten on a page or in a feed."""
    own_words = [
        name_of(path)
        for room in ("site", "feeds")
        for path in modules(SOURCE / room)
        if "Status.PUBLISHED" in path.read_text(encoding="utf-8")
    ]
    assert own_words == []


def test_nothing_is_called_a_drawer() -> None:
    names = [path for path in modules() if path.stem in BANNED_NAMES or path.parent.name in BANNED_NAMES]
    assert [name_of(path) for path in names] == []


@pytest.mark.parametrize("path", list(modules()), ids=name_of)
def test_no_import_hides_in_a_function_without_a_reason(path: Path) -> None:
    if name_of(path) not in HIDDEN_IMPORTS:
        assert hidden_imports(parsed(path)) == []


def test_a_planted_hidden_import_is_found() -> None:
    assert hidden_imports(ast.parse("def sly():\n    import os\n")) == [2]


def test_every_todo_has_an_issue() -> None:
    loose = re.compile(r"#\s*(TODO|FIXME|XXX)(?!.*#\d+)")
    assert [name_of(path) for path in modules() if loose.search(path.read_text(encoding="utf-8"))] == []


def test_the_map_shows_every_room() -> None:
    drawn = (ROOT / "docs" / "map.md").read_text(encoding="utf-8")
    assert [room.name for room in rooms() if f"`{room.name}/`" not in drawn] == []


def test_the_locks_name_no_place_to_fetch_from() -> None:
    locks = [*ROOT.glob("requirements*.lock")]
    assert len(locks) == 3
    assert [lock.name for lock in locks if "://" in (text := lock.read_text(encoding="utf-8")) or "index-url" in text] == []
    assert '"resolved"' not in (ROOT / "tests" / "tools" / "package-lock.json").read_text(encoding="utf-8")


def test_the_version_is_the_first_in_the_changelog() -> None:
    first = re.search(r"^## (\d+\.\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    shipped = re.search(r'__version__ = "([^"]+)"', (SOURCE / "__init__.py").read_text(encoding="utf-8"))
    assert first
    assert shipped
    assert first[1] == shipped[1]
