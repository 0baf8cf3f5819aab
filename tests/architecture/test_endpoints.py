"""A desk page, its view, its template and the verb it calls share one name (ARCHITECTURE 3.3)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.tree import SOURCE, modules, parsed, rooms

DESK_ROOMS = ("accounts", "media", "posts")
# Views that only show something, or answer for the browser; they need no verb below them.
SHOWING = ("show_", "list_", "edit_", "write_", "preview_", "compare_", "serve_", "sign_", "try_", "ask_")


def views_of(room: Path) -> Iterator[ast.FunctionDef]:
    for path in modules(room):
        if path.stem == "views" or "views" in path.parts:
            for node in parsed(path).body:
                if isinstance(node, ast.FunctionDef) and any("bp." in ast.unparse(mark) for mark in node.decorator_list):
                    yield node


def verbs_of(room: Path) -> set[str]:
    files = [path for path in modules(room) if path.stem == "services" or "services" in path.parts]
    return {node.name for path in files for node in parsed(path).body if isinstance(node, ast.FunctionDef)}


def is_post_only(view: ast.FunctionDef) -> bool:
    return all(ast.unparse(mark).startswith("bp.post") for mark in view.decorator_list if "bp." in ast.unparse(mark))


def strangers(room: Path) -> list[str]:
    """Views that answer POST and share their name with no verb of the room."""
    verbs = verbs_of(room)
    return [view.name for view in views_of(room) if is_post_only(view) and not view.name.startswith(SHOWING) and view.name not in verbs]


@pytest.mark.parametrize("room", [room for room in rooms() if room.name in DESK_ROOMS], ids=lambda room: room.name)
def test_a_writing_view_shares_its_name_with_its_verb(room: Path) -> None:
    bulk = [name for name in strangers(room) if name.startswith(("move_", "upload_"))]
    assert [name for name in strangers(room) if name not in bulk] == []


@pytest.mark.parametrize("room", [room for room in rooms() if room.name in DESK_ROOMS], ids=lambda room: room.name)
def test_a_page_has_the_name_of_its_view(room: Path) -> None:
    views = {view.name for view in views_of(room)}
    pages = [path.stem for path in (room / "templates" / room.name).glob("*.html") if not path.stem.startswith("_")]
    assert [page for page in pages if page not in views] == []


def test_a_planted_stranger_is_found(tmp_path: Path) -> None:
    (tmp_path / "views.py").write_text('@bp.post("/x")\ndef frobnicate_post(): ...\n')
    (tmp_path / "services.py").write_text("def publish_post(): ...\n")
    assert strangers(tmp_path) == ["frobnicate_post"]


def test_blueprints_are_named_for_their_rooms() -> None:
    for room in rooms():
        for path in modules(room):
            for node in ast.walk(parsed(path)):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "Blueprint":
                    assert ast.literal_eval(node.args[0]) == room.name, path
    assert (SOURCE / "app.py").exists()
