"""Nothing grows past what one head holds (ARCHITECTURE 3.4)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, SOURCE, TESTS, modules, name_of, parsed

LINES = {"module": 400, "function": 50, "view": 30, "class": 300, "template": 200, "test function": 40, "test file": 300}
MOST_IMPORTS, MOST_PARAMETERS, MOST_FILES, DEEPEST = 20, 6, 16, 3

# name -> reason and owner; a line here is an argument that somebody lost patience with on purpose.
WAIVERS: dict[str, str] = {}


def length(node: ast.AST) -> int:
    return node.end_lineno - node.lineno + 1


def is_view(node: ast.AST) -> bool:
    marks = [ast.unparse(mark) for mark in getattr(node, "decorator_list", [])]
    # Commands declare their access as views do.
    is_command = any(".command(" in mark for mark in marks) or any(mark.startswith("click.") for mark in marks)
    return not is_command and any(mark.startswith(("bp.", "open_to", "access.open_to")) for mark in marks)


def positional(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    is_command = any("click" in ast.unparse(mark) or ".command" in ast.unparse(mark) for mark in node.decorator_list)
    return 0 if is_command else len([each for each in node.args.posonlyargs + node.args.args if each.arg not in ("self", "cls")])


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def faults_in(path: Path, *, is_test: bool = False) -> list[str]:
    tree, found = parsed(path), []
    lines = len(path.read_text(encoding="utf-8").splitlines())
    kind = "test file" if is_test else "module"
    if lines > LINES[kind]:
        found.append(f"{path.name}: {lines} lines; a {kind} has {LINES[kind]} at most: cut it by verb")
    for node in functions(tree):
        what = "test function" if is_test else "view" if is_view(node) else "function"
        if length(node) > LINES[what]:
            found.append(f"{path.name}:{node.lineno} {node.name}: {length(node)} lines; a {what} has {LINES[what]} at most")
        if positional(node) > MOST_PARAMETERS:
            found.append(f"{path.name}:{node.lineno} {node.name}: {positional(node)} positional parameters; {MOST_PARAMETERS} at most")
    big = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef) and length(node) > LINES["class"]]
    found += [f"{path.name}:{node.lineno} {node.name}: {length(node)} lines; a class has {LINES['class']} at most" for node in big]
    imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    if len(imports) > MOST_IMPORTS and path.name != "app.py":
        found.append(f"{path.name}: imports {len(imports)} modules; {MOST_IMPORTS} at most")
    return [fault for fault in found if fault.split(":")[0] not in WAIVERS]


@pytest.mark.parametrize("path", list(modules()), ids=name_of)
def test_a_module_keeps_its_size(path: Path) -> None:
    assert faults_in(path) == []


@pytest.mark.parametrize("path", [path for path in modules(TESTS) if path.name != "conftest.py"], ids=name_of)
def test_a_test_file_keeps_its_size(path: Path) -> None:
    assert faults_in(path, is_test=True) == []


def test_conftest_stays_a_page_and_a_half() -> None:
    assert len((TESTS / "conftest.py").read_text().splitlines()) <= 150


@pytest.mark.parametrize("path", sorted([*SOURCE.rglob("*.html"), *SOURCE.rglob("*.xml")]), ids=name_of)
def test_a_template_keeps_its_size(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LINES["template"]


def test_folders_stay_shallow_and_few() -> None:
    folders = {path.parent for path in modules()} - {SOURCE / "core"}
    assert [name_of(folder) for folder in folders if len(list(folder.glob("*.py"))) > MOST_FILES] == []
    assert [name_of(folder) for folder in folders if len(folder.relative_to(SOURCE).parts) > DEEPEST] == []


@pytest.mark.parametrize(
    ("source", "word"),
    [
        ("x = 1\n" * 401, "401 lines"),
        ("def long():\n" + "    x = 1\n" * 51, "a function has 50"),
        ("@bp.get('/')\ndef view():\n" + "    x = 1\n" * 31, "a view has 30"),
        ("class Big:\n" + "    x = 1\n" * 301, "a class has 300"),
        ("def many(a, b, c, d, e, f, g): ...\n", "7 positional"),
        ("".join(f"import a{n}\n" for n in range(21)), "imports 21"),
    ],
)
def test_a_planted_giant_is_found(tmp_path: Path, source: str, word: str) -> None:
    planted = tmp_path / "planted.py"
    planted.write_text(source)
    assert any(word in fault for fault in faults_in(planted))


def test_every_waiver_still_names_something() -> None:
    names = {path.name for path in (ROOT / "src").rglob("*.py")}
    assert [name for name in WAIVERS if name not in names] == []
