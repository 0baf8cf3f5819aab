"""The papers and the site made of them, as these tests read both."""

import importlib.util
import re
from collections.abc import Iterator
from functools import cache
from html import unescape
from pathlib import Path
from types import ModuleType
from urllib.parse import unquote, urlsplit

from tests.architecture.tree import ROOT

DOCS = ROOT / "docs"
FENCED = re.compile(r"^(?P<fence>`{3,})(?P<kind>\w*)\n(?P<text>.*?)^(?P=fence)$", re.MULTILINE | re.DOTALL)


@cache
def module_of_docs(name: str) -> ModuleType:
    """A module that lives beside the papers, such as the one that builds the site."""
    spec = importlib.util.spec_from_file_location(f"docs_{name}", DOCS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def blocks(paper: Path, *kinds: str) -> list[str]:
    """The fenced blocks of a paper that are of one of these kinds."""
    return [each["text"] for each in FENCED.finditer(paper.read_text(encoding="utf-8")) if each["kind"] in kinds]


def dead_links(site: Path) -> list[str]:
    """Each link of a built site that leads to no file of it, or to a place that its page does not have."""
    return sorted(set(_dead_links(site)))


def _dead_links(site: Path) -> Iterator[str]:
    pages = {path: path.read_text(encoding="utf-8") for path in site.rglob("*.html")}
    places = {path: {unescape(each) for each in re.findall(r'<[a-z][^>]*\sid="([^"]+)"', text)} for path, text in pages.items()}
    for path, text in pages.items():
        for address in re.findall(r'<[a-z][^>]*\s(?:href|src)="([^"]+)"', text):
            parts = urlsplit(unescape(address))
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            known = places.get(target, {unquote(parts.fragment)}) | {"", "top"}
            if not target.is_file() or unquote(parts.fragment) not in known:
                yield f"{path.relative_to(site)}: {address}"


def foreign_parts(site: Path) -> list[str]:
    """What pages of a built site would fetch from another host."""
    fetched = re.compile(
        r'<(?:script|link|img|source|iframe)\b[^>]*\b(?:src|href|srcset)="((?:https?:)?//[^"]+)"|url\(["\']?((?:https?:)?//[^)"\']+)'
    )
    return sorted(
        f"{path.relative_to(site)}: {each[0] or each[1]}"
        for path in site.rglob("*")
        if path.suffix in (".html", ".css")
        for each in fetched.findall(path.read_text(encoding="utf-8"))
    )
