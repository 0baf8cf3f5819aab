"""Small mends that other Markdown dialects need before CommonMark reads them as their authors saw them."""

import re
import textwrap

from inkhorn.transfer.markdown.references import outside_code

_DESTINATION = re.compile(r"(!?\[[^\]\n]*\])\(([^()<>\n\"']*[^\s()<>\"'][ ][^()<>\n\"']*\.[A-Za-z0-9]{2,5})\)")
_MARKED = re.compile(
    r"<(?P<tag>[a-zA-Z][\w-]*)(?P<before>[^<>]*?)[ \t]+markdown[ \t]*=[ \t]*[\"']?(?:1|block|span)[\"']?(?P<after>[^<>]*)>"
)
_BLOCK_TAGS = frozenset("address article aside blockquote details div figure footer header main nav section".split())
_TABLE_OF_CONTENTS = re.compile(
    r"^[ \t]*(?:\[\[?_?TOC_?\]?\]|\$\{?toc\}?|\*[ \t]*TOC[ \t]*\n\{:toc\}|\{:toc\})[ \t]*$\n?", re.MULTILINE | re.IGNORECASE
)
_MORE = re.compile(r"^[ \t]*<!--[ \t]*(?:more|truncate|read[ _-]?more|end[ _-]?excerpt)[ \t]*-->[ \t]*$\n?", re.MULTILINE | re.IGNORECASE)
_PRETTIER = re.compile(
    r"^[ \t]*<!--[ \t]*(?:prettier-ignore(?:-start|-end)?|markdownlint-[\w -]+|toc|tocstop)[ \t]*-->[ \t]*$\n?", re.MULTILINE
)


def mend(body: str) -> str:
    """All of the mends below, outside code."""
    body = open_marked_html(body)
    return outside_code(body, _mend_prose)


def _mend_prose(text: str) -> str:
    text = _MORE.sub("", text)
    text = _PRETTIER.sub("", text)
    # The site draws its own table of contents.
    text = _TABLE_OF_CONTENTS.sub("", text)
    return _DESTINATION.sub(r"\1(<\2>)", text)


def opening_of(body: str) -> str:
    """What the author set above the "more" mark, as the excerpt; empty without a mark."""
    found = _MORE.search(body)
    return body[: found.start()].strip() if found else ""


def open_marked_html(body: str) -> str:
    """Blank lines inside HTML marked markdown="1", so that the Markdown in it is read as Markdown."""
    found = _MARKED.search(body)
    while found:
        body = _open_one(body, found)
        found = _MARKED.search(body, found.start() + 1)
    return body


def _open_one(body: str, found: re.Match[str]) -> str:
    tag = found["tag"]
    opening = f"<{tag}{found['before']}{found['after']}>"
    closing = _closing_of(body, tag, found.end())
    if closing is None or tag.lower() not in (*_BLOCK_TAGS, "p"):
        return body[: found.start()] + opening + body[found.end() :]
    inner = textwrap.dedent(body[found.end() : closing.start()].strip("\n")).strip()
    if tag.lower() == "p":
        # A paragraph cannot hold blocks; a division of the same class can.
        opening, tag = re.sub(r"^<p", "<div", opening, flags=re.IGNORECASE), "div"
    return f"{body[: found.start()].rstrip(' ')}{opening}\n\n{inner}\n\n</{tag}>\n{body[closing.end() :].removeprefix(chr(10))}"


def _closing_of(body: str, tag: str, start: int) -> re.Match[str] | None:
    depth = 1
    for found in re.compile(rf"<(/?){re.escape(tag)}\b[^<>]*>", re.IGNORECASE).finditer(body, start):
        depth += -1 if found[1] else 1
        if depth == 0:
            return found
    return None
