"""Where somebody may be led after signing in: a path of this site, whatever the address bar was made to say."""

import re
from urllib.parse import unquote, urlsplit

LONGEST = 2000
MOST_DISGUISES = 5
STRANGE = re.compile(r"[\x00-\x20\x7f\\\u0080-\u00a0\u2028\u2029\u202a-\u202e\ufeff]")


def own_path(wanted: str | None) -> str | None:
    """The path if it certainly leads to this site; None for everything else."""
    if not wanted or len(wanted) > LONGEST or STRANGE.search(wanted):
        return None
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return None
    if parts.scheme or parts.netloc or not wanted.startswith("/") or wanted.startswith("//"):
        return None
    # Browsers do not decode an address before they follow it, but something on the way may.
    path = parts.path
    for _round in range(MOST_DISGUISES):
        if path.startswith("//") or STRANGE.search(path):
            return None
        if (decoded := unquote(path)) == path:
            return wanted
        path = decoded
    return None
