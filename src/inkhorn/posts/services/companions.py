"""What stands around a post: its tags, its authors, its series."""

import hashlib
from collections.abc import Collection, Sequence

from sqlalchemy import bindparam, insert, select, update

from inkhorn.accounts.models import User
from inkhorn.core import prose
from inkhorn.core.database import insert_into, session
from inkhorn.core.errors import Invalid
from inkhorn.posts.models import Byline, Post, Series, Tag, post_tag

_PLACED = (
    update(post_tag)
    .where(post_tag.c.post_id == bindparam("of"), post_tag.c.tag_id == bindparam("tag"), post_tag.c.position != bindparam("at"))
    .values(position=bindparam("at"))
)
_LINKED = insert(post_tag)
_TAGS_AT = select(Tag.slug, Tag.id).where(Tag.slug.in_(bindparam("slugs", expanding=True)))
MOST_TAGS = 50
MOST_AUTHORS = 30


def set_tags(post: Post, names: list[str]) -> None:
    """Give the post these tags; names that differ only in case or accents' spelling are one tag. order_tags() keeps their order."""
    numbers, found = tags_for(post, names), {tag.id: tag for tag in post.tags}
    if missing := [number for number in numbers if number not in found]:
        found |= {tag.id: tag for tag in session().scalars(select(Tag).where(Tag.id.in_(missing)))}
    post.tags = [found[number] for number in numbers]


def link_tags(post: Post, numbers: list[int]) -> None:
    """Give a post that was just written, and has none yet, the tags of these numbers in their order."""
    if numbers:
        links = [{"post_id": post.id, "tag_id": number, "position": place} for place, number in enumerate(numbers)]
        session().connection().execute(_LINKED, links)
        # Whoever asks for them reads them.
        session().expire(post, ["tags"])


def tags_for(post: Post, names: list[str]) -> list[int]:
    """The numbers of the tags of these names, which the post can have."""
    wanted = list(dict.fromkeys(name for name in (tidy(raw)[:150] for raw in names) if name))
    # An import may have brought more; those can stay, but not grow.
    if len(wanted) > max(MOST_TAGS, len(post.tags)):
        raise Invalid(f"A post can have {MOST_TAGS} tags at most; this one has {len(wanted)}.", field="tags")
    return tags_named(wanted)


def order_tags(post: Post) -> None:
    """Write down the order of the tags; the association table alone would forget it."""
    session().flush()
    if post.tags:
        session().connection().execute(_PLACED, [{"of": post.id, "tag": tag.id, "at": place} for place, tag in enumerate(post.tags)])


def tags_named(names: Sequence[str]) -> list[int]:
    """The numbers of the tags of these names in their order, made where there are none; of two who make one at once both get the same."""
    if not names:
        return []
    slugs = {name: slug_of(name, "tag") for name in names}
    found = _tags_at(slugs.values())
    # In one order for everybody, so that two who make the same never wait for one another in a circle.
    missing = sorted(((slug, name) for name, slug in slugs.items() if slug not in found), key=lambda each: each[0])
    if missing:
        rows = [{"name": name, "slug": slug, "description": ""} for slug, name in missing]
        session().execute(insert_into(Tag).values(rows).on_conflict_do_nothing())
        found = _tags_at(slugs.values())
    return list(dict.fromkeys(found[slug] for slug in slugs.values()))


def _tags_at(slugs: Collection[str]) -> dict[str, int]:
    session().flush()
    found = session().connection().execute(_TAGS_AT, {"slugs": list(slugs)}).tuples()
    return dict(found.all())


def tag_named(name: str, *, slug: str | None = None, description: str = "") -> Tag:
    """The tag of that name, made if there is none; of two who make it at once both get the same."""
    wanted = slug or slug_of(name, "tag")
    found = select(Tag).where(Tag.slug == wanted)
    tag = session().scalars(found).one_or_none()
    if tag is None:
        session().execute(insert_into(Tag).values(name=name, slug=wanted, description=description).on_conflict_do_nothing())
        tag = session().scalars(found).one()
    return tag


def series_named(title: str) -> Series:
    """The series of that title, made if there is none; of two who make it at once both get the same."""
    shown = tidy(title)[:255]
    wanted = slug_of(shown, "series")
    found = select(Series).where(Series.slug == wanted)
    series = session().scalars(found).one_or_none()
    if series is None:
        session().execute(insert_into(Series).values(title=shown, slug=wanted, description="").on_conflict_do_nothing())
        series = session().scalars(found).one()
    return series


def slug_of(name: str, kind: str) -> str:
    """The last part of an address for a name in any script; a digest where no letter of it can be spelt."""
    return prose.slugify(name) or f"{kind}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def set_authors(post: Post, user_ids: list[int]) -> None:
    """Name these people as authors, in this order; at least one."""
    wanted = list(dict.fromkeys(user_ids))
    if not 1 <= len(wanted) <= MOST_AUTHORS:
        raise Invalid(f"A post needs from 1 to {MOST_AUTHORS} authors.", field="author_ids")
    known = set(session().scalars(select(User.id).where(User.id.in_(wanted))))
    if known != set(wanted):
        raise Invalid("One of these authors has no account here any more. Choose again.", field="author_ids")
    held = {line.user_id: line for line in post.bylines}
    post.bylines = [held.get(user_id) or Byline(user_id=user_id) for user_id in wanted]
    for position, line in enumerate(post.bylines):
        line.position = position


def set_series(post: Post, title: str) -> None:
    """Put the post at the end of the series of that title, or in none for ""."""
    if not tidy(title):
        post.series_id = post.series_position = None
        return
    series = series_named(title)
    if post.series_id != series.id:
        places = select(Post.series_position).where(Post.series_id == series.id, Post.series_position.is_not(None))
        last = session().scalar(places.order_by(Post.series_position.desc()).limit(1))
        post.series_id, post.series_position = series.id, (last or 0) + 1


def tidy(text: str) -> str:
    """One line without control characters; bidirectional marks stay, the page isolates them."""
    return " ".join("".join(letter for letter in text if letter.isprintable() or letter in "\t\n \u200d\u200e\u200f").split())
