"""Code: coloured on the server by Pygments' class names, and the style sheet that gives them the house's colours."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml, unescapeAll
from markdown_it.token import Token
from pygments.lexer import Lexer
from pygments.lexers import get_all_lexers, get_lexer_by_name
from pygments.token import STANDARD_TYPES, _TokenType
from pygments.token import Token as Kind

from inkhorn.core.prose.sheet import sheet_of

_INFO = re.compile(r"\s*(?P<language>[^\s,{:=]*)")
_RANGES = re.compile(r"(?:^|[\s,])\{([\d\s,-]+)\}|hl_lines=[\"'\[]*([\d\s,\"'-]+)")
_TITLE = re.compile(r"(?:title|name|file|filename)=(?:\"([^\"]*)\"|'([^']*)'|([^\s,}]+))")
_LINES_AT_MOST = 5_000

# Names that people write and Pygments does not know.
_OTHER_NAMES = {"plain": "text", "plaintext": "text", "txt": "text", "none": "text", "js": "javascript", "shell-session": "console"}
_PLAIN = {"", "text", "output"}
# These carry no colour in the style sheet, so a span would only be weight.
_UNMARKED = {"", "w", "p", "n", "x", "err", "esc", "g", "l", "ld", "pm"}

_RENAMED = {"sc": "s1"}

_FAMILIES: tuple[tuple[str, tuple[_TokenType, ...]], ...] = (
    (
        "color: var(--accent); font-weight: 500",
        (Kind.Keyword, Kind.Operator.Word, Kind.Name.Tag, Kind.Generic.Prompt),
    ),
    ("color: var(--success)", (Kind.Literal.String, Kind.Name.Attribute, Kind.Generic.Inserted)),
    ("color: var(--warning)", (Kind.Literal.Number, Kind.Literal.Date, Kind.Name.Constant, Kind.Keyword.Constant, Kind.Name.Entity)),
    ("color: var(--ink-quiet); font-style: italic", (Kind.Comment,)),
    ("color: var(--ink-quiet)", (Kind.Generic.Output, Kind.Generic.Traceback)),
    (
        "font-weight: 600",
        (Kind.Name.Function, Kind.Name.Class, Kind.Name.Exception, Kind.Generic.Heading, Kind.Generic.Subheading, Kind.Generic.Strong),
    ),
    ("color: var(--danger)", (Kind.Generic.Deleted, Kind.Generic.Error)),
    ("color: var(--accent)", (Kind.Name.Decorator, Kind.Comment.Preproc, Kind.Comment.PreprocFile, Kind.Name.Builtin.Pseudo)),
    ("font-style: italic", (Kind.Generic.Emph,)),
    ("font-weight: 600; font-style: italic", (Kind.Generic.EmphStrong,)),
)


@dataclass(frozen=True)
class CodeInfo:
    """What the line above a block of code says of it."""

    language: str
    title: str
    lines: frozenset[int]


def read_info(info: str) -> CodeInfo:
    """Reads `python {1,3-5} title="tide.py"`, and what Zola and Hugo write instead."""
    match = _INFO.match(info)
    language = (match["language"] if match else "").strip().lstrip(".").lower()
    named = _TITLE.search(info)
    title = next(filter(None, named.groups()), "") if named else ""
    lines: set[int] = set()
    for found in _RANGES.finditer(info):
        for part in re.split(r"[\s,\"']+", found[1] or found[2]):
            first, _, last = part.partition("-")
            if first.isdigit() and (not last or last.isdigit()):
                lines.update(range(int(first), min(int(last or first), _LINES_AT_MOST) + 1))
    return CodeInfo(language, title[:200], frozenset(lines))


@cache
def _known_languages() -> frozenset[str]:
    # Asking Pygments for a name it lacks makes it search every installed package for plug-ins, each time.
    return frozenset(alias.lower() for _, aliases, _, _ in get_all_lexers(plugins=False) for alias in aliases)


@cache
def _lexer(language: str) -> Lexer | None:
    name = _OTHER_NAMES.get(language, language)
    if name in _PLAIN or name not in _known_languages():
        return None
    return get_lexer_by_name(name, stripnl=False)


def _marked_lines(code: str, lexer: Lexer | None) -> Iterator[str]:
    """The code's lines as HTML, no span reaching over a line's end."""
    if lexer is None:
        yield from (escapeHtml(line) for line in code.splitlines(keepends=True))
        return
    line: list[str] = []
    for kind, value in lexer.get_tokens(code):
        name = _short_name(kind)
        for part in value.splitlines(keepends=True):
            text = escapeHtml(part.rstrip("\n"))
            line.append(f'<span class="{name}">{text}</span>' if name and text else text)
            if part.endswith("\n"):
                yield "".join(line) + "\n"
                line = []
    yield "".join(line)


@cache
def _short_name(kind: _TokenType) -> str:
    while kind not in STANDARD_TYPES and kind.parent is not None:
        kind = kind.parent
    name = STANDARD_TYPES.get(kind, "")
    # "sc" means small capitals to the theme.
    return "" if name in _UNMARKED else _RENAMED.get(name, name)


def highlight(code: str, lexer: Lexer | None, lines: frozenset[int] = frozenset()) -> str:
    """Code as HTML with the given lines set off."""
    if not lines:
        return "".join(_marked_lines(code, lexer))
    return "".join(
        f'<span class="hll">{line}</span>' if number in lines and line else line
        for number, line in enumerate(_marked_lines(code, lexer), 1)
    )


def _fence(_renderer: object, tokens: Sequence[Token], index: int, _options: object, env: dict[str, Any]) -> str:
    token, sheet = tokens[index], sheet_of(env)
    info = read_info(unescapeAll(token.info))
    lexer = _lexer(info.language) if len(token.content) <= sheet.code_allowance else None
    if lexer is not None:
        sheet.code_allowance -= len(token.content)
    language = lexer.name if lexer else ""
    label = escapeHtml(info.title or language or "Code")
    head = "".join(f"<span>{escapeHtml(part)}</span>" for part in (info.title, language) if part)
    caption = f'<figcaption class="code-head">{head}</figcaption>' if head else ""
    code = highlight(token.content, lexer, info.lines)
    return f'<figure class="highlight">{caption}<pre tabindex="0" role="group" aria-label="{label}"><code>{code}</code></pre></figure>\n'


def install(md: MarkdownIt) -> None:
    md.add_render_rule("fence", _fence)
    md.add_render_rule("code_block", _fence)


def stylesheet() -> str:
    """The theme's rules for code: light and dark come from the tokens, which know both."""
    chosen: dict[str, list[str]] = {}
    for kind, name in STANDARD_TYPES.items():
        rule = _colour_of(kind)
        if rule and name and name not in _UNMARKED | _RENAMED.keys():
            chosen.setdefault(rule, []).append(f".{name}")
    lines = [f"  .highlight :is({', '.join(sorted(names))}) {{ {rule}; }}" for rule, names in chosen.items()]
    return "\n".join(
        [
            "/* From here on made by `python -m inkhorn.core.prose`; change inkhorn/core/prose/highlighting.py instead. */",
            "@layer prose {",
            *lines,
            "}",
            "",
        ]
    )


def _colour_of(kind: _TokenType | None) -> str | None:
    while kind is not None:
        for rule, kinds in _FAMILIES:
            if kind in kinds:
                return rule
        kind = kind.parent
    return None
