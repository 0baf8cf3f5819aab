"""Small mends that other Markdown dialects need before CommonMark reads them as their authors saw them."""

import re
import textwrap

from inkhorn.core.prose.references import outside_code

# Every pattern here is bounded: a text may be made to be slow.
_DESTINATION = re.compile(r"(!?\[[^\[\]\n]{0,1000}\])\(([^()<>\n\"']{0,300}[^\s()<>\"'][ ][^()<>\n\"']{0,300}\.[A-Za-z0-9]{2,5})\)")
_MARKED = re.compile(
    r"<(?P<tag>[a-zA-Z][\w-]*)(?P<before>[^<>]*?)[ \t]+markdown[ \t]*=[ \t]*[\"']?(?:1|block|span)[\"']?(?P<after>[^<>]*)>"
)
_LONE_IMAGE = re.compile(r"^(<img\b[^<>]*>)[ \t]*\n(?=[ \t]*\S)", re.MULTILINE)
_NOSCRIPT = re.compile(r"</?noscript\b[^<>]*>[ \t]*\n?", re.IGNORECASE)
_FORMULA = re.compile(
    r"(?P<mark>\\{1,2})\((?P<inline>(?:(?!\\\()[^\n]){1,500}?)\\{1,2}\)|\\{1,2}\[(?P<block>(?:(?!\\\[)[^$]){1,3000}?)\\{1,2}\]"
)
_MATHEMATICAL = re.compile(r"[\\^_={}]")
_CONTAINER = re.compile(r"^[ \t]*:::+[ \t]*(?P<name>[A-Za-z][\w-]*)?(?P<title>[^\n]*)$")
_FENCE = re.compile(r"^[ \t>]*(`{3,}|~{3,})")
# Containers that our own Markdown knows; figure is turned into what it means.
_CALLOUTS = frozenset("note info important tip hint success warning attention caution danger".split())
# Emphasis that ends in punctuation and runs on in letters: other dialects close it, CommonMark does not.
_UNCLOSED = re.compile(r"\*\*(?=\S)(?P<words>[^*\n]+?[^\w\s*])\*\*(?=\w)")
# No honest text has more; what is left over only loses the mark.
MOST_MARKED = 300
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
    # What stood there for browsers without scripts is what everybody sees here.
    body = outside_code(body, lambda text: _NOSCRIPT.sub("", text))
    body = open_containers(open_marked_html(body))
    return outside_code(body, _mend_prose)


def _mend_prose(text: str) -> str:
    text = _MORE.sub("", text)
    text = _PRETTIER.sub("", text)
    # The site draws its own table of contents.
    text = _TABLE_OF_CONTENTS.sub("", text)
    text = _FORMULA.sub(_formula, text)
    text = _UNCLOSED.sub(r"<strong>\g<words></strong>", text)
    return _DESTINATION.sub(r"\1(<\2>)", text)


def _formula(found: re.Match[str]) -> str:
    """TeX between its own brackets, as our Markdown marks it; brackets around ordinary words stay."""
    inline, block = found["inline"], found["block"]
    if inline is not None and (found["mark"] == "\\\\" or _MATHEMATICAL.search(inline) or len(inline.strip()) <= 3):
        return f"${inline.strip()}$"
    if block is not None and _MATHEMATICAL.search(block):
        return f"$${block.strip()}$$"
    return found[0]


def open_containers(body: str) -> str:
    """Take off ::: containers that have no counterpart here; what they hold stays, a figure's title as its caption."""
    if ":::" not in body:
        return body
    lines: list[str] = []
    held: list[str | None] = []
    fence = ""
    for line in body.split("\n"):
        fence_found = _FENCE.match(line)
        if fence_found:
            fence = "" if fence and fence_found[1].startswith(fence) else fence or fence_found[1]
        found = None if fence else _CONTAINER.match(line)
        if found is None:
            lines.append(line)
        elif found["name"]:
            known = found["name"].lower() in _CALLOUTS
            held.append(None if known else found["title"].strip() if found["name"] == "figure" else "")
            lines += [line] if known else []
        else:
            title = held.pop() if held else None
            lines += [line] if title is None else ["", f"*{title}*"] if title else []
    return "\n".join(lines)


def opening_of(body: str) -> str:
    """What the author set above the "more" mark, as the excerpt; empty without a mark."""
    found = _MORE.search(body)
    return body[: found.start()].strip() if found else ""


def open_marked_html(body: str) -> str:
    """Blank lines inside HTML marked markdown="1", so that the Markdown in it is read as Markdown."""
    found = _MARKED.search(body)
    for _number in range(MOST_MARKED):
        if not found:
            return body
        body = _open_one(body, found)
        found = _MARKED.search(body, found.start() + 1)
    return _MARKED.sub(r"<\g<tag>\g<before>\g<after>>", body)


def _open_one(body: str, found: re.Match[str]) -> str:
    tag = found["tag"]
    opening = f"<{tag}{found['before']}{found['after']}>"
    closing = _closing_of(body, tag, found.end())
    if closing is None or tag.lower() not in (*_BLOCK_TAGS, "p"):
        return body[: found.start()] + opening + body[found.end() :]
    inner = textwrap.dedent(body[found.end() : closing.start()].strip("\n")).strip()
    # A picture alone on its line would make HTML of the words below it.
    inner = _LONE_IMAGE.sub(r"\1\n\n", inner)
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
