"""A small living site and its cast, and every address of it, for tests that walk the whole of it."""

import hashlib
from dataclasses import dataclass, field

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import Rule

from inkhorn.accounts.services.setup import make_setup_link
from inkhorn.core.database import Base, session, transaction
from inkhorn.media.models import Asset
from inkhorn.posts.models import Post, PostKind, Status
from tests.cast import Cast
from tests.factories.media import make_asset
from tests.factories.posts import make_post

CAST = ("ada", "emil", "wren", "rhea", "vic")
# When somebody was last seen may be noted by a mere look; nothing else may.
PASSING = {"session": ("seen_at",)}


@dataclass
class Site:
    """What stands on it."""

    app: Flask
    cast: Cast
    post: Post
    page: Post
    draft: Post
    asset: Asset
    setup_token: str = ""
    browsers: dict[str, FlaskClient] = field(default_factory=dict)

    def browser(self, name: str) -> FlaskClient:
        if name not in self.browsers:
            self.browsers[name] = self.cast.browser_of(self.app, getattr(self.cast, name))
        return self.browsers[name]

    def values(self) -> dict[str, object]:
        """What the variable parts of addresses are filled with, one by one."""
        return {
            "post_id": self.post.id,
            "number": 1,
            "slug": "tides",
            "name": "feed.xml",
            "section": "posts",
            "token": self.setup_token or "none",
            "key": self.asset.key,
            "path": self.post.path.strip("/"),
        }

    def rules(self) -> list[Rule]:
        return sorted((rule for rule in self.app.url_map.iter_rules() if rule.endpoint != "static"), key=lambda rule: rule.rule)

    def address(self, rule: Rule, **other: object) -> str:
        """A working address of the rule, with some parts other than usual."""
        known = self.values() | {"slug": "wren"} if "author" in rule.rule else self.values()
        values = {name: other.get(name, known[name]) for name in rule.arguments}
        built = rule.build(values, append_unknown=False)
        assert built is not None, rule
        return str(built[1])

    def readable(self) -> list[str]:
        """An address for each endpoint that answers GET, and those of the site's own posts."""
        addresses = [self.address(rule) for rule in self.rules() if "GET" in (rule.methods or ())]
        own = [
            self.page.path,
            f"/desk/posts/{self.draft.id}/edit",
            f"/preview/{self.draft.id}/",
            "/series/year/",
            "/nothing/",
            self.asset.path,
        ]
        return sorted({*addresses, *own})

    def writable(self) -> list[tuple[str, str]]:
        """Method and address of everything that changes something."""
        methods = ("POST", "PUT", "PATCH", "DELETE")
        return [(method, self.address(rule)) for rule in self.rules() for method in methods if method in (rule.methods or ())]


def build_site(app: Flask, cast: Cast) -> Site:
    """A published post with everything on it, a page, a draft, a picture, an open set-up link."""
    with transaction():
        token = make_setup_link() or ""
    wren = cast.wren
    asset = make_asset(by=wren, alt="A harbour")
    post = make_post(by=wren, tags=["Tides"], series="Year", status=Status.PUBLISHED, title="Published", excerpt="Short.")
    page = make_post(by=wren, kind=PostKind.PAGE, status=Status.PUBLISHED, title="About")
    draft = make_post(by=wren, title="Draft")
    for name in CAST[:4]:
        getattr(cast, name)
    return Site(app, cast, post, page, draft, asset, setup_token=token)


def digest_of_database() -> str:
    """A fingerprint of every row of every table."""
    session().expire_all()
    seen = hashlib.sha256()
    for table in Base.metadata.sorted_tables:
        columns = [column for column in table.columns if column.name not in PASSING.get(table.name, ())]
        for row in session().execute(select(*columns).order_by(*table.primary_key.columns)):
            seen.update(repr(tuple(row)).encode())
        seen.update(table.name.encode())
    return seen.hexdigest()
