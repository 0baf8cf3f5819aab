"""What somebody wrote, as Markdown with front matter that our own import reads back, and every version that was kept."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from inkhorn.accounts.models import User
from inkhorn.core.database import session
from inkhorn.media.models import Asset
from inkhorn.posts.models import Address, Byline, Post, PostKind, Revision, Series, Status, Tag, post_tag
from inkhorn.posts.queries import posts_written_by
from inkhorn.transfer.services.own_rows import fit


def texts_of(user_id: int) -> Iterator[tuple[str, str]]:
    """Name and content of each file."""
    user = session().get_one(User, user_id)
    for number in list(session().scalars(posts_written_by(user).with_only_columns(Post.id))):
        if (found := _read(number)) is None:
            continue
        values, body = found
        name = f"posts/{number}-{fit(values.get('slug') or 'untitled')}"
        yield f"{name}.md", _with_front_matter(values, body)
        for version in list(session().scalars(select(Revision.number).where(Revision.post_id == number).order_by(Revision.number))):
            if (text := _version(user_id, number, version)) is not None:
                yield f"{name}/{version:04}.md", text


def _read(number: int) -> tuple[dict[str, Any], str] | None:
    """Front matter and text; None where the post was removed while the archive was being taken."""
    columns = (Post.title, Post.slug, Post.path, Post.kind, Post.status, Post.language, Post.excerpt, Post.published_at, Post.updated_at)
    more = (Post.is_featured, Post.canonical_url, Post.meta_title, Post.meta_description, Post.cover_alt, Post.cover_url)
    found = select(*columns, *more, Post.body, Series.title.label("series"), Asset.key.label("cover_key"))
    found = found.outerjoin(Series, Series.id == Post.series_id).outerjoin(Asset, Asset.id == Post.cover_id).where(Post.id == number)
    row = session().execute(found).one_or_none()
    if row is None:
        return None
    values = {
        "title": row.title,
        "slug": row.slug,
        "date": row.published_at.isoformat() if row.published_at else None,
        "updated": row.updated_at.isoformat(),
        "status": row.status.value,
        "draft": row.status is not Status.PUBLISHED,
        "type": "page" if row.kind is PostKind.PAGE else "post",
        "lang": row.language,
        "excerpt": row.excerpt,
        "authors": _names(select(User.name).join(Byline, Byline.user_id == User.id).where(Byline.post_id == number), Byline.position),
        "tags": _names(
            select(Tag.name).join(post_tag, post_tag.c.tag_id == Tag.id).where(post_tag.c.post_id == number), post_tag.c.position
        ),
        "series": row.series,
        "image": f"/media/{row.cover_key}" if row.cover_key else row.cover_url,
        "image_alt": row.cover_alt,
        "featured": row.is_featured,
        "canonical_url": row.canonical_url,
        "meta_title": row.meta_title,
        "meta_description": row.meta_description,
        "aliases": _names(select(Address.path).where(Address.post_id == number, Address.path != (row.path or "")), Address.path),
    }
    return values, row.body


def _names(names: Any, order: Any) -> list[str]:
    return list(session().scalars(names.order_by(order)))


def _version(user_id: int, number: int, version: int) -> str | None:
    kept = (
        session()
        .execute(
            select(Revision.title, Revision.body, Revision.saved_at, Revision.saved_by_id).where(
                Revision.post_id == number, Revision.number == version
            )
        )
        .one_or_none()
    )
    if kept is None:
        return None
    # Who else worked on it is about them.
    who = "you" if kept.saved_by_id == user_id else "somebody else"
    return _with_front_matter({"title": kept.title, "saved": kept.saved_at.isoformat(), "saved_by": who}, kept.body)


def _with_front_matter(values: dict[str, Any], body: str) -> str:
    import yaml  # noqa: PLC0415 - three megabytes that the web server would carry for good

    told = {name: value for name, value in values.items() if value not in (None, "", [], False)}
    return f"---\n{yaml.safe_dump(told, allow_unicode=True, sort_keys=False, width=10_000)}---\n\n{body}\n"
