"""Where somebody may be led after signing in: a path of this site, whatever the address bar was made to say."""

import re
from urllib.parse import unquote, urlsplit

LONGEST = 2000
STRANGE = re.compile(r"[\x00-\x20\x7f\\\u0080-\u00a0\u2028\u2029\u202a-\u202e\ufeff]")


def own_path(wanted: str | None) -> str | None:
    """The path if it certainly leads to this site; None for everything else."""
    if not wanted or len(wanted) > LONGEST:
        return None
    decoded = wanted
    for _round in range(3):
        if not decoded.startswith("/") or decoded.startswith("//") or STRANGE.search(decoded):
            return None
        decoded = unquote(decoded)
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return None
    return wanted if not parts.scheme and not parts.netloc else None
