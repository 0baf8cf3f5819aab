"""A channel written as RSS 2.0, Atom 1.0 or JSON Feed 1.1."""

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, NamedTuple
from urllib.parse import quote

from inkhorn.feeds.channels import EPOCH, Channel, Cover, Edition, Item
from inkhorn.feeds.shelf import Shelf

_RSS_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"'
    ' xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:media="http://search.yahoo.com/mrss/">\n<channel>\n'
)
_JSON_VERSION = "https://jsonfeed.org/version/1.1"
# Letters that an address may hold as they are; everything else is written with percent signs.
_ADDRESS_SAFE = "%/:?#[]@!$&'()*+,;=~"


class Format(NamedTuple):
    """One of the formats: how an item and the whole are written, what it is called on the wire, how many items it carries."""

    write_item: Callable[[Item], str]
    write: Callable[[Channel, str, Iterable[str]], str]
    content_type: str
    # None for what the settings say.
    items: int | None = None


# About a thousand ordinary items in each process.
_shelf = Shelf(8_000_000)


def document(edition: Edition, wanted: Format, address: str) -> str:
    """The feed at that address; only items that this process has not written before are read in full."""
    keys = [(wanted.content_type, key) for key in edition.keys]
    written = [_shelf.get(key) for key in keys]
    missing = [place for place, part in enumerate(written) if part is None]
    for place, item in zip(missing, edition.items(missing), strict=True):
        written[place] = part = wanted.write_item(item)
        _shelf.put(keys[place], part)
    return wanted.write(edition.channel(), address, [part or "" for part in written])


def _rss(channel: Channel, address: str, items: Iterable[str]) -> str:
    """RSS 2.0, at the address it says of itself."""
    parts = [
        _RSS_HEAD,
        f"<title>{as_text(channel.title)}</title>\n<link>{as_address(channel.page)}</link>\n",
        f'<atom:link href="{as_address(address)}" rel="self" type="application/rss+xml"/>\n',
        f"<description>{as_text(channel.description)}</description>\n<language>{as_text(channel.language)}</language>\n",
        f"<lastBuildDate>{as_rfc822(channel.updated_at)}</lastBuildDate>\n" if channel.updated_at else "",
        "<generator>Inkhorn</generator>\n",
    ]
    return "".join([*parts, *items, "</channel>\n</rss>\n"])


def _rss_item(item: Item) -> str:
    address = as_address(item.address)
    title = f"<title>{as_text(item.title)}</title>\n" if item.title else ""
    authors = "".join(f"<dc:creator>{as_text(person.name)}</dc:creator>\n" for person in item.authors)
    tags = "".join(f"<category>{as_text(tag)}</category>\n" for tag in item.tags)
    return (
        f'<item>\n{title}<link>{address}</link>\n<guid isPermaLink="false">{item.urn}</guid>\n'
        f"<pubDate>{as_rfc822(item.published_at)}</pubDate>\n{authors}{tags}"
        f"<description>{as_text(in_html(item.summary))}</description>\n{_media(item.cover)}"
        f"<content:encoded>{as_cdata(item.html)}</content:encoded>\n</item>\n"
    )


def _media(cover: Cover | None) -> str:
    if cover is None:
        return ""
    size = f' width="{cover.width}" height="{cover.height}"' if cover.width and cover.height else ""
    kind = f'type="{as_text(cover.content_type)}" fileSize="{cover.size_bytes}"'
    return f'<media:content url="{as_address(cover.address)}" medium="image" {kind}{size}/>\n'


def _atom(channel: Channel, address: str, items: Iterable[str]) -> str:
    parts = [
        f'<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{as_text(channel.language)}">\n',
        f"<title>{as_text(channel.title)}</title>\n<subtitle>{as_text(channel.description)}</subtitle>\n<id>{as_address(channel.page)}</id>\n",
        f'<link href="{as_address(channel.page)}" rel="alternate" type="text/html"/>\n',
        f'<link href="{as_address(address)}" rel="self" type="application/atom+xml"/>\n',
        f"<updated>{_rfc3339(channel.updated_at or EPOCH)}</updated>\n<generator>Inkhorn</generator>\n",
        f"<author><name>{as_text(channel.site_name) or 'Inkhorn'}</name><uri>{as_address(channel.root)}/</uri></author>\n",
    ]
    return "".join([*parts, *items, "</feed>\n"])


def _atom_entry(item: Item) -> str:
    language = f' xml:lang="{as_text(item.language)}"' if item.language else ""
    authors = "".join(
        f"<author><name>{as_text(person.name)}</name><uri>{as_address(person.address)}</uri></author>\n" for person in item.authors
    )
    tags = "".join(f'<category term="{as_text(tag)}"/>\n' for tag in item.tags)
    cover = item.cover
    enclosure = (
        f'<link rel="enclosure" href="{as_address(cover.address)}" type="{as_text(cover.content_type)}" length="{cover.size_bytes}"/>\n'
        if cover
        else ""
    )
    summary = f"<summary>{as_text(item.summary)}</summary>\n" if item.summary else ""
    return (
        f"<entry{language}>\n<title>{as_text(_name(item))}</title>\n"
        f'<link href="{as_address(item.address)}" rel="alternate" type="text/html"/>\n<id>{item.urn}</id>\n'
        f"<published>{_rfc3339(item.published_at)}</published>\n"
        f"<updated>{_rfc3339(max(item.published_at, item.updated_at))}</updated>\n{authors}{tags}{summary}{enclosure}"
        f'<content type="html">{as_cdata(item.html)}</content>\n</entry>\n'
    )


def _json(channel: Channel, address: str, items: Iterable[str]) -> str:
    feed: dict[str, Any] = {
        "version": _JSON_VERSION,
        "title": channel.title,
        "description": channel.description,
        "home_page_url": _url(channel.page),
        "feed_url": _url(address),
        "language": channel.language,
    }
    return f'{_dumped(feed)[:-1]},"items":[{",".join(items)}]}}'


def _json_item(item: Item) -> str:
    told: dict[str, Any] = {
        "id": item.urn,
        "url": _url(item.address),
        "title": item.title,
        "content_html": item.html,
        "summary": item.summary,
        "image": _url(item.cover.address if item.cover else item.picture or ""),
        "date_published": _rfc3339(item.published_at),
        "date_modified": _rfc3339(max(item.published_at, item.updated_at)),
        "authors": [{"name": person.name, "url": _url(person.address)} for person in item.authors],
        "tags": list(item.tags),
        "language": item.language,
    }
    # An empty text is a text; every other empty value says nothing.
    return _dumped({key: value for key, value in told.items() if value or key == "content_html"})


def _dumped(told: dict[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def _name(item: Item) -> str:
    """Atom asks for a title even where the post has none: its first words."""
    return item.title or (f"{item.summary[:70].rsplit(' ', 1)[0]}…" if len(item.summary) > 70 else item.summary) or item.address


def as_text(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def in_html(text: str) -> str:
    """Plain words for what readers take for HTML, as they do the description of an RSS item."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def as_cdata(text: str) -> str:
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"


def _url(address: str) -> str:
    return address if address.isascii() else quote(address, safe=_ADDRESS_SAFE)


def as_address(address: str) -> str:
    return as_text(_url(address))


def as_rfc822(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


FORMATS = {
    "feed.xml": Format(_rss_item, _rss, "application/rss+xml; charset=utf-8"),
    "atom.xml": Format(_atom_entry, _atom, "application/atom+xml; charset=utf-8"),
    "feed.json": Format(_json_item, _json, "application/feed+json; charset=utf-8", 50),
}
