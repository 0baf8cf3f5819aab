"""Tags and series as things of their own: made before anything carries them, described, and removed once nothing does."""

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from inkhorn.core import audit
from inkhorn.core.access import Actor
from inkhorn.core.database import session
from inkhorn.core.errors import Conflict, Invalid
from inkhorn.posts.events import tag_renamed
from inkhorn.posts.models import Post, Series, Tag, post_tag
from inkhorn.posts.services.companions import slug_of, tidy

LONGEST_TAG, LONGEST_SERIES, LONGEST_DESCRIPTION = 150, 255, 500


class LabelTaken(Conflict):
    """There is a tag or series at the address that the name would have."""

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"There is a {kind} “{name}” already.")


class LabelInUse(Conflict):
    """Posts carry it, published or not."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"Posts still carry this {kind}, some perhaps in the trash. Take it off them first.")


def make_tag(*, name: str, description: str = "", by: Actor) -> Tag:
    """A tag that no post carries yet; LabelTaken where there is one of that name."""
    shown = _fitting(name, LONGEST_TAG, "name")
    tag = Tag(name=shown, slug=slug_of(shown, "tag"), description=_described(description))
    _add(tag, "tag", shown)
    audit.record(by, "posts.tag_made", tag)
    return tag


def change_tag(tag: Tag, *, name: str | None = None, description: str | None = None, by: Actor) -> None:
    """Call or describe it otherwise; its address stays, since others link to it."""
    before = {"name": tag.name, "description": tag.description}
    tag.name = tag.name if name is None else _fitting(name, LONGEST_TAG, "name")
    tag.description = tag.description if description is None else _described(description)
    session().flush()
    audit.record(by, "posts.tag_changed", tag, before=before, after={"name": tag.name, "description": tag.description})
    if tag.name != before["name"]:
        tag_renamed.send(tag)


def remove_tag(tag: Tag, *, by: Actor) -> None:
    """Remove a tag that no post carries; LabelInUse otherwise."""
    if session().scalar(select(post_tag.c.post_id).where(post_tag.c.tag_id == tag.id).limit(1)) is not None:
        raise LabelInUse("tag")
    audit.record(by, "posts.tag_removed", tag)
    session().delete(tag)
    session().flush()


def make_series(*, title: str, description: str = "", by: Actor) -> Series:
    """A series without parts; LabelTaken where there is one of that title."""
    shown = _fitting(title, LONGEST_SERIES, "title")
    series = Series(title=shown, slug=slug_of(shown, "series"), description=_described(description))
    _add(series, "series", shown)
    audit.record(by, "posts.series_made", series)
    return series


def change_series(series: Series, *, title: str | None = None, description: str | None = None, by: Actor) -> None:
    """Call or describe it otherwise; its address stays."""
    before = {"title": series.title, "description": series.description}
    series.title = series.title if title is None else _fitting(title, LONGEST_SERIES, "title")
    series.description = series.description if description is None else _described(description)
    session().flush()
    audit.record(by, "posts.series_changed", series, before=before, after={"title": series.title, "description": series.description})


def remove_series(series: Series, *, by: Actor) -> None:
    """Remove a series without parts; LabelInUse otherwise."""
    if session().scalar(select(Post.id).where(Post.series_id == series.id).limit(1)) is not None:
        raise LabelInUse("series")
    audit.record(by, "posts.series_removed", series)
    session().delete(series)
    session().flush()


def _add(label: Tag | Series, kind: str, shown: str) -> None:
    try:
        with session().begin_nested():
            session().add(label)
    except IntegrityError as error:
        raise LabelTaken(kind, shown) from error


def _fitting(text: str, most: int, field: str) -> str:
    shown = tidy(text)
    if not shown:
        raise Invalid("Write what it is called.", field=field)
    if len(shown) > most:
        raise Invalid(f"At most {most} characters fit; these are {len(shown)}.", field=field)
    return shown


def _described(text: str) -> str:
    shown = tidy(text)
    if len(shown) > LONGEST_DESCRIPTION:
        raise Invalid(f"At most {LONGEST_DESCRIPTION} characters fit; these are {len(shown)}.", field="description")
    return shown
