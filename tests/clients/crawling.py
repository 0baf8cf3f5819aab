"""Follows every link of our own origin, as a reader with much patience would."""

from dataclasses import dataclass, field
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from flask.testing import FlaskClient
from selectolax.lexbor import LexborHTMLParser

ORIGIN = "http://localhost"
LINKS = ("href", "src", "srcset")


@dataclass
class Crawl:
    """What was found: the status of every address, and who links to it."""

    statuses: dict[str, int] = field(default_factory=dict)
    named_by: dict[str, str] = field(default_factory=dict)
    pages: dict[str, bytes] = field(default_factory=dict)

    def dead(self) -> list[str]:
        return [f"{status} {path} (on {self.named_by.get(path)})" for path, status in self.statuses.items() if status >= 400]


def links_in(html: bytes, base: str) -> set[str]:
    """Root-relative addresses of our own origin that a page names."""
    found: set[str] = set()
    for node in LexborHTMLParser(html).css("[href], [src], [srcset]"):
        for name in LINKS:
            value = node.attributes.get(name)
            if not value:
                continue
            parts = [each.strip().split()[0] for each in value.split(",") if each.strip()] if name == "srcset" else [value]
            for part in parts:
                whole = urlsplit(urldefrag(urljoin(ORIGIN + base, part)).url)
                if whole.scheme in ("http", "https") and whole.netloc == "localhost":
                    found.add(whole.path + (f"?{whole.query}" if whole.query else ""))
    return found


def crawl(client: FlaskClient, *, start: str = "/", most: int = 20_000, inside: str = "/") -> Crawl:
    """Visit everything that can be reached from a page, each address once."""
    result, waiting = Crawl(), [start]
    while waiting and len(result.statuses) < most:
        path = waiting.pop()
        if path in result.statuses or not path.startswith(inside):
            continue
        answer = client.get(path)
        result.statuses[path] = answer.status_code
        if answer.status_code in (301, 302, 303, 308):
            target = urlsplit(urljoin(ORIGIN, answer.location))
            if target.netloc == "localhost":
                waiting.append(target.path)
                result.named_by.setdefault(target.path, path)
        elif answer.status_code == 200 and answer.mimetype == "text/html":
            result.pages[path] = answer.data
            for link in links_in(answer.data, unquote(path)):
                result.named_by.setdefault(link, path)
                waiting.append(link)
    return result
