"""Hugo's {{< name >}} and Zola's {{ name() }}: those that mean Markdown become Markdown, the others stay visible and are named."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape

from inkhorn.core.prose.references import outside_code

_ARGUMENT = re.compile(
    r"(?:(?P<name>[A-Za-z_][\w-]*)[ \t\n]*[=:](?!//)[ \t\n]*)?(?:\"(?P<double>(?:[^\"\\]|\\.)*)\"|'(?P<single>[^']*)'|`(?P<raw>[^`]*)`|(?P<bare>[^\s\"'`=,]+))",
    re.DOTALL,
)
_HUGO = re.compile(
    r"\{\{(?P<kind>[<%])[ \t\n]*(?P<close>/?)[ \t]*(?P<name>[\w./-]+)(?P<rest>(?:(?!\{\{)[^}]){0,4000}?)(?P<own>/?)[ \t\n]*[>%]\}\}",
    re.DOTALL,
)
_HUGO_SHOWN = re.compile(r"\{\{(?P<kind>[<%])/\*(?P<inner>.{0,2000}?)\*/[>%]\}\}", re.DOTALL)
_HUGO_HIGHLIGHT = re.compile(r"\{\{[<%][ \t]*highlight[ \t]+(?P<language>[\w+#-]+)[^}\n]{0,500}[>%]\}\}\n?")
_HUGO_HIGHLIGHT_END = re.compile(r"\n?[ \t]{0,20}\{\{[<%][ \t]*/[ \t]*highlight[ \t]*[>%]\}\}")
_ZOLA = re.compile(r"\{\{[ \t]*(?P<name>[A-Za-z_]\w*)\((?P<rest>[^{}]*)\)[ \t]*\}\}", re.DOTALL)
_ZOLA_BLOCK = re.compile(r"\{%[ \t]*(?P<name>[A-Za-z_]\w*)\((?P<rest>[^{}%]*)\)[ \t]*%\}")
_ZOLA_BLOCK_END = re.compile(r"\{%[ \t]*end[ \t]*%\}")


@dataclass
class Arguments:
    """What a shortcode was given, by name and by place."""

    named: dict[str, str] = field(default_factory=dict)
    placed: list[str] = field(default_factory=list)

    def get(self, *names: str, place: int | None = None) -> str:
        for name in names:
            if self.named.get(name):
                return self.named[name]
        return self.placed[place] if place is not None and place < len(self.placed) else ""


Kept = Callable[[str], None]


def arguments_of(text: str) -> Arguments:
    arguments = Arguments()
    for found in _ARGUMENT.finditer(
        text.replace(",", " ") if "=" not in text and "(" not in text and '"' not in text and "'" not in text else text
    ):
        value = next(found[group] for group in ("double", "single", "raw", "bare") if found[group] is not None)
        value = re.sub(r"\\([\"'\\])", r"\1", value)
        if found["name"]:
            arguments.named[found["name"].lower()] = value
        else:
            arguments.placed.append(value)
    return arguments


def change_blocks(text: str, opening: re.Pattern[str], closing: re.Pattern[str], change: Callable[[re.Match[str], str], str | None]) -> str:
    """Change what stands between an opening and the next closing mark; None leaves it, and so does a mark that is never closed."""
    pieces, written = [], 0
    found = opening.search(text)
    while found:
        end = closing.search(text, found.end())
        if end is None:
            break
        other = change(found, text[found.end() : end.start()])
        if other is not None:
            pieces += [text[written : found.start()], other]
            written = end.end()
        found = opening.search(text, end.end())
    return "".join([*pieces, text[written:]])


def picture(source: str, alt: str = "", caption: str = "", link: str = "") -> str:
    """Markdown of a picture; a caption makes it a captioned figure."""
    alt = " ".join((alt or "").split()).replace("[", "\\[").replace("]", "\\]")
    title = f' "{" ".join(caption.split()).replace(chr(34), chr(92) + chr(34))}"' if caption else ""
    destination = f"<{source}>" if re.search(r"[\s()]", source) else source
    image = f"![{alt}]({destination}{title})"
    return f"[{image}]({link})" if link else image


def picture_in_html(source: str, alt: str = "", caption: str = "") -> str:
    """The same within HTML, where Markdown is not read."""
    image = f'<img src="{escape(source)}" alt="{escape(" ".join((alt or "").split()))}">'
    return f"<figure>{image}<figcaption>{escape(caption)}</figcaption></figure>" if caption else image


def video(address: str, title: str = "") -> str:
    """A link of its own line to a film that stood in a frame."""
    found = re.search(r"(?:youtube(?:-nocookie)?\.com/(?:embed/|watch\?v=)|youtu\.be/)([\w-]{6,20})", address)
    if found:
        address = f"https://www.youtube.com/watch?v={found[1]}"
    return f"[{' '.join(title.split())}]({address})" if title else f"<{address}>"


def _figure(given: Arguments) -> str:
    caption = " ".join(part for part in (given.get("title"), given.get("caption", "attr")) if part)
    return picture(
        given.get("src", "path", "url", "source", place=0), given.get("alt", place=1) or caption, caption, given.get("link", "href")
    )


KNOWN: dict[str, Callable[[Arguments], str]] = {
    "figure": _figure,
    "image": _figure,
    "img": _figure,
    "youtube": lambda given: video(f"https://youtu.be/{given.get('id', place=0)}", given.get("title")),
    "vimeo": lambda given: video(f"https://vimeo.com/{given.get('id', place=0)}", given.get("title")),
    "gist": lambda given: f"<https://gist.github.com/{'/'.join(given.placed[:2]) or given.get('url')}>",
    "tweet": lambda given: f"<https://twitter.com/{given.get('user', place=None) or 'i/web'}/status/{given.get('id', place=0)}>",
    "x": lambda given: f"<https://twitter.com/{given.get('user') or 'i/web'}/status/{given.get('id', place=0)}>",
    "ref": lambda given: given.get("path", place=0),
    "relref": lambda given: given.get("path", place=0),
}


def translate_hugo(body: str, kept: Kept) -> str:
    """Hugo's shortcodes as Markdown; kept() is told the name of each that stays."""
    body = change_blocks(body, _HUGO_HIGHLIGHT, _HUGO_HIGHLIGHT_END, lambda opening, code: f"```{opening['language']}\n{code}\n```")

    def replaced(found: re.Match[str]) -> str:
        known = KNOWN.get(found["name"].lower())
        if known is None or found["close"]:
            if not found["close"]:
                kept(found["name"])
            return found[0]
        return known(arguments_of(found["rest"])) or found[0]

    body = outside_code(body, lambda text: _HUGO.sub(replaced, text))
    return _HUGO_SHOWN.sub(lambda found: f"{{{{{found['kind']}{found['inner']}{'>' if found['kind'] == '<' else '%'}}}}}", body)


def translate_zola(body: str, kept: Kept) -> str:
    """Zola's shortcodes as Markdown; kept() is told the name of each that stays."""

    def replaced(found: re.Match[str]) -> str:
        known = KNOWN.get(found["name"].lower())
        if known is None:
            kept(found["name"])
            return found[0]
        return known(arguments_of(found["rest"])) or found[0]

    def block(opening: re.Match[str], inner: str) -> str | None:
        if opening["name"].lower() != "quote":
            kept(opening["name"])
            return None
        author = arguments_of(opening["rest"]).get("author", place=0)
        lines = [*inner.strip().split("\n"), *(["", f"— {author}"] if author else [])]
        return "\n".join(f"> {line}".rstrip() for line in lines)

    def translated(text: str) -> str:
        return _ZOLA.sub(replaced, change_blocks(text, _ZOLA_BLOCK, _ZOLA_BLOCK_END, block))

    return outside_code(body, translated)
