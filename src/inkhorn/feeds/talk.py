"""The feeds of comments: on the whole site, and on one post; only what anybody may read."""

from collections.abc import Sequence
from uuid import UUID, uuid5

from flask_babel import gettext as _

from inkhorn.comments.models import Comment
from inkhorn.comments.queries import approved_comments
from inkhorn.core import settings
from inkhorn.core.database import session
from inkhorn.core.errors import NotFound
from inkhorn.core.links import href, site_root
from inkhorn.core.settings import SiteSettings
from inkhorn.feeds.channels import Channel, Item, Person
from inkhorn.feeds.documents import Format
from inkhorn.feeds.texts import full_text, legal
from inkhorn.posts.models import Post

ITEMS = 50


def comments_document(wanted: Format, address: str, post: Post | None = None) -> str:
    """The newest comments, on all public posts or on one; NotFound for one that is not for everybody."""
    if post is not None and not post.is_public:
        raise NotFound
    chosen = approved_comments()
    comments = session().scalars((chosen.where(Comment.post_id == post.id) if post else chosen).limit(wanted.items or ITEMS)).all()
    channel = _channel(post, comments)
    return wanted.write(channel, address, [wanted.write_item(_item(comment, channel)) for comment in comments])


def _channel(post: Post | None, comments: Sequence[Comment]) -> Channel:
    site, root = settings.read(SiteSettings), site_root()
    title = _("Comments on %(title)s", title=str(post) if post else site.title)
    return Channel(
        title=legal(title),
        description=legal(title),
        language=site.language,
        site_name=legal(site.title),
        page=root + (f"{href(post.path)}#comments" if post else "/"),
        root=root,
        updated_at=max((comment.edited_at or comment.created_at for comment in comments), default=None),
    )


def _item(comment: Comment, channel: Channel) -> Item:
    address = f"{channel.root}/comments/{comment.id}"
    name = comment.user.name if comment.user else comment.name or _("Somebody")
    return Item(
        uuid=uuid5(UUID(comment.post.uuid), str(comment.id)).hex,
        address=address,
        title=legal(_("%(name)s on %(title)s", name=name, title=str(comment.post))),
        summary="",
        language=None,
        published_at=comment.created_at,
        updated_at=comment.edited_at or comment.created_at,
        authors=[Person(legal(name), address)],
        tags=(),
        cover=None,
        picture=None,
        html=full_text(comment.html, None, address=channel.root + href(comment.post.path), language=None),
    )
