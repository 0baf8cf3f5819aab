"""A furnished site in a folder of its own, with a bit of everything that a backup must bring back."""

from pathlib import Path
from typing import Any

from inkhorn.accounts.services.roles import sync_roles
from inkhorn.accounts.services.sessions import Visit, open_session
from inkhorn.app import create_app
from inkhorn.core import migrating, settings
from inkhorn.core.access import House
from inkhorn.core.config import Config
from inkhorn.core.database import db, session, transaction
from inkhorn.core.mail.letters import keep_letter
from inkhorn.core.settings import SiteSettings
from inkhorn.posts.models import Status
from inkhorn.search.services import index_posts
from tests.conftest import SECRET, config_for
from tests.factories.accounts import make_user
from tests.factories.comments import make_comment
from tests.factories.media import make_asset
from tests.factories.posts import make_post

PASSPHRASE = "the tide is always right"
TITLES = ("The clock that is fed by the sea", "Ἡ θάλασσα — 潮汐", "What the keeper “kept”")


def furnish(folder: Path, **more: Any) -> Config:
    """Make a site with people, posts, a thread, an upload, a theme, a letter that waits, a session and work to do."""
    config = config_for(folder, **more)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "secret_key").write_text(SECRET, encoding="ascii")
    migrating.upgrade(config)
    with create_app(config).app_context():
        with transaction():
            sync_roles()
            settings.tune(SiteSettings, by=House(), title="Slow Ferry")
        user = make_user()
        posts = [make_post(title=title, status=Status.PUBLISHED, tags=("tides", "日本")) for title in TITLES]
        post = make_post(title="Not yet")
        first = make_comment(posts[0])
        make_comment(posts[0], to=first)
        make_asset()
        with transaction():
            index_posts([each.id for each in posts])
            letter = {"kind": "accounts/confirm", "to_address": "ida@example.org", "message_id": "<1@example.org>", "content": b"\x00\xff"}
            keep_letter(purpose="confirm:1", subject="Confirm", **letter)
            open_session(user, Visit(address="127.0.0.1", device="a browser"))
            session().delete(session().merge(post))
        db.engine.dispose()
    theme = folder / "themes" / "salt" / "templates" / "home.html"
    theme.parent.mkdir(parents=True)
    theme.write_text("<p>salt</p>", encoding="utf-8")
    return config
