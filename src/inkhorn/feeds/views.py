"""The addresses that programs read: feeds of the site, of tags and authors; sitemaps; robots.txt."""

import hashlib
from datetime import datetime

from flask import Blueprint, Response, request
from werkzeug.http import http_date

from inkhorn.core import settings
from inkhorn.core.access import everyone, open_to
from inkhorn.core.errors import NotFound
from inkhorn.core.links import absolute
from inkhorn.core.settings import SiteSettings
from inkhorn.feeds.channels import Edition, author_edition, site_edition, tag_edition
from inkhorn.feeds.documents import FORMATS, Format, document
from inkhorn.feeds.sitemaps import sitemap_file, sitemap_index
from inkhorn.posts.queries import tag_by_slug

bp = Blueprint("feeds", __name__)

_NAMES = "any('feed.xml', 'atom.xml', 'feed.json')"
_XML = "application/xml; charset=utf-8"
# Not for readers: what stands here is for people who are signed in, or leads to them.
_PRIVATE_PATHS = ("/desk/", "/admin/", "/setup/", "/sign-in")


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
        raise NotFound
    return _feed(edition, wanted)


@bp.get("/sitemap.xml")
@open_to(everyone)
def show_sitemap_index() -> Response:
    _refuse_when_hidden()
    return _document(sitemap_index())


@bp.get("/sitemap-<any('posts', 'pages', 'tags', 'authors', 'series'):section>-<int(min=1, max=100000):number>.xml")
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


def _answer(text: str, content_type: str, version: str) -> Response:
    response = Response(text, content_type=content_type)
    _set_caching(response, version, None)
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
