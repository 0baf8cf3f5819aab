"""Following authors: the button on their pages, and the page of what they publish."""

from flask_babel import gettext as _
from flask_babel import ngettext

from inkhorn.accounts.models import User
from inkhorn.accounts.pages import Hidden
from inkhorn.accounts.queries import follows
from inkhorn.core import settings
from inkhorn.core.access import Actor
from inkhorn.core.forms import form_token
from inkhorn.core.links import href
from inkhorn.core.settings import SiteSettings
from inkhorn.core.themes import Feed, Meta, site_card
from inkhorn.site import queries
from inkhorn.site.cards import entries_of, person_of
from inkhorn.site.meta import HIDDEN
from inkhorn.site.pages import FollowBox, FollowingPage, Paging
from inkhorn.site.queries import AnyRow, Cards

ROOT = "/following/"
RSS = "application/rss+xml"


def follow_box(author: AnyRow, actor: Actor, here: str) -> FollowBox | None:
    """How the actor may follow the author from the page at this address; for visitors it is the same for all, so that pages can be kept."""
    if actor.id is None:
        return FollowBox(is_following=False, label=_("Follow"), sign_in_address=f"/sign-in?next={href(here)}")
    if actor.id == author.id:
        return None
    is_following = follows(actor.id, author.id)
    return FollowBox(
        is_following=is_following,
        label=_("Stop following") if is_following else _("Follow"),
        address=f"/author/{href(author.slug)}/{'unfollow' if is_following else 'follow'}",
        hidden=(_token(), Hidden(name="next", value=here)),
    )


def following_page(user: User, number: int) -> FollowingPage:
    """What the authors publish whom the user follows, and who they are."""
    tuned = settings.read(SiteSettings)
    people = tuple(person_of(row) for row in queries.followed(user.id))
    found = queries.cards_of_followed(user.id, number, tuned.posts_per_page)
    return FollowingPage(
        site=site_card(tuned),
        count=ngettext("%(num)d author", "%(num)d authors", len(people)) if people else "",
        people=people,
        feed=Feed(_("Feed of those you follow"), f"{ROOT}{user.following_key}/feed.xml", RSS) if user.following_key else None,
        feed_label=_("Make another address for the feed") if user.following_key else _("Make a feed of it"),
        feed_action="/following/address",
        hidden=(_token(),),
        list_title=_("Newest"),
        entries=entries_of(found, tuned),
        paging=_turn(found),
        meta=Meta(title=f"{_('Following')} | {tuned.title}", heading=_("Following"), robots=HIDDEN),
    )


def _turn(found: Cards) -> Paging:
    number = found.number
    newer = None if number == 1 else ROOT if number == 2 else f"{ROOT}page/{number - 1}/"
    older = f"{ROOT}page/{number + 1}/" if found.total > number * found.size else None
    return Paging(label=_("Page %(number)d", number=number), newer_address=newer, older_address=older)


def _token() -> Hidden:
    return Hidden(name="csrf_token", value=form_token())
