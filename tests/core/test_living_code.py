"""What a room declares is also used: events that are sent, reads that somebody asks for."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

import inkhorn

HOUSE = Path(inkhorn.__file__).parent
EVENTS = [
    (path, name)
    for path in sorted(HOUSE.glob("*/events.py"))
    for name in re.findall(r"^(\w+) = signal\(", path.read_text(encoding="utf-8"), re.MULTILINE)
]
READS = [
    node.name
    for node in ast.parse((HOUSE / "accounts" / "queries.py").read_text(encoding="utf-8")).body
    if isinstance(node, ast.FunctionDef)
]


@cache
def whole_house() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in HOUSE.rglob("*.py"))


@pytest.mark.parametrize(("path", "name"), EVENTS, ids=[f"{path.parent.name}.{name}" for path, name in EVENTS])
def test_every_event_is_sent_by_its_room(path: Path, name: str):
    room = "\n".join(each.read_text(encoding="utf-8") for each in path.parent.rglob("*.py"))
    assert re.search(rf"\b{name}\.send\(|\bis_answered\({name},", room)


@pytest.mark.parametrize("name", READS)
def test_every_read_of_people_is_asked_for(name: str):
    assert len(re.findall(rf"\b{name}\b", whole_house())) > 1
