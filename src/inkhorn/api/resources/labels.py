"""Tags and series as programs see them: those that something they may read carries."""

from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select, true

from inkhorn.api.bodies import Body, Text
from inkhorn.api.filters import by_number, by_text
from inkhorn.api.shapes import TEXT, WHOLE, Resource, Sort, plain, shown
from inkhorn.core.access import Actor
from inkhorn.core.links import href
from inkhorn.posts.models import Post, Series, Status, Tag, post_tag
from inkhorn.posts.queries import visible_to
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
    linked = select(post_tag.c.post_id).where(post_tag.c.tag_id == tag.id, post_tag.c.post_id == post.id, _is_shown(actor))
    return select(*tag).where(_or_all(actor, linked.correlate(Tag.__table__).exists()))


def series_visible_to(actor: Actor) -> Select[Any]:
    linked = select(post.id).where(post.series_id == series.id, _is_shown(actor))
    return select(*series).where(_or_all(actor, linked.correlate(Series.__table__).exists()))


def _is_shown(actor: Actor) -> ColumnElement[bool]:
    return (post.status == Status.PUBLISHED) & visible_to(actor)


def _or_all(actor: Actor, carried: ColumnElement[bool]) -> ColumnElement[bool]:
    # Whoever writes is offered every tag and series in the editor.
    return or_(true(), carried) if actor.may("posts.write") else carried
