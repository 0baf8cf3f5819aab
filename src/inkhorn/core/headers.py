"""What every answer carries and every request must satisfy: security headers, hosts, proxies, foreign origins."""

from collections.abc import Mapping
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import BadRequest, Forbidden
from werkzeug.middleware.proxy_fix import ProxyFix

from inkhorn.core.config import Config, config

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

POLICY: dict[str, tuple[str, ...]] = {
    "default-src": ("'none'",),
    "script-src": ("'self'",),
    "style-src": ("'self'",),
    "font-src": ("'self'",),
    # Posts may show pictures of other hosts when their author put them there.
    "img-src": ("'self'", "data:", "https:", "http:"),
    "media-src": ("'self'", "https:"),
    "connect-src": ("'self'",),
    "manifest-src": ("'self'",),
    "worker-src": ("'self'",),
    "form-action": ("'self'",),
    "base-uri": ("'none'",),
    "object-src": ("'none'",),
    "frame-ancestors": ("'none'",),
}


def policy_with(more: Mapping[str, tuple[str, ...]]) -> str:
    """The content policy of one answer that needs more than the others, such as the script of a captcha's provider."""
    names = [*POLICY, *(name for name in more if name not in POLICY)]
    return "; ".join(" ".join((name, *POLICY.get(name, ()), *more.get(name, ()))) for name in names)


CONTENT_SECURITY_POLICY = policy_with({})
# What comes from the host of style sheets, scripts and fonts, where the settings name one.
FROM_ASSETS_HOST = ("script-src", "style-src", "font-src")


def own_policy(more: Mapping[str, tuple[str, ...]] | None = None) -> str:
    """The policy of this site, and what one answer needs beyond it."""
    host = config().assets_url
    if not host:
        return policy_with(more) if more else CONTENT_SECURITY_POLICY
    wanted = more or {}
    return policy_with({**wanted, **{name: (host, *wanted.get(name, ())) for name in FROM_ASSETS_HOST}})


USUAL_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
HSTS_SECONDS = 63_072_000
READING = ("GET", "HEAD", "OPTIONS")
# Programs carry a key of their own there and no cookie; they may call from anywhere.
FOR_PROGRAMS = "/api/"
# Asked by the address of the machine; what is told there names no other address.
FOR_MACHINES = ("/healthz", "/readyz", "/metrics")


def init_app(app: Flask, loaded: Config) -> None:
    app.wsgi_app = behind_proxies(app.wsgi_app, loaded)  # type: ignore[method-assign,assignment]
    app.before_request(refuse_foreign_host)
    app.before_request(refuse_foreign_write)
    app.after_request(add_security_headers)


def behind_proxies(app: "WSGIApplication", loaded: Config) -> "WSGIApplication":
    """The application as readers see it from before the trusted proxies; to be told twice changes nothing."""
    count = loaded.trusted_proxies
    return ProxyFix(app, x_for=count, x_proto=count, x_host=count) if count else app


def refuse_foreign_host() -> None:
    """Answer 400 to a Host we do not serve, so that nobody makes us write links to another name."""
    if request.path in FOR_MACHINES:
        return
    try:
        asked = urlsplit(f"//{request.host}").hostname or ""
    except ValueError as error:
        raise BadRequest("The Host header cannot be read.") from error
    if not _is_served(asked, config()):
        raise BadRequest("This site does not answer to that host name. Its operator can add it to allowed_hosts.")


def _is_served(asked: str, running: Config) -> bool:
    if asked == "localhost" or asked in running.allowed_hosts:
        return True
    try:
        address = ip_address(asked)
    except ValueError:
        return False
    # A name can be pointed at us by whoever owns it; a plain address cannot.
    return address.is_loopback or not (running.allowed_hosts or is_loopback(running.host))


def is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def refuse_foreign_write() -> None:
    """The second lock beside the forms' tokens: no request that changes something may come from a page of another site."""
    if request.method not in READING and not request.path.startswith(FOR_PROGRAMS):
        refuse_foreign_origin()


def refuse_foreign_origin() -> None:
    """Answer 403 to a form sent from another site; guards the forms that people fill in before they sign in."""
    told = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    # Every browser of today tells Sec-Fetch-Site, and pages cannot forge it; Origin speaks for the older ones.
    is_own = told in ("same-origin", "none") if told else origin is None or _is_ours(origin)
    if not is_own:
        raise Forbidden("This form was sent from another site. Open it here and send it again.")


def _is_ours(origin: str) -> bool:
    try:
        told = urlsplit(origin).netloc
    except ValueError:
        return False
    running: Config | None = current_app.extensions.get("inkhorn.config")
    # A proxy may hand on a host of its own; the site's address is then what the browser knows.
    return bool(told) and told in (request.host, urlsplit((running and running.site_url) or "").netloc)


def vary_by(response: Response, *names: str) -> None:
    """Say what else the answer depends on; by Werkzeug's set, which reads what was said each time, that takes twice as long."""
    said = response.headers.get("Vary")
    known = said.lower().split(", ") if said else []
    added = [name for name in names if name.lower() not in known]
    if added:
        response.headers["Vary"] = ", ".join((said, *added) if said else added)


def add_security_headers(response: Response) -> Response:
    headers = response.headers
    # What a view said of its own answer stands; looked through once, since every answer comes by here.
    said = {name.lower() for name, _value in headers}
    if "content-security-policy" not in said:
        headers["Content-Security-Policy"] = own_policy()
    headers.extend([(name, value) for name, value in USUAL_HEADERS.items() if name.lower() not in said])
    running = config()
    # What only our own authority vouches for is the operator's trial; nobody may be locked out of its host by it.
    if running.insists_on_https or (request.is_secure and not running.https):
        # Other hosts of the domain are not ours to force.
        others = "; includeSubDomains" if running.hsts_subdomains else ""
        headers.setdefault("Strict-Transport-Security", f"max-age={HSTS_SECONDS}{others}")
    return response
