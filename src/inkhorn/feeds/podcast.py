"""A show as podcast programs and directories read it: RSS 2.0 with the tags of Apple and of Podcasting 2.0, and chapters as JSON."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID, uuid5

from inkhorn.core import settings
from inkhorn.core.database import session
from inkhorn.core.links import site_root
from inkhorn.core.settings import SiteSettings
from inkhorn.feeds.documents import as_address, as_cdata, as_rfc822, as_text, in_html
from inkhorn.feeds.texts import full_text, legal
from inkhorn.media.models import Asset, Episode, Show
from inkhorn.media.sounds import about_in_html, about_in_words, open_episodes

# Directories want all of them, and read no more than about so many.
MOST_EPISODES = 500
CHAPTERS_TYPE = "application/json+chapters"
# What the podcast namespace says that the numbers of shows are made in.
_NAMESPACE = UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6")
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"'
    ' xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
    ' xmlns:podcast="https://podcastindex.org/namespace/1.0">\n<channel>\n'
)


class Podcast(NamedTuple):
    """A show's feed: what it says, and when that last changed."""

    text: str
    changed_at: datetime | None


def podcast(show: Show, address: str) -> Podcast:
    """The feed of a show that anybody may hear, at that address; two queries however many episodes there are."""
    site, root = settings.read(SiteSettings), site_root()
    episodes = session().scalars(open_episodes(show, is_member=False).limit(MOST_EPISODES)).unique().all()
    changed = [show.updated_at, *(moment for each in episodes for moment in (each.updated_at, each.published_at) if moment)]
    parts = [_HEAD, *_channel(show, site, root, address), *(_item(each, show, root) for each in episodes), "</channel>\n</rss>\n"]
    return Podcast("".join(parts), max(changed, default=None))


def chapters_file(episode: Episode) -> str:
    """The chapters as Podcasting 2.0 has them."""
    told = [{"startTime": each["at"], "title": each["title"] or f"{number}"} for number, each in enumerate(episode.chapters, 1)]
    return json.dumps({"version": "1.2.0", "chapters": told}, ensure_ascii=False, separators=(",", ":"))


def _channel(show: Show, site: SiteSettings, root: str, address: str) -> Iterable[str]:
    author = legal(show.author or site.title)
    yield f"<title>{_line(show.title)}</title>\n<link>{as_address(root + show.path)}</link>\n"
    yield f'<atom:link href="{as_address(address)}" rel="self" type="application/rss+xml"/>\n'
    yield f"<description>{_line(in_html(_words(show) or show.title))}</description>\n"
    yield f"<language>{as_text(show.language or site.language)}</language>\n<generator>Inkhorn</generator>\n"
    yield f"<itunes:author>{as_text(author)}</itunes:author>\n<itunes:type>episodic</itunes:type>\n"
    yield f"<itunes:explicit>{_truth(show.is_explicit)}</itunes:explicit>\n"
    if show.category:
        yield f'<itunes:category text="{as_text(show.category)}"/>\n'
    if show.owner_email:
        mail = as_text(legal(show.owner_email))
        yield f"<itunes:owner><itunes:name>{as_text(author)}</itunes:name><itunes:email>{mail}</itunes:email></itunes:owner>\n"
        yield f'<podcast:locked owner="{mail}">yes</podcast:locked>\n'
    if show.cover:
        picture = as_address(root + _plain(show.cover))
        yield f'<itunes:image href="{picture}"/>\n'
        yield f"<image><url>{picture}</url><title>{_line(show.title)}</title><link>{as_address(root + show.path)}</link></image>\n"
    yield f"<podcast:guid>{uuid5(_NAMESPACE, show.uuid)}</podcast:guid>\n<podcast:medium>podcast</podcast:medium>\n"


def _item(episode: Episode, show: Show, root: str) -> str:
    address = root + episode.path
    asset = episode.asset
    parts = [
        f"<item>\n<title>{_line(episode.title)}</title>\n<itunes:title>{_line(episode.title)}</itunes:title>\n",
        f'<link>{as_address(address)}</link>\n<guid isPermaLink="false">urn:uuid:{UUID(episode.uuid)}</guid>\n',
        f"<pubDate>{as_rfc822(episode.published_at)}</pubDate>\n" if episode.published_at else "",
        f"<description>{as_cdata(_html(episode, address))}</description>\n",
        f"<itunes:summary>{_line(_words(episode) or episode.title)}</itunes:summary>\n",
        f'<enclosure url="{as_address(root + asset.path)}" length="{asset.size_bytes}" type="{as_text(asset.content_type)}"/>\n',
        f"<itunes:duration>{round(episode.seconds)}</itunes:duration>\n<itunes:explicit>{_truth(episode.is_explicit)}</itunes:explicit>\n",
        f"<itunes:episodeType>{episode.kind.value}</itunes:episodeType>\n",
    ]
    if episode.season:
        parts.append(f"<itunes:season>{episode.season}</itunes:season>\n<podcast:season>{episode.season}</podcast:season>\n")
    if episode.number:
        parts.append(f"<itunes:episode>{episode.number}</itunes:episode>\n<podcast:episode>{episode.number}</podcast:episode>\n")
    if episode.chapters:
        parts.append(f'<podcast:chapters url="{as_address(address)}chapters.json" type="{CHAPTERS_TYPE}"/>\n')
    if show.author:
        parts.append(f"<podcast:person>{_line(show.author)}</podcast:person>\n")
    return "".join([*parts, "</item>\n"])


def _words(sound: Show | Episode) -> str:
    return " ".join(about_in_words(sound))


def _html(episode: Episode, address: str) -> str:
    """What it says of itself as programs show it: simple, with whole addresses, the sanitiser last."""
    return full_text(about_in_html(episode) or f"<p>{as_text(episode.title)}</p>", None, address=address, language=None)


def _line(text: str) -> str:
    return as_text(" ".join(legal(text).split()))


def _truth(is_so: bool) -> str:  # noqa: FBT001 - a word for a truth
    return "true" if is_so else "false"


def _plain(asset: Asset) -> str:
    """The picture in a format that directories take: JPEG or PNG, the largest there is."""
    plain = [each for each in asset.renditions if each.content_type in ("image/jpeg", "image/png")]
    if asset.content_type in ("image/jpeg", "image/png") or not plain:
        return asset.path
    return plain[-1].path
