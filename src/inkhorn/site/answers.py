"""How finished pages are handed out: what may be kept of them, by whom, and how long."""

from hashlib import blake2s

from flask import Response, g, request
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.core.themes import Page, render_page


def shown(page: Page) -> BaseResponse:
    """The page for everybody; to those who are signed in it says a little more, so theirs is kept nowhere."""
    response = render_page(page)
    if g.actor.is_signed_in:
        return private(response)
    # No Vary by cookie: whoever keeps this page asks again before each use, and is told when somebody is signed in.
    response.set_etag(blake2s(response.get_data(), digest_size=12).hexdigest())
    kept(response, "public, max-age=0, must-revalidate")
    return response.make_conditional(request)


def private(response: Response) -> Response:
    response.headers["Cache-Control"] = "private, no-store"
    return response


def kept(response: BaseResponse, how_long: str) -> BaseResponse:
    response.headers["Cache-Control"] = how_long
    return response
