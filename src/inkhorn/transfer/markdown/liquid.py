"""Liquid and Nunjucks tags of Jekyll and Eleventy: those that mean Markdown become Markdown, the others stay visible and are named."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from inkhorn.transfer.markdown.shortcodes import Kept, arguments_of, change_blocks, picture, picture_in_html, video

_RAW = re.compile(r"\{%-?\s*raw\s*-?%\}")
_RAW_END = re.compile(r"\{%-?\s*endraw\s*-?%\}")
_STRAY_RAW = re.compile(r"\{%-?\s*(?:end)?raw\s*-?%\}")
_COMMENT = re.compile(r"\{%-?\s*comment\s*-?%\}")
_COMMENT_END = re.compile(r"\{%-?\s*endcomment\s*-?%\}")
_HIGHLIGHT = re.compile(r"^(?P<indent>[ \t]*)\{%-?\s*highlight\s+(?P<language>[\w+#.-]+)[^%\n]{0,500}-?%\}\n?", re.MULTILINE)
_HIGHLIGHT_END = re.compile(r"\n?[ \t]{0,20}\{%-?\s*endhighlight\s*-?%\}")
_TAG = re.compile(r"\{%-?\s*(?P<name>\w+)(?P<rest>(?:[^%\"']|\"[^\"]{0,600}\"|'[^']{0,600}'|%(?!\})){0,1500}?)-?%\}", re.DOTALL)
_OUTPUT = re.compile(r"\{\{-?\s*(?P<inside>(?:[^{}\"']|\"[^\"]{0,600}\"|'[^']{0,600}'){0,1500}?)\s*-?\}\}", re.DOTALL)
_HTML_BLOCK = re.compile(
    r"\n*[ ]{0,3}</?(?:address|article|aside|blockquote|center|dd|details|div|dl|dt|fig(?:ure|caption)|footer|h[1-6]|header|li|main|nav|ol|p|section|table|t[bdhr]|ul)\b",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"^\s*(?:\"([^\"]*)\"|'([^']*)')\s*$", re.DOTALL)
_PICTURE_INCLUDE = re.compile(r"(?:figure|image|img|picture|photo)", re.IGNORECASE)
# Filters that only make an address of a path.
_ADDRESS_FILTERS = frozenset(("url", "relative_url", "absolute_url", "asset_path", "uri_escape", "strip", "escape"))
_SHIELD = "\ue000{}\ue001"
_SHIELDED = re.compile("\ue000(\\d+)\ue001")


@dataclass
class Setting:
    """What the tags of one text may ask for."""

    # "site.baseurl", "page.title" and the like.
    names: Mapping[str, str] = field(default_factory=dict)
    # Address of the post that {% post_url %} or {% link %} names.
    address_of: Callable[[str], str | None] = field(default=lambda _name: None)


def translate_liquid(body: str, setting: Setting, kept: Kept) -> str:
    """Tags as Markdown; kept() is told the name of each that stays. Liquid runs before Markdown, so code is no shelter, {% raw %} is."""
    shielded: list[str] = []

    def shield(inner: str) -> str:
        shielded.append(inner)
        return _SHIELD.format(len(shielded) - 1)

    body = body.replace("\ue000", "").replace("\ue001", "")
    body = change_blocks(body, _RAW, _RAW_END, lambda _opening, inner: shield(inner))
    body = change_blocks(body, _HIGHLIGHT, _HIGHLIGHT_END, _fence)
    body = change_blocks(body, _COMMENT, _COMMENT_END, lambda _opening, inner: f"<!--{inner.replace('--', '- -')}-->")
    body = _TAG.sub(lambda found: _tag(found, setting, kept), body)
    body = _OUTPUT.sub(lambda found: _output(found, setting, kept), body)
    body = _STRAY_RAW.sub("", body)
    return _SHIELDED.sub(lambda found: shielded[int(found[1])], body)


def _fence(opening: re.Match[str], code: str) -> str:
    indent = opening["indent"]
    return f"{indent}```{opening['language']}\n{code}\n{indent}```"


def _tag(found: re.Match[str], setting: Setting, kept: Kept) -> str:
    name, rest = found["name"], found["rest"].strip()
    given = arguments_of(rest)
    draw = picture_in_html if _stands_in_html(found.string, found.start()) else picture
    match name:
        case "image" | "asset" | "img":
            return draw(_rooted(given.get("src", place=0)), given.get("alt", place=1), given.get("caption"))
        case "image_with_class":
            return draw(_rooted(given.get("src", place=0)), given.get("alt", place=2))
        case "youtube":
            return video(f"https://youtu.be/{given.get('id', place=0)}")
        case "gist":
            return f"<https://gist.github.com/{given.get('id', place=0)}>"
        case "post_url" | "link":
            address = setting.address_of(given.get(place=0))
            if address:
                return address
        case "include" if given.placed and _PICTURE_INCLUDE.search(given.placed[0]):
            source = given.get("src", "url", "image", "image_path", "path", "file")
            if source and "{{" not in source:
                return draw(source, given.get("alt"), given.get("caption", "title"))
        case "raw" | "endraw":
            return found[0]
    kept(name)
    return found[0]


def _stands_in_html(text: str, position: int) -> bool:
    """Whether the paragraph began as a block of HTML, in which Markdown would not be read."""
    start = text.rfind("\n\n", 0, position)
    return bool(_HTML_BLOCK.match(text, start + 2 if start >= 0 else 0, position))


def _rooted(path: str) -> str:
    return path if path.startswith(("/", "http:", "https:", "./", "../")) else f"/{path}"


def _output(found: re.Match[str], setting: Setting, kept: Kept) -> str:
    value, *filters = (part.strip() for part in found["inside"].split("|"))
    quoted = _QUOTED.match(value)
    words = (quoted[1] or quoted[2] or "") if quoted else setting.names.get(value)
    for step in filters:
        name, _, rest = step.partition(":")
        if words is None:
            break
        if name in _ADDRESS_FILTERS or (name in ("prepend", "append") and "site." in rest):
            # An address that was broken over two lines, in a quotation perhaps.
            words = re.sub(r"\s*\n[>\s]*", "", words)
            continue
        words = video(words, arguments_of(rest).get(place=0)) if name == "embed" else None
    if words is None:
        kept(found["inside"].split("|")[-1].split(":")[0].strip() if filters else value[:40])
        return found[0]
    return words
