"""Addresses as they stand in links: escaped, and absolute with or without a request."""

from functools import lru_cache
from urllib.parse import quote

from flask import has_request_context, request

from inkhorn.core.config import config

# What may stand unescaped in a path; everything else an old address may hold is percent-encoded.
PATH_SAFE = "/:@!$&'()*+,;=~-._"


def site_root() -> str:
    """The site's own root without a trailing slash: site_url, else the host that was asked, else host and port."""
    running = config()
    if running.site_url:
        return running.site_url.rstrip("/")
    if has_request_context():
        return request.host_url.rstrip("/")
    return f"http://{running.host}:{running.port}"


def absolute(path: str) -> str:
    """A root-relative path as a full address; addresses with a scheme are returned as they are."""
    return site_root() + path if path.startswith("/") and not path.startswith("//") else path


@lru_cache(maxsize=4096)
def href(path: str | None) -> str:
    """A stored path as it stands in a link."""
    return quote(path or "/", safe=PATH_SAFE)
