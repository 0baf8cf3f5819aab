"""What a browser keeps besides its session: a number that tells it from others, and the secret of what it is in the middle of."""

import secrets

from flask import Flask, Response, current_app, g, request
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.accounts.queries import digest
from inkhorn.accounts.services.sessions import DEVICE_FORGOTTEN_AFTER, Visit
from inkhorn.core.config import Config

LONGEST_SECRET = 64
PENDING_SECONDS = 60 * 60


def init_app(app: Flask) -> None:
    app.after_request(keep_browser)


def here() -> Visit:
    """Where the request comes from; without the browser's number where it has none."""
    return Visit(address=request.remote_addr, device=request.user_agent.string, browser=_browser_digest())


def here_to_stay() -> Visit:
    """The same, and a browser without a number is given one, so that it is known again."""
    if _browser_digest() is None:
        g.new_browser = secrets.token_urlsafe(32)
    return Visit(address=request.remote_addr, device=request.user_agent.string, browser=_browser_digest())


def hold(response: BaseResponse, secret: str) -> None:
    """Let the browser keep the secret of a link that was followed or of a sign-in that is half done."""
    set_cookie(response, "pending", secret, max_age=PENDING_SECONDS)


def held() -> str:
    """That secret; "" where the browser is in the middle of nothing."""
    secret = request.cookies.get(cookie_name("pending"), "")
    return secret if len(secret) <= LONGEST_SECRET and secret.isascii() else ""


def let_go(response: BaseResponse) -> None:
    loaded: Config = current_app.extensions["inkhorn.config"]
    response.delete_cookie(cookie_name("pending"), path="/", secure=loaded.uses_https, httponly=True, samesite="Lax")


def keep_browser(response: Response) -> Response:
    number = g.pop("new_browser", None)
    if number is not None:
        set_cookie(response, "browser", number, max_age=int(DEVICE_FORGOTTEN_AFTER.total_seconds()))
    return response


def cookie_name(what: str) -> str:
    """__Host- ties the cookie to https and this very host; plain http exists on loopback only."""
    loaded: Config = current_app.extensions["inkhorn.config"]
    return f"__Host-inkhorn-{what}" if loaded.uses_https else f"inkhorn-{what}"


def set_cookie(response: BaseResponse, what: str, value: str, *, max_age: int | None) -> None:
    loaded: Config = current_app.extensions["inkhorn.config"]
    response.headers["Cache-Control"] = "private, no-store"
    response.set_cookie(cookie_name(what), value, max_age=max_age, secure=loaded.uses_https, httponly=True, samesite="Lax", path="/")


def _browser_digest() -> str | None:
    number = g.get("new_browser") or request.cookies.get(cookie_name("browser"), "")
    return digest(number) if number and len(number) <= LONGEST_SECRET and number.isascii() else None
