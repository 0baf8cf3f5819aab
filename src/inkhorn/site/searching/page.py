"""Puts together the page of what was found, and what may have been meant where nothing was."""

from urllib.parse import urlencode

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import ColumnElement

from inkhorn.core import settings
from inkhorn.core.errors import Invalid, NotFound
from inkhorn.core.paging import FARTHEST_PAGE
from inkhorn.core.settings import SiteSettings
from inkhorn.core.themes import Link, Meta, site_card
from inkhorn.posts.queries import FOR_MEMBERS, PUBLIC
from inkhorn.search.grammar import Question, understand
from inkhorn.search.queries import found_posts
from inkhorn.site import queries
from inkhorn.site.listing import suggestions
from inkhorn.site.meta import HIDDEN
from inkhorn.site.pages import Paging, SearchPage
from inkhorn.site.searching.nearest import nearest
from inkhorn.site.searching.results import results_of

ADDRESS = "/search"
PAGE_SIZE = 20
LONGEST_QUESTION = 300


def search_page(text: str, number: int) -> SearchPage:
    """What is found for the text among what this reader may read, the best first."""
    text = " ".join(text.split())
    if len(text) > LONGEST_QUESTION:
        raise Invalid(_("Search for fewer words: at most %(most)d characters fit.", most=LONGEST_QUESTION), field="q")
    if not 1 <= number <= FARTHEST_PAGE:
        raise NotFound(_("There is no such page in this list."))
    tuned = settings.read(SiteSettings)
    question = understand(text)
    found = found_posts(question, rule_of_reader(), timezone=tuned.timezone, size=PAGE_SIZE, skipped=(number - 1) * PAGE_SIZE)
    if number > 1 and not found.post_ids:
        raise NotFound(_("There is no such page in this list."))
    rows, labels = queries.found(found.post_ids)
    is_vain = bool(text) and not found.total
    return SearchPage(
        site=site_card(tuned),
        action=ADDRESS,
        query=text,
        longest=LONGEST_QUESTION,
        count=ngettext("%(num)d post, best first", "%(num)d posts, best first", found.total) if found.total else "",
        results=results_of(rows, labels, question.wanted, tuned),
        paging=_turn(text, number, found.total),
        is_vain=is_vain,
        meant=_meant(text, question, tuned) if is_vain else None,
        suggestions=suggestions() if is_vain else (),
        meta=_meta(text, tuned),
    )


def rule_of_reader() -> ColumnElement[bool]:
    """What whoever asks may find."""
    return FOR_MEMBERS if queries.is_read_by_member() else PUBLIC


def _meta(text: str, tuned: SiteSettings) -> Meta:
    heading = _("“%(words)s” in %(site)s", words=text, site=tuned.title) if text else _("Search")
    return Meta(title=heading if text else f"{heading} | {tuned.title}", heading=heading, robots=HIDDEN)


def _turn(text: str, number: int, total: int) -> Paging:
    pages = max(1, -(-total // PAGE_SIZE))
    return Paging(
        label=_("Page %(number)d of %(pages)d", number=number, pages=pages),
        newer_address=_address(text, number - 1) if number > 1 else None,
        older_address=_address(text, number + 1) if number < pages else None,
    )


def _address(text: str, number: int = 1) -> str:
    return f"{ADDRESS}?{urlencode({'q': text} | ({'page': number} if number > 1 else {}))}"


def _meant(text: str, question: Question, tuned: SiteSettings) -> Link | None:
    """The same question with words that titles, tags and names here hold, if it finds something."""
    meant = nearest(text, question)
    found = found_posts(understand(meant), rule_of_reader(), timezone=tuned.timezone, size=1) if meant else None
    return Link(meant, _address(meant)) if found and found.total else None
