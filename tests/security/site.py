"""A small living site and its cast, and every address of it, for tests that walk the whole of it."""

import hashlib
from dataclasses import dataclass, field

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import Rule

from inkhorn.accounts.services.invitations.inviting import invite_person
from inkhorn.accounts.services.roles import make_role
from inkhorn.accounts.services.setup import make_setup_link
from inkhorn.accounts.settings import AccountSettings
from inkhorn.core import guard, settings
from inkhorn.core.access import House, everyone
from inkhorn.core.database import Base, session, transaction
from inkhorn.media.models import Asset
from inkhorn.posts.models import Post, PostKind, Status
from tests.cast import Cast
from tests.factories.comments import make_ban, make_comment
from tests.factories.media import make_asset
from tests.factories.posts import make_post
from tests.factories.shows import make_album, make_episode, make_show

CAST = ("ada", "emil", "wren", "rhea", "vic")
# When somebody was last seen may be noted by a mere look; nothing else may.
PASSING = {"session": ("seen_at",)}
# How often somebody looks may be counted, in a table of PostgreSQL's.
COUNTS = ("allowance",)


@dataclass
class Site:
    """What stands on it."""

    app: Flask
    cast: Cast
    post: Post
    page: Post
    draft: Post
    asset: Asset
    comment_id: int = 0
    ban_id: int = 0
    setup_token: str = ""
    role_id: int = 0
    invitation_id: int = 0
    album_id: int = 0
    show_id: int = 0
    episode_id: int = 0
    browsers: dict[str, FlaskClient] = field(default_factory=dict)

    def browser(self, name: str) -> FlaskClient:
        if name not in self.browsers:
            self.browsers[name] = self.cast.browser_of(self.app, getattr(self.cast, name))
        return self.browsers[name]

    def values(self) -> dict[str, object]:
        """What the variable parts of addresses are filled with, one by one."""
        return {
            "post_id": self.post.id,
            "comment_id": self.comment_id,
            "ban_id": self.ban_id,
            "move": "approve",
            "passkey_id": 1,
            "key_id": 1,
            "family_id": 1,
            "number": 1,
            "slug": "tides",
            "name": "feed.xml",
            "section": "posts",
            "table": "users",
            "letter_id": 1,
            "job_id": 1,
            "token": self.setup_token or "none",
            "secret": "none",
            "user_id": self.cast.wren.id,
            "session_id": 0,
            "role_id": self.role_id,
            "invitation_id": self.invitation_id,
            "key": self.asset.key,
            "asset_id": self.asset.id,
            "uuid": "0" * 32,
            "numbers": str(self.asset.id),
            "username": "wren",
            "following_key": "none",
            "path": self.post.path.strip("/"),
            "provider": "oidc",
            "identity_id": 1,
            **dict.fromkeys(("key_id", "family_id"), 1),
            "form": "join",
            "track_id": 1,
            "album_id": self.album_id,
            "show_id": self.show_id,
            "episode_id": self.episode_id,
            "episode_slug": "neaps",
        }

    def rules(self) -> list[Rule]:
        return sorted((rule for rule in self.app.url_map.iter_rules() if rule.endpoint != "static"), key=lambda rule: rule.rule)

    def address(self, rule: Rule, **other: object) -> str:
        """A working address of the rule, with some parts other than usual."""
        known = self.values() | {"slug": "wren"} if "author" in rule.rule else self.values()
        if "/desk/comments/" in rule.rule:
            known["name"] = "approve"
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

    def writable(self, *, but_doors: bool = False) -> list[tuple[str, str]]:
        """Method and address of everything that changes something; the forms of visitors, which origin guards and no token, may be left out."""
        methods = ("POST", "PUT", "PATCH", "DELETE")
        rules = [rule for rule in self.rules() if not (but_doors and guard.rule_of(self.app, rule.endpoint) is everyone)]
        return [(method, self.address(rule)) for rule in rules for method in methods if method in (rule.methods or ())]


def build_site(app: Flask, cast: Cast) -> Site:
    """A published post with everything on it, a page, a draft, a picture, an open set-up link, a role of its own, an invitation."""
    with transaction():
        token = make_setup_link() or ""
        settings.tune(AccountSettings, by=House(), registration="open")
    wren = cast.wren
    asset = make_asset(by=wren, alt="A harbour")
    post = make_post(by=wren, tags=["Tides"], series="Year", status=Status.PUBLISHED, title="Published", excerpt="Short.")
    page = make_post(by=wren, kind=PostKind.PAGE, status=Status.PUBLISHED, title="About")
    draft = make_post(by=wren, title="Draft")
    for name in CAST[:4]:
        getattr(cast, name)
    comment, ban = make_comment(post, body="Well said."), make_ban()
    with transaction():
        words = ["desk.open", "posts.write"]
        role = make_role(name="guest", description="", permissions=words, demands_second_factor=None, by=House())
        invitation = invite_person(email="jo@example.org", role="author", by=House())
    # Told from afar later on, so that a walk may end the session in which it was made.
    session().refresh(asset)
    session().expunge(asset)
    album, show = make_album("Slack", by=wren, title="Tides"), make_show(by=wren, title="Tides")
    episode = make_episode(show, by=wren, title="Neaps")
    made = {
        "comment_id": comment.id,
        "ban_id": ban.id,
        "role_id": role.id,
        "invitation_id": invitation.id,
        "album_id": album.id,
        "show_id": show.id,
        "episode_id": episode.id,
    }
    return Site(app, cast, post, page, draft, asset, setup_token=token, **made)


def digest_of_database() -> str:
    """A fingerprint of every row of every table."""
    session().expire_all()
    seen = hashlib.sha256()
    for table in (each for each in Base.metadata.sorted_tables if each.name not in COUNTS):
        columns = [column for column in table.columns if column.name not in PASSING.get(table.name, ())]
        for row in session().execute(select(*columns).order_by(*table.primary_key.columns)):
            seen.update(repr(tuple(row)).encode())
        seen.update(table.name.encode())
    return seen.hexdigest()
