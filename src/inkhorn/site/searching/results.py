"""One post as a search shows it: marked, cut to the place that was looked for."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from flask_babel import gettext as _
from flask_babel import ngettext

from inkhorn.core.links import href
from inkhorn.core.prose import plain_text
from inkhorn.core.settings import SiteSettings
from inkhorn.posts.models import Audience
from inkhorn.search.grammar import Term
from inkhorn.site import queries
from inkhorn.site.cards import author_link, foreign, visible_name
from inkhorn.site.pages import Result
from inkhorn.site.queries import AnyRow, Labels
from inkhorn.site.searching.snippets import marked, snippet_of
from inkhorn.site.words import iso, local_day, short_date


def results_of(rows: Sequence[AnyRow], labels: Labels, terms: Sequence[Term], tuned: SiteSettings) -> tuple[Result, ...]:
    free = [term for term in terms if term.field is None]
    results = {row.id: _result(row, labels, free, tuned) for row in rows}
    # What stands neither in the title nor in the text was said by somebody else.
    elsewhere = [number for number, result in results.items() if not result.place] if free else []
    for number, remarks in queries.remarks(elsewhere).items():
        for remark in remarks:
            said = snippet_of(plain_text(remark.html), free)
            if said.places:
                place = _("in a comment by %(name)s", name=remark.name) if remark.name else _("in a comment")
                results[number] = replace(results[number], excerpt=said.html, place=place)
                break
    return tuple(results.values())


def _result(row: AnyRow, labels: Labels, terms: Sequence[Term], tuned: SiteSettings) -> Result:
    title = marked(visible_name(row), terms)
    excerpt = snippet_of(row.text or "", terms)
    place = _place(title.places, excerpt.places, row, labels, terms)
    if not excerpt.places:
        # The author's own words say more than the text's beginning.
        excerpt = marked(row.excerpt or row.automatic_excerpt, terms)
    language, direction = foreign(row.language, tuned)
    return Result(
        title=title.html,
        address=href(row.path),
        excerpt=excerpt.html,
        place=place,
        when=short_date(local_day(row.published_at, tuned.timezone), tuned.language),
        datetime=iso(row.published_at),
        authors=tuple(author_link(author) for author in labels.authors.get(row.id, ())),
        is_for_members=row.audience is Audience.MEMBERS,
        language=language,
        direction=direction,
    )


def _place(in_title: int, in_text: int, row: AnyRow, labels: Labels, terms: Sequence[Term]) -> str:
    if in_title:
        return str(_("in the title"))
    if in_text:
        return _in_text(in_text)
    if any(marked(tag.name, terms).places for tag in labels.tags.get(row.id, ())):
        return str(_("in a tag"))
    if any(marked(author.name, terms).places for author in labels.authors.get(row.id, ())):
        return str(_("in the name of an author"))
    return ""


# The same few numbers stand on every page.
@lru_cache(maxsize=64)
def _in_text(places: int) -> str:
    return str(ngettext("in the text", "%(num)d places in the text", places))
