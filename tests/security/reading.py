"""Which fields an address reads of a form that is sent to it, found out by watching, so that new forms are swept without being named."""

from contextlib import contextmanager

from flask.testing import FlaskClient
from werkzeug.datastructures import ImmutableMultiDict

from tests.security.site import Site

# Found out once for each endpoint of a run.
KNOWN: dict[str, tuple[str, ...]] = {}


class Watched(ImmutableMultiDict):
    """A form that remembers what was asked of it."""

    seen: set[str] = set()

    def __contains__(self, name):
        self.seen.add(name)
        return super().__contains__(name)

    def __getitem__(self, name):
        self.seen.add(name)
        return super().__getitem__(name)

    def get(self, name, *told, **more):
        self.seen.add(name)
        return super().get(name, *told, **more)

    def getlist(self, name, *told, **more):
        self.seen.add(name)
        return super().getlist(name, *told, **more)


@contextmanager
def watching(site: Site):
    kind = type("Request", (site.app.request_class,), {"parameter_storage_class": Watched})
    before, site.app.request_class = site.app.request_class, kind
    Watched.seen = set()
    try:
        yield Watched.seen
    finally:
        site.app.request_class = before


def fields_read(site: Site, browser: FlaskClient, method: str, address: str, sent: dict[str, str]) -> tuple[str, ...]:
    """The names of a form that the address reads, its token apart."""
    endpoint, _values = site.app.url_map.bind("localhost").match(address, method=method)
    if endpoint not in KNOWN:
        with watching(site) as seen:
            browser.open(address, method=method, data=sent)
        KNOWN[endpoint] = tuple(sorted(name for name in seen if isinstance(name, str) and name != "csrf_token"))
    return KNOWN[endpoint]
