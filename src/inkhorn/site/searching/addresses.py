"""The address at which readers search, and what tells browsers of it."""

from flask import Response, g, request
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext as _
from markupsafe import escape
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.core import limits, settings
from inkhorn.core.access import everyone, open_to
from inkhorn.core.errors import NotFound
from inkhorn.core.links import absolute
from inkhorn.core.settings import SiteSettings
from inkhorn.site.answers import kept, shown
from inkhorn.site.searching.nearest_pages import pages_near
from inkhorn.site.searching.page import ADDRESS, search_page
from inkhorn.site.views import bp


@bp.record
def offer_nearest(state: BlueprintSetupState) -> None:
    state.app.extensions["inkhorn.nearest"] = pages_near


@bp.get("/search")
@open_to(everyone)
def show_search() -> BaseResponse:
    text, number = request.args.get("q", ""), request.args.get("page", "1")
    if not (number.isascii() and number.isdigit() and len(number) < 7):
        raise NotFound(_("There is no such page in this list."))
    if text.strip():
        # Whoever is signed in is counted apart from the others behind the same address.
        key = f"user {g.actor.id}" if g.actor.is_signed_in else limits.place_of(request.remote_addr)
        limits.spend(limits.SEARCH, key)
    return shown(search_page(text, int(number)))


@bp.get("/opensearch.xml")
@open_to(everyone)
def describe_search() -> BaseResponse:
    """Lets browsers search here from their address bar."""
    return kept(
        Response(search_description(), content_type="application/opensearchdescription+xml; charset=utf-8"), "public, max-age=86400"
    )


def search_description() -> str:
    """What a browser is told, so that it can search here from its address bar (OpenSearch 1.1)."""
    tuned = settings.read(SiteSettings)
    # The format allows so many characters of a name.
    name, line = escape(tuned.title[:16]), escape(_("Search %(site)s", site=tuned.title)[:1024])
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">'
        f"<ShortName>{name}</ShortName><Description>{line}</Description><InputEncoding>UTF-8</InputEncoding>"
        f'<Url type="text/html" template="{escape(absolute(ADDRESS))}?q={{searchTerms}}"/></OpenSearchDescription>\n'
    )
