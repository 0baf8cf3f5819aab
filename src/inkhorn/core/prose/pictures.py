"""Images: alone with a caption they become figures, several together a gallery, and known ones come in all their sizes."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from inkhorn.core.prose.sheet import Picture, Sheet, sheet_of

_RATIOS = {7: 0.7, 10: 1.0, 13: 1.333, 15: 1.5, 18: 1.778}
_UNKNOWN_RATIO = 1.333
# A row of a gallery is full at this width over height, or with this many pictures.
_ROW_RATIO, _ROW_LENGTH = 3.6, 4
_IMAGE_ADDRESS = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|svg|tiff?|bmp)(?:[?#].*)?$|^/media/", re.IGNORECASE)
_BREAKOUTS = {"wide", "full"}


def picture_html(src: str, alt: str, picture: Picture | None, extra: str = "") -> str:
    """An img element, within a picture element where there are other formats."""
    if picture is None:
        return f'<img src="{escapeHtml(src)}" alt="{escapeHtml(alt)}"{extra} loading="lazy" decoding="async">'
    sizes = f' sizes="{escapeHtml(picture.sizes)}"' if picture.sizes else ""
    modern = [source for source in picture.sources if source.content_type in {"image/avif", "image/webp"}]
    plain = next((source for source in picture.sources if source not in modern), None)
    srcset = f' srcset="{escapeHtml(plain.srcset)}"{sizes}' if plain else ""
    img = (
        f'<img src="{escapeHtml(picture.src)}" alt="{escapeHtml(alt or picture.alt)}" width="{picture.width}" height="{picture.height}"'
        f'{srcset}{extra} loading="lazy" decoding="async">'
    )
    sources = "".join(f'<source type="{escapeHtml(source.content_type)}" srcset="{escapeHtml(source.srcset)}"{sizes}>' for source in modern)
    return _over_blur(f"<picture>{sources}{img}</picture>" if modern else img, picture.blur)


def _over_blur(drawn: str, blur: str) -> str:
    """The picture before a blurred one, which is hidden wherever no style sheet knows what to do with it."""
    if not blur:
        return drawn
    behind = f'<img src="{escapeHtml(blur)}" alt="" loading="lazy" decoding="async">'
    return f'<span class="blurred"><span class="blur" hidden>{behind}</span>{drawn}</span>'


def _image(self: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: dict[str, Any]) -> str:
    token = tokens[index]
    src = str(token.attrs.get("src", ""))
    alt = self.renderInlineAsText(token.children, options, env) if token.children else ""
    extra = "".join(
        f' {name}="{escapeHtml(str(value))}"' for name, value in token.attrs.items() if name in {"title", "id", "class", "lang", "dir"}
    )
    return picture_html(src, alt, sheet_of(env).pictures.get(src), extra)


def _arrange(state: StateCore) -> None:
    """Finds the paragraphs that hold nothing but images."""
    for index, token in enumerate(state.tokens):
        if token.type != "inline" or not token.children or state.tokens[index - 1].type != "paragraph_open":
            continue
        images = _only_images(token.children)
        if len(images) == 1:
            _make_figure(state, index, images[0])
        elif len(images) > 1 and all(link is None or _IMAGE_ADDRESS.search(link) for _, link in images):
            _replace(state.tokens, index, "gallery", images)


Linked = tuple[Token, str | None]


def _only_images(children: Sequence[Token]) -> list[Linked]:
    """The images with their links, or none when there is anything else."""
    images: list[Linked] = []
    link: str | None = None
    for child in children:
        if child.type == "image":
            images.append((child, link))
        elif child.type == "link_open":
            link = str(child.attrs.get("href", ""))
        elif child.type == "link_close":
            link = None
        elif child.type not in {"softbreak", "hardbreak"} and not (child.type == "text" and not child.content.strip()):
            return []
    return images


def _make_figure(state: StateCore, index: int, linked: Linked) -> None:
    image, _ = linked
    classes = set(str(image.attrs.get("class", "")).split()) | set(str(state.tokens[index - 1].attrs.get("class", "")).split())
    title = str(image.attrs.pop("title", "") or "")
    if not title and not classes & _BREAKOUTS:
        return
    image.attrs.pop("class", None)
    caption = state.md.parseInline(title, {"sheet": Sheet()})[0] if title else None
    _replace(state.tokens, index, "figure", [linked])
    state.tokens[index].meta["classes"] = " ".join(sorted(classes & _BREAKOUTS))
    state.tokens[index].meta["caption"] = caption
    # The caption's words are part of the text.
    if caption is not None and caption.children:
        state.tokens[index].children = [*(state.tokens[index].children or []), Token("softbreak", "br", 0), *caption.children]


def _replace(tokens: list[Token], index: int, kind: str, images: list[Linked]) -> None:
    tokens[index - 1].hidden = tokens[index + 1].hidden = True
    inline = tokens[index]
    inline.type = kind
    inline.meta["images"] = images


def _figure(self: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: dict[str, Any]) -> str:
    token = tokens[index]
    image = _linked_image(self, token.meta["images"][0], options, env)
    caption = token.meta["caption"]
    words = self.renderInline(caption.children or [], options, env) if caption is not None else ""
    classes = f' class="{token.meta["classes"]}"' if token.meta["classes"] else ""
    return f"<figure{classes}>{image}{f'<figcaption>{words}</figcaption>' if words else ''}</figure>\n"


def _linked_image(renderer: RendererHTML, linked: Linked, options: Any, env: dict[str, Any], class_name: str = "") -> str:
    image, link = linked
    drawn = _image(renderer, [image], 0, options, env)
    classes = f' class="{class_name}"' if class_name else ""
    return drawn if link is None else f'<a{classes} href="{escapeHtml(link)}">{drawn}</a>'


def _gallery(self: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: dict[str, Any]) -> str:
    sheet = sheet_of(env)
    rows = []
    for row in _rows(tokens[index].meta["images"], sheet):
        cells = (_linked_image(self, (image, link or _full_size(image, sheet)), options, env, f"ar-{step}") for image, link, step in row)
        rows.append(f'<div class="gallery-row">{"".join(cells)}</div>')
    return f'<figure class="wide"><div class="gallery">{"".join(rows)}</div></figure>\n'


def _full_size(image: Token, sheet: Sheet) -> str:
    src = str(image.attrs.get("src", ""))
    return sheet.pictures[src].src if src in sheet.pictures else src


def _rows(images: Sequence[Linked], sheet: Sheet) -> Iterator[list[tuple[Token, str | None, int]]]:
    """Breaks the pictures into rows of about the same proportion."""
    row: list[tuple[Token, str | None, int]] = []
    width = 0.0
    for image, link in images:
        picture = sheet.pictures.get(str(image.attrs.get("src", "")))
        ratio = picture.width / picture.height if picture and picture.height else _UNKNOWN_RATIO
        step = min(_RATIOS, key=lambda step: abs(_RATIOS[step] - ratio))
        row.append((image, link, step))
        width += _RATIOS[step]
        if width >= _ROW_RATIO or len(row) == _ROW_LENGTH:
            yield row
            row, width = [], 0.0
    if row:
        yield row


def install(md: MarkdownIt) -> None:
    md.core.ruler.push("figures", _arrange)
    md.add_render_rule("image", _image)
    md.add_render_rule("figure", _figure)
    md.add_render_rule("gallery", _gallery)
