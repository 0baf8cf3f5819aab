"""Tags and series as programs see them: those that something they may read carries."""

from typing import Any

from sqlalchemy import Select, select

from inkhorn.api.bodies import Body, Text
from inkhorn.api.filters import by_number, by_text
from inkhorn.api.shapes import TEXT, WHOLE, Resource, Sort, plain, shown
from inkhorn.core.access import Actor
from inkhorn.core.links import href
from inkhorn.posts.models import Post, Series, Tag
from inkhorn.posts.queries import series_seen_by, tag_seen_by
from inkhorn.posts.services.labels import LONGEST_DESCRIPTION, LONGEST_SERIES, LONGEST_TAG

post, tag, series = (each.__table__.c for each in (Post, Tag, Series))

TAG = Resource(
    name="Tag",
    about="A subject that posts share.",
    key=tag.id,
    fields=plain(
        id=WHOLE,
        name=TEXT,
        slug=shown(TEXT, "The last part of its address; it stays.", read="slug"),
        description=TEXT,
        path=shown(TEXT, read=lambda row, _beside: href(f"/tag/{row.slug}/")),
    ),
    filters={"id": by_number(tag.id), "name": by_text(tag.name), "slug": by_text(tag.slug)},
    sorts={"id": Sort(column=tag.id, read=int, write=int), "name": Sort(column=tag.name, read=str, write=str)},
    usual_sort="name",
)
SERIES = Resource(
    name="Series",
    about="Posts that are read in an order of their own.",
    key=series.id,
    fields=plain(
        id=WHOLE,
        title=TEXT,
        slug=shown(TEXT, "The last part of its address; it stays.", read="slug"),
        description=TEXT,
        path=shown(TEXT, read=lambda row, _beside: href(f"/series/{row.slug}/")),
    ),
    filters={"id": by_number(series.id), "title": by_text(series.title), "slug": by_text(series.slug)},
    sorts={"id": Sort(column=series.id, read=int, write=int), "title": Sort(column=series.title, read=str, write=str)},
    usual_sort="title",
)


class TagBody(Body):
    """A tag; its address is made of the first name."""

    name = Text(most=LONGEST_TAG, least=1, required=True)
    description = Text(most=LONGEST_DESCRIPTION)


class TagChanges(Body):
    """What is left out stays as it is."""

    name = Text(most=LONGEST_TAG, least=1)
    description = Text(most=LONGEST_DESCRIPTION)


class SeriesBody(Body):
    """A series; its address is made of the first title."""

    title = Text(most=LONGEST_SERIES, least=1, required=True)
    description = Text(most=LONGEST_DESCRIPTION)


class SeriesChanges(Body):
    """What is left out stays as it is."""

    title = Text(most=LONGEST_SERIES, least=1)
    description = Text(most=LONGEST_DESCRIPTION)


def tags_visible_to(actor: Actor) -> Select[Any]:
    return select(*tag).where(tag_seen_by(actor))


def series_visible_to(actor: Actor) -> Select[Any]:
    return select(*series).where(series_seen_by(actor))
