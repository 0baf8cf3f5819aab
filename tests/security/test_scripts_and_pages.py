"""What no script and no page of ours may hold: dead techniques, made-up code, messages of other windows, fields that refuse a paste."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.tree import SOURCE

# ASVS 3.7.1: what browsers no longer run, or never should have.
DEAD = re.compile(
    r"<(?:object|embed|applet|param|frame|frameset|keygen|marquee|bgsound|isindex)\b|\.swf\b|silverlight|shockwave|ActiveXObject"
    r"|application/x-(?:java|nacl|pnacl|ppapi)|navigator\.plugins|document\.all\b|attachEvent|openDatabase\(|applicationCache|showModalDialog",
    re.IGNORECASE,
)
# Text that becomes code, or markup that no sanitiser saw.
MADE_UP = re.compile(
    r"\beval\s*\(|\bFunction\s*\(|\bset(?:Timeout|Interval)\s*\(\s*[\"'`]|\bimport\s*\((?!\s*[\"'])|javascript:|\bdocument\.write"
    r"|\.(?:inner|outer)HTML\b|insertAdjacentHTML|createContextualFragment|\bsrcdoc\b|\son[a-z]+\s*=\s*[\"']"
)
# ASVS 3.5.5: nobody listens, so no origin need be checked; whoever begins to must argue for it here and check.
MESSAGES = re.compile(r"postMessage|\bonmessage|[\"'`]message(?:error)?[\"'`]|BroadcastChannel|MessageChannel|SharedWorker")
# ASVS 6.2.7: what a page would do to keep passwords from being pasted or filled in.
MEDDLING = re.compile(r"[\"'`](?:before)?paste[\"'`]|\bon(?:paste|copy|cut)\b|clipboardData")

# Beside the text of a post and in the library: a pasted picture becomes an upload. No page with a password loads them.
TAKES_FILES = {"pasting.js", "uploads.js"}


def scripts() -> list[Path]:
    return sorted(path for kind in ("*.js", "*.mjs") for path in SOURCE.rglob(kind))


def pages() -> list[Path]:
    return sorted(SOURCE.rglob("*.html"))


def found(pattern: re.Pattern[str], paths: list[Path]) -> Iterator[str]:
    for path in paths:
        yield from (f"{path.relative_to(SOURCE)}: {match[0]}" for match in pattern.finditer(path.read_text(encoding="utf-8")))


def test_nothing_is_overlooked():
    assert len(scripts()) > 5
    assert len(pages()) > 60


@pytest.mark.parametrize("pattern", [DEAD, MADE_UP], ids=["dead", "made up"])
def test_no_script_or_page_uses_what_is_dead_or_made_up(pattern):
    """ASVS 3.7.1."""
    assert list(found(pattern, [*scripts(), *pages()])) == []


def test_no_script_hears_messages_of_other_windows():
    """ASVS 3.5.5."""
    assert list(found(MESSAGES, scripts())) == []


def test_no_script_or_page_meddles_with_pasting():
    """ASVS 6.2.7."""
    others = [path for path in scripts() if path.name not in TAKES_FILES]
    assert list(found(MEDDLING, [*others, *pages()])) == []


PLANTED = [
    *((DEAD, text) for text in ("<object data=x>", '<embed src="a.swf">', "<APPLET>", "new ActiveXObject(x)", "document.all.x")),
    *((MADE_UP, text) for text in ("eval (x)", "new Function('x')", "setTimeout('x', 1)", "box.innerHTML = x", "import(name)")),
    *((MADE_UP, text) for text in ('<a href="javascript:x">', "<p onclick='x'>", "document.write(x)")),
    *((MESSAGES, text) for text in ("addEventListener('message', f)", "window.onmessage = f", "parent.postMessage(x, '*')")),
    *((MEDDLING, text) for text in ('addEventListener("paste", f)', "<input onpaste='return false'>")),
]


@pytest.mark.parametrize(("pattern", "text"), PLANTED, ids=[text for _, text in PLANTED])
def test_a_planted_one_is_found(pattern, text):
    assert pattern.search(text)
