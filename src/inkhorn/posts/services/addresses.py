"""Slugs and paths: every post has one path, and every path it ever had leads to it."""

import re
import unicodedata
from contextlib import nullcontext
from functools import cache
from itertools import count
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, or_, select, true, union
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import make_transient
from sqlalchemy.orm.attributes import instance_state

from inkhorn.core import clock, prose, settings
from inkhorn.core.database import is_only_writer, is_postgresql, session
from inkhorn.core.errors import Invalid
from inkhorn.core.rows import write_row
from inkhorn.posts.models import LONGEST_PATH, Address, Post, PostKind, Status
from inkhorn.posts.settings import PostSettings

LONGEST_SLUG = 160
# As many as may draft a post of one title at the same moment.
MOST_TRIES = 20
PLACEHOLDERS = ("{slug}", "{year}", "{month}", "{day}")
# First parts of addresses that belong to the house itself.
RESERVED = frozenset(
    (
        "account admin album api archive atom.xml author comments desk feed.json feed.xml following forgotten-password healthz invitation join link media metrics "
        "new-address new-password opensearch.xml page preview puzzle readyz robots.txt search series setup show sign-in sign-out sitemap.xml static "
        "tag theme"
    ).split()
)


class SlugTaken(Invalid):
    """Another post stands, or once stood, at that address."""

    status = 422

    def __init__(self, path: str) -> None:
        super().__init__(f"The address {path} already belongs to another post. Choose another one.", field="slug")


def tidy_slug(text: str) -> str:
    """What an author typed as an address, in any script, made fit for a path; Invalid where nothing is left."""
    normal = unicodedata.normalize("NFC", text).strip().strip("/").lower()
    kept = "".join(letter if _fits_in_slug(letter) else "-" for letter in normal)
    slug = re.sub(r"-{2,}", "-", kept).strip("-.")[:LONGEST_SLUG]
    if not slug:
        raise Invalid("This address has no letter or digit in it. Write at least one.", field="slug")
    return slug


def _fits_in_slug(letter: str) -> bool:
    return letter in "-_." or unicodedata.category(letter)[0] in ("L", "N", "M")


def settle_path(post: Post, *, wanted: str | None = None) -> None:
    """Give the post a slug and a path: the wanted slug (SlugTaken if it is not free), else one that follows the title."""
    if wanted is not None:
        slug = tidy_slug(wanted)
        path = path_for(post, slug)
        if not is_free(path, post):
            raise SlugTaken(path)
        _move_to(post, slug, path)
        return
    stem = post.slug or prose.slugify(post.title, max_length=LONGEST_SLUG) or f"{post.kind.value}-{_number_of(post)}"
    for _try in range(MOST_TRIES):
        try:
            _move_to(post, *first_free(post, stem))
        except SlugTaken:
            continue
        return
    raise SlugTaken(path_for(post, stem))


def _number_of(post: Post) -> int:
    if not post.id:
        session().add(post)
        session().flush()
    return post.id


def settle_first_path(post: Post) -> None:
    """Before readers learn of it: bring the date into a path whose pattern has one, and give a path to what has none."""
    is_dated = "{" in settings.read(PostSettings).permalink.replace("{slug}", "") and post.kind is PostKind.POST
    is_new = post.path is None or not is_free(post.path, post)
    if is_new or (is_dated and session().get(Address, post.path) is None):
        settle_path(post)


def path_for(post: Post, slug: str) -> str:
    """The address that the permalink pattern gives a slug; pages stand at the root."""
    pattern = settings.read(PostSettings).permalink if post.kind is PostKind.POST else "/{slug}/"
    day = post.published_at or post.release_at or clock.now()
    return pattern.format(slug=slug, year=f"{day:%Y}", month=f"{day:%m}", day=f"{day:%d}")


def check_permalink(pattern: str) -> None:
    """Invalid, in words, for a pattern that could not give every post an address of its own."""
    parts = re.findall(r"\{[^{}]*\}|[{}]", pattern)
    if unknown := [part for part in parts if part not in PLACEHOLDERS]:
        raise Invalid(f"There is no {unknown[0]}; use {', '.join(PLACEHOLDERS)}.", field="permalink")
    if "{slug}" not in parts:
        raise Invalid("Without {slug} all posts would stand at one address.", field="permalink")
    if not pattern.startswith("/") or "//" in pattern or not re.fullmatch(r"[\w{}./~-]+", pattern) or "/." in pattern:
        raise Invalid("Begin with a slash, and use letters, digits, hyphens and single slashes.", field="permalink")
    if pattern.strip("/").partition("/")[0] in RESERVED:
        raise Invalid(f"Addresses under /{pattern.strip('/').partition('/')[0]}/ belong to the site itself.", field="permalink")


def give_address(post: Post, path: str, *, origin: str | None = None) -> bool:
    """Let the path lead to the post from now on; False where it already belongs to something else."""
    path = path[:LONGEST_PATH]
    session().flush()
    row = {"path": path, "post_id": post.id, "origin": origin, "created_at": clock.now()}
    if session().connection().execute(_giving(on_postgresql=is_postgresql()), row).scalar() is not None:
        return True
    held = session().get_one(Address, path)
    if held.post_id is None and held.target is None:
        held.post_id = post.id
    return held.post_id == post.id


@cache
def _giving(*, on_postgresql: bool) -> Any:
    insert: Any = (postgresql if on_postgresql else sqlite).insert(Address.__table__)
    return insert.on_conflict_do_nothing().returning(Address.path)


def keep_address(post: Post) -> None:
    """Note the post's present path among those it ever had; called as soon as readers may know it."""
    if post.path and not give_address(post, post.path):
        raise SlugTaken(post.path)


def first_free(post: Post, stem: str) -> tuple[str, str]:
    """The slug nearest to a stem whose path is free for the post, and that path; two queries however many are taken."""
    path = path_for(post, stem)
    if is_free(path, post):
        return stem, path
    stem = stem[: LONGEST_SLUG - 8]
    before, after = path_for(post, "\0").split("\0")
    taken = _taken_below(before + stem, post)
    slug = next(f"{stem}-{number}" for number in count(2) if f"{before}{stem}-{number}{after}" not in taken)
    return slug, f"{before}{slug}{after}"


def is_free(path: str, post: Post) -> bool:
    """Whether the post may stand at the path: nothing else stands there or leads on from it; what is gone leaves it free."""
    if len(path) > LONGEST_PATH or path.strip("/").partition("/")[0] in RESERVED:
        return False
    return not session().scalar(_IS_TAKEN, {"path": path, "number": post.id or 0})


# Built once, since every draft and every release asks; no post has the number 0, which stands for one that is not written yet.
_IS_TAKEN = select(
    or_(
        select(Post.path).where(Post.path == bindparam("path"), Post.id != bindparam("number")).exists(),
        select(Address.path)
        .where(Address.path == bindparam("path"), or_(Address.post_id != bindparam("number"), Address.target.is_not(None)))
        .exists(),
    )
)


def _taken_below(start: str, post: Post) -> set[str]:
    stands = _stands(post, Post.path.startswith(start, autoescape=True))
    leads = _leads(post, Address.path.startswith(start, autoescape=True))
    return set(session().scalars(union(stands, leads)))


def _stands(post: Post, where: ColumnElement[bool]) -> Select[str | None]:
    return select(Post.path).where(where, Post.id != post.id if post.id else true())


def _leads(post: Post, where: ColumnElement[bool]) -> Select[str]:
    others = Address.post_id != post.id if post.id else Address.post_id.is_not(None)
    return select(Address.path).where(where, or_(others, Address.target.is_not(None)))


def _move_to(post: Post, slug: str, path: str) -> None:
    """Take the slug and path; SlugTaken where somebody else took them at the same moment."""
    if (post.slug, post.path) == (slug, path):
        return
    is_new, before = instance_state(post).transient, (post.slug, post.path)
    # One that is not written yet has no number to which an address could lead.
    if post.id and is_known_to_readers(post) and post.path:
        # On the way to its first readers it may leave a path that somebody else was given meanwhile.
        give_address(post, post.path)
    try:
        # Where nobody else can have taken it there is nothing to go back to.
        with nullcontext() if is_only_writer() else session().begin_nested():
            post.slug, post.path = slug, path
            # One that is new is written here, once it has its address.
            if is_new:
                _write_first(post)
            session().flush()
    except IntegrityError as error:
        if is_new:
            _unwrite(post)
            post.slug, post.path = before
        raise SlugTaken(path) from error
    if is_known_to_readers(post):
        keep_address(post)


def _write_first(post: Post) -> None:
    if post.tags or post.series or post.cover:
        raise RuntimeError("A post is linked with tags once it is written, and with series and cover by their numbers.")
    write_row(post)
    for line in post.bylines:
        line.post_id = post.id
        write_row(line)
    session().add(post)


def _unwrite(post: Post) -> None:
    """Make of a post whose row was taken back one that is new again, so that the next try writes it."""
    for each in (post, *post.bylines):
        make_transient(each)
    post.__dict__.pop("id", None)


def is_known_to_readers(post: Post) -> bool:
    return post.published_at is not None and post.status in (Status.PUBLISHED, Status.UNPUBLISHED, Status.TRASHED)
