"""WordPress's own shortcodes as the HTML they stand for; others stay visible and are named."""

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from inkhorn.transfer.wordpress.pairs import Marks, Pair
from inkhorn.transfer.wordpress.survey import Attachment

# No pattern may walk the same letters again for each of its beginnings: a hostile body would take minutes.
_ATTRIBUTE = re.compile(r"""\s*+(?:([\w-]++)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|[“”″]([^“”″]*+)[“”″]|([^\s"']++))|"([^"]++)"|([^\s"']++))""")
_CODE = Marks(
    re.compile(r"\[(code|sourcecode|source|php|python|css|html|bash|js|javascript|xml|sql)\b", re.IGNORECASE),
    re.compile(r"([^\]\n]*+)\]"),
    r"\[/{}\]",
)
_CAPTION = Marks(re.compile(r"\[(caption|wp_caption)\b", re.IGNORECASE), re.compile(r"((?:[^\]\"]++|\"[^\"]*+\")*+)\]"), r"\[/{}\]")
_CAPTIONED = re.compile(r"\s*+((?:<a\b[^>]*+>\s*+)?<img\b[^>]*+>(?:\s*+</a>)?)(.*)", re.DOTALL | re.IGNORECASE)
_EMBED = Marks(re.compile(r"\[(embed)\b", re.IGNORECASE), re.compile(r"([^\]\n]*+)\]"), r"\[/{}\]")
_GALLERY = re.compile(r"(?<!\[)\[(gallery|playlist)\b([^\[\]\n]{0,2000}+)\](?!\])", re.IGNORECASE)
_PLAYER = re.compile(r"(?<!\[)\[(audio|video)\b([^\[\]\n]{0,2000}+)\](?!\])(?:([^\[\]\n]{0,2000}+)\[/\1\])?", re.IGNORECASE)
_ESCAPED = re.compile(r"\[(\[[a-z][^\[\]\n]{0,2000}+\])\]", re.IGNORECASE)
_LONE_ADDRESS = re.compile(r"^[ \t]*+(https?://[^\s<>\"]++)[ \t]*+$", re.MULTILINE)
_BLOCK_EMBED = re.compile(
    r"<figure\b(?=[^<>]*?wp-block-embed)[^<>]*+>\s*+<div[^<>]*+>\s*+(https?://[^\s<>\"]++)\s*+</div>\s*+"
    r"(?:<figcaption[^<>]*+>((?:[^<]++|<(?!/?figcaption\b))*+)</figcaption>\s*+)?</figure>",
    re.IGNORECASE,
)
_UNKNOWN = re.compile(
    r"(?<![\[\\\]])\[/?([a-z][a-z0-9_-]{2,40}+)((?:\s++[\w-]++\s*+=\s*+[^\[\]\n]{0,2000}+)?)\s*+/?\](?![\](:])", re.IGNORECASE
)
_CLOSING = re.compile(r"\[/([a-z][a-z0-9_-]{2,40}+)\]", re.IGNORECASE)
_VERBATIM = Marks(re.compile(r"<(pre|code|script|style|textarea)\b", re.IGNORECASE), re.compile(r"()"), r"</{}\s*+>")
_MEDIA_KEYS = ("src", "mp3", "m4a", "ogg", "wav", "wma", "flac", "mp4", "m4v", "webm", "ogv", "wmv", "flv", "mov", "url")
# Plugins' shortcodes that commonly stand without attributes.
_FAMILIAR = {
    "contact-form",
    "youtube",
    "vimeo",
    "slideshare",
    "polldaddy",
    "twitter",
    "tweet",
    "soundcloud",
    "googlemaps",
    "toc",
    "recent-posts",
}


@dataclass
class Expansion:
    """What was found while shortcodes were expanded, for the report."""

    attachments: Mapping[str, Attachment]
    # The numbers of the files that belong to the post, for a gallery that names none.
    own: list[str]
    # (severity word, what, why)
    unknown: dict[str, int] = field(default_factory=dict)
    links: int = 0
    galleries: int = 0
    missing: list[str] = field(default_factory=list)


def expand_shortcodes(text: str, expansion: Expansion) -> str:
    """The text with every shortcode of WordPress itself put into HTML."""
    text = _CODE.sub(_code, text)
    return _outside_verbatim(text, lambda piece: _expand(piece, expansion))


def _outside_verbatim(text: str, change: Callable[[str], str]) -> str:
    pieces, end = [], 0
    for pair in _VERBATIM.pairs(text):
        pieces += [change(text[end : pair.start]), text[pair.start : pair.end]]
        end = pair.end
    pieces.append(change(text[end:]))
    return "".join(pieces)


def _expand(text: str, expansion: Expansion) -> str:
    if "wp-block-embed" in text:
        text = _BLOCK_EMBED.sub(lambda match: _link(match[1], expansion, caption=match[2] or ""), text)
    if "[" in text:
        text = _CAPTION.sub(_caption, text)
        text = _EMBED.sub(lambda pair: _link(pair.content, expansion), text)
        text = _GALLERY.sub(lambda match: _gallery(match, expansion), text)
        text = _PLAYER.sub(lambda match: _player(match, expansion), text)
        closed = set(_CLOSING.findall(text))
        for match in _UNKNOWN.finditer(text):
            if match[2] or match[1].lower() in _FAMILIAR or match[1] in closed:
                expansion.unknown[match[1]] = expansion.unknown.get(match[1], 0) + (not match[0].startswith("[/"))
        text = _ESCAPED.sub(r"\1", text)
    return _LONE_ADDRESS.sub(lambda match: _link(match[1], expansion), text)


def attributes_of(text: str) -> dict[str, str]:
    """A shortcode's attributes; what stands without a name is numbered from "0"."""
    found: dict[str, str] = {}
    for name, *values in _ATTRIBUTE.findall(text):
        found[name.lower() if name else str(len(found))] = html.unescape(next((value for value in values if value), ""))
    return found


def _code(pair: Pair) -> str:
    attributes = attributes_of(pair.attributes)
    name = pair.name.lower()
    language = attributes.get("language") or attributes.get("lang") or (name if name not in ("code", "sourcecode", "source") else "")
    content = pair.content.strip("\r\n")
    # Both editors wrote entities into code, older plugins did not.
    if "&lt;" in content or "&gt;" in content or "&amp;" in content:
        content = html.unescape(content)
    mark = f' class="language-{html.escape(re.sub(r"[^A-Za-z0-9+#-]", "", language), quote=True)}"' if language else ""
    return f"\n\n<pre><code{mark}>{html.escape(content, quote=False)}</code></pre>\n\n"


def _caption(pair: Pair) -> str:
    parts = _CAPTIONED.fullmatch(pair.content)
    if parts is None:
        return pair.content
    caption = parts[2].strip() or html.escape(attributes_of(pair.attributes).get("caption", ""), quote=False)
    legend = f"<figcaption>{caption}</figcaption>" if caption else ""
    return f"\n\n<figure>{parts[1]}{legend}</figure>\n\n"


def _link(address: str, expansion: Expansion, *, caption: str = "") -> str:
    expansion.links += 1
    address = html.unescape(address.strip())
    shown = html.escape(address, quote=True)
    more = f"<p>{caption}</p>" if caption else ""
    return f'\n\n<p><a href="{shown}">{shown}</a></p>{more}\n\n'


def _gallery(match: re.Match[str], expansion: Expansion) -> str:
    attributes = attributes_of(match[2])
    numbers = re.findall(r"\d+", attributes.get("ids") or attributes.get("include") or "") or expansion.own
    excluded = set(re.findall(r"\d+", attributes.get("exclude", "")))
    expansion.missing += [number for number in numbers if number not in expansion.attachments]
    files = [expansion.attachments[number] for number in numbers if number in expansion.attachments and number not in excluded]
    if not files:
        expansion.unknown[match[1]] = expansion.unknown.get(match[1], 0) + 1
        return match[0]
    expansion.galleries += 1
    draw = _listed if match[1].lower() == "playlist" else _pictured
    return "\n\n" + "\n\n".join(draw(file) for file in files) + "\n\n"


def _pictured(file: Attachment) -> str:
    caption = f"<figcaption>{html.escape(file.caption, quote=False)}</figcaption>" if file.caption else ""
    return f'<figure><img src="{html.escape(file.url)}" alt="{html.escape(file.alt)}">{caption}</figure>'


def _listed(file: Attachment) -> str:
    return f'<p><a href="{html.escape(file.url)}">{html.escape(file.title or file.url)}</a></p>'


def _player(match: re.Match[str], expansion: Expansion) -> str:
    attributes = attributes_of(match[2])
    address = (
        next((attributes[key] for key in _MEDIA_KEYS if attributes.get(key)), "") or attributes.get("0", "") or (match[3] or "").strip()
    )
    if not re.match(r"https?://|/", address):
        expansion.unknown[match[1]] = expansion.unknown.get(match[1], 0) + 1
        return match[0]
    # Very old audio shortcodes carry settings after a bar.
    address = address.split("|")[0]
    expansion.links += 1
    name = html.escape(address.rstrip("/").rpartition("/")[2] or address)
    return f'\n\n<p><a href="{html.escape(address)}">{name}</a></p>\n\n'
