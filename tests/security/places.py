"""Where what was planted is met: at addresses of its own, and in letters."""

from email import message_from_bytes, policy

from sqlalchemy import select

from inkhorn.core.database import session
from inkhorn.core.mail.letters import Letter
from inkhorn.media.models import Album, Episode, Show, Track
from inkhorn.posts.models import Post, Series, Status, Tag


def places() -> list[str]:
    """Two of each kind, the one with the first text and the one with the last."""
    albums, shows, tags, series = (list(session().scalars(select(kind.slug).order_by(kind.id))) for kind in (Album, Show, Tag, Series))
    episode = select(Show.slug, Episode.slug).join(Show, Show.id == Episode.show_id)
    paths = session().scalars(select(Post.path).where(Post.status == Status.PUBLISHED).order_by(Post.id)).all()
    named = {"album": albums, "show": shows, "tag": tags, "series": series}
    found = [f"/{kind}/{slugs[at]}/" for kind, slugs in named.items() for at in (0, -1)]
    found += [f"/show/{show}/{slug}/" for show, slug in session().execute(episode.order_by(Episode.id)).all()[:2]]
    return [*found, *(f"/show/{slug}/feed.xml" for slug in shows[:2]), *paths[1:12:2], "/author/ada/", "/comments/1", "/comments/9/report"]


def page_of(letter: Letter) -> str:
    part = message_from_bytes(letter.content or b"", policy=policy.default).get_body(("html",))
    return str(part.get_content()) if part else ""


def letters() -> list[str]:
    """The HTML of every letter that was written."""
    return [page_of(letter) for letter in session().scalars(select(Letter).order_by(Letter.id))]


def number_of_a_song() -> int:
    """An upload that can stand in an album and in a show."""
    return session().scalars(select(Track.asset_id).order_by(Track.id).limit(1)).one()
