"""The addresses that programs read: feeds of the site, of tags and authors; sitemaps; robots.txt."""

import hashlib
from datetime import datetime

from flask import Blueprint, Response, g, request
from flask_babel import gettext as _
from werkzeug.http import http_date

from inkhorn.comments.policies import get_post_to_comment_for
from inkhorn.core import settings
from inkhorn.core.access import everyone, open_to
from inkhorn.core.errors import Gone, NotFound
from inkhorn.core.links import absolute, href
from inkhorn.core.settings import SiteSettings
from inkhorn.feeds.channels import Edition, author_edition, following_edition, site_edition, tag_edition
from inkhorn.feeds.documents import FORMATS, Format, document
from inkhorn.feeds.podcast import CHAPTERS_TYPE, chapters_file, podcast
from inkhorn.feeds.sitemaps import sitemap_file, sitemap_index
from inkhorn.feeds.talk import comments_document
from inkhorn.media.models import Show
from inkhorn.media.sound_policies import is_out_for
from inkhorn.media.sounds import episode_at, moved_to, show_at
from inkhorn.posts.queries import address_at, tag_by_slug

bp = Blueprint("feeds", __name__)

_NAMES = "any('feed.xml', 'atom.xml', 'feed.json')"
_XML = "application/xml; charset=utf-8"
# Not for readers: what stands here is for people who are signed in, or leads to them.
_PRIVATE_PATHS = ("/desk/", "/admin/", "/account/", "/following/", "/setup/", "/sign-in")
# Of the keys in addresses of feeds.
LONGEST_KEY = 64


@bp.get(f"/<{_NAMES}:name>")
@open_to(everyone)
def show_feed(name: str) -> Response:
    wanted = FORMATS[name]
    return _feed(site_edition(wanted.items), wanted)


@bp.get(f"/tag/<slug>/<{_NAMES}:name>")
@open_to(everyone)
def show_tag_feed(slug: str, name: str) -> Response:
    tag, wanted = tag_by_slug(slug), FORMATS[name]
    if tag is None:
        raise NotFound
    return _feed(tag_edition(tag, wanted.items), wanted)


@bp.get(f"/author/<slug>/<{_NAMES}:name>")
@open_to(everyone)
def show_author_feed(slug: str, name: str) -> Response:
    wanted = FORMATS[name]
    edition = author_edition(slug, wanted.items)
    if edition is None:
        return _led_on(slug, name)
    return _feed(edition, wanted)


@bp.get(f"/following/<following_key>/<{_NAMES}:name>")
@open_to(everyone)
def show_following_feed(following_key: str, name: str) -> Response:
    wanted = FORMATS[name]
    is_key = len(following_key) <= LONGEST_KEY and "\0" not in following_key
    edition = following_edition(following_key, _("Following"), wanted.items) if is_key else None
    if edition is None:
        raise NotFound
    response = _feed(edition, wanted)
    # Whoever knows the address may read it, and nobody is to learn of it by what is kept on the way or told to other sites.
    response.headers["Cache-Control"] = "private, max-age=0, must-revalidate"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@bp.get(f"/comments/<{_NAMES}:name>")
@open_to(everyone)
def show_comments_feed(name: str) -> Response:
    return _talk(comments_document(FORMATS[name], absolute(request.path)), FORMATS[name])


@bp.get(f"/comments/on/<int:post_id>/<{_NAMES}:name>")
@open_to(everyone)
def show_post_comments_feed(post_id: int, name: str) -> Response:
    post = get_post_to_comment_for(g.actor, post_id)
    return _talk(comments_document(FORMATS[name], absolute(request.path), post), FORMATS[name])


def _talk(text: str, wanted: Format) -> Response:
    return _answer(text, wanted.content_type, _digest(text))


@bp.get("/show/<slug>/feed.xml")
@open_to(everyone)
def show_podcast(slug: str) -> Response:
    show = show_at(slug)
    if show is None or not is_out_for(show, is_member=False):
        return _led_to_show(show)
    told = podcast(show, absolute(request.path))
    return _answer(told.text, "application/rss+xml; charset=utf-8", _digest(told.text), told.changed_at)


@bp.get("/show/<slug>/<episode_slug>/chapters.json")
@open_to(everyone)
def show_chapters(slug: str, episode_slug: str) -> Response:
    show = show_at(slug)
    episode = episode_at(show, episode_slug) if show else None
    if episode is None or not episode.chapters or not is_out_for(episode, is_member=False):
        raise NotFound
    text = chapters_file(episode)
    return _answer(text, CHAPTERS_TYPE, _digest(text))


@bp.get("/sitemap.xml")
@open_to(everyone)
def show_sitemap_index() -> Response:
    _refuse_when_hidden()
    return _document(sitemap_index())


@bp.get(
    "/sitemap-<any('posts', 'pages', 'tags', 'authors', 'series', 'albums', 'shows', 'episodes'):section>-<int(min=1, max=100000):number>.xml"
)
@open_to(everyone)
def show_sitemap(section: str, number: int) -> Response:
    _refuse_when_hidden()
    text = sitemap_file(section, number)
    if text is None:
        raise NotFound
    return _document(text)


@bp.get("/robots.txt")
@open_to(everyone)
def show_robots() -> Response:
    if settings.read(SiteSettings).hidden_from_search:
        text = "User-agent: *\nDisallow: /\n"
    else:
        refused = "".join(f"Disallow: {path}\n" for path in _PRIVATE_PATHS)
        text = f"User-agent: *\n{refused}\nSitemap: {absolute('/sitemap.xml')}\n"
    return _answer(text, "text/plain; charset=utf-8", _digest(text))


def _led_on(slug: str, name: str) -> Response:
    """To the feed of an author who has another username now; gone where there is none any more."""
    moved = address_at(f"/author/{slug}/")
    if moved is None or moved.post_id is not None:
        raise NotFound
    if moved.target is None:
        raise Gone
    response = Response(status=301)
    response.headers["Location"] = href(moved.target) + name
    response.headers["Cache-Control"] = "public, max-age=0, must-revalidate"
    return response


def _led_to_show(show: Show | None) -> Response:
    """To the feed of a show that has another address now."""
    moved = moved_to(request.path.removesuffix("feed.xml")) if show is None else None
    if moved is None:
        raise NotFound
    response = Response(status=301)
    response.headers["Location"] = href(moved) + "feed.xml"
    response.headers["Cache-Control"] = "public, max-age=0, must-revalidate"
    return response


def _refuse_when_hidden() -> None:
    if settings.read(SiteSettings).hidden_from_search:
        raise NotFound


def _feed(edition: Edition, wanted: Format) -> Response:
    response = Response(content_type=wanted.content_type)
    _set_caching(response, edition.version, edition.updated_at)
    if _has_it_already(response):
        response.status_code = 304
    else:
        response.set_data(document(edition, wanted, absolute(request.path)))
    return response


def _document(text: str) -> Response:
    return _answer(text, _XML, _digest(text))


def _answer(text: str, content_type: str, version: str, changed_at: datetime | None = None) -> Response:
    response = Response(text, content_type=content_type)
    _set_caching(response, version, changed_at)
    if _has_it_already(response):
        response.set_data(b"")
        response.status_code = 304
    return response


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _set_caching(response: Response, version: str, changed_at: datetime | None) -> None:
    response.headers["Cache-Control"] = "public, max-age=0, must-revalidate"
    response.set_etag(version, weak=True)
    if changed_at is not None:
        response.headers["Last-Modified"] = http_date(changed_at)
    # Readers that run in a browser fetch feeds from their own origin.
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"


def _has_it_already(response: Response) -> bool:
    if request.if_none_match:
        return request.if_none_match.contains_weak(response.get_etag()[0] or "")
    # Only the very same moment counts: a post that was taken back makes the newest one older.
    said = request.headers.get("If-Modified-Since")
    return said is not None and said == response.headers.get("Last-Modified")
