"""Slugs and paths: every post has one path, and every path it ever had leads to it."""

import re
import unicodedata

from sqlalchemy import select

from inkhorn.core import audit, clock, prose, settings
from inkhorn.core.access import Actor
from inkhorn.core.database import session
from inkhorn.core.errors import Invalid, NotFound
from inkhorn.posts.models import Address, Post, PostKind, Status
from inkhorn.posts.settings import PostSettings

LONGEST_SLUG = 160
LONGEST_PATH = 400
LONGEST_TARGET = 2000
# First parts of addresses that belong to the house itself.
RESERVED = frozenset(
    (
        "admin api archive atom.xml author desk feed.json feed.xml healthz media page preview readyz robots.txt "
        "search series setup sign-in sign-out sitemap.xml static tag theme"
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
        if not _is_free(path, post):
            raise SlugTaken(path)
        _move_to(post, slug, path)
    else:
        stem = post.slug or prose.slugify(post.title, max_length=LONGEST_SLUG) or f"{post.kind.value}-{post.id}"
        _move_to(post, *_first_free(post, stem))


def settle_first_path(post: Post) -> None:
    """Before readers learn of it: bring the date into a path whose pattern has one, and give a path to what has none."""
    is_dated = "{" in settings.read(PostSettings).permalink.replace("{slug}", "") and post.kind is PostKind.POST
    if post.path is None or (is_dated and session().get(Address, post.path) is None):
        settle_path(post)


def path_for(post: Post, slug: str) -> str:
    """The address that the permalink pattern gives a slug; pages stand at the root."""
    pattern = settings.read(PostSettings).permalink if post.kind is PostKind.POST else "/{slug}/"
    day = post.published_at or post.release_at or clock.now()
    return pattern.format(slug=slug, year=f"{day:%Y}", month=f"{day:%m}", day=f"{day:%d}")


def give_address(post: Post, path: str, *, origin: str | None = None) -> bool:
    """Let the path lead to the post from now on; False where it already belongs to something else."""
    held = session().get(Address, path)
    if held is None:
        session().add(Address(path=path[:LONGEST_PATH], post_id=post.id, origin=origin))
        return True
    if held.post_id is None and held.target is None:
        held.post_id = post.id
    return held.post_id == post.id


def lead_address(path: str, target: str, *, origin: str | None = None) -> bool:
    """Let the path redirect to a target on this site or elsewhere; False where it already serves something else."""
    held = session().get(Address, path)
    if held is None:
        session().add(Address(path=path, target=target, origin=origin))
        return True
    if held.post_id is None:
        held.target = target
    return held.target == target


class BadRedirect(Invalid):
    """A redirect that could not be followed, or that would take an address away from what stands there."""


def add_redirect(path: str, target: str, *, by: Actor) -> None:
    """Let an address of this site lead elsewhere from now on; BadRedirect in words if it cannot."""
    if not path.startswith("/") or path.startswith("//") or len(path) > LONGEST_PATH or not path.isprintable():
        raise BadRedirect(f'"{path}" is no address of this site; it begins with one slash, like /old-page/.', field="path")
    if not re.match(r"(https?://[^\s/]+|/(?!/))\S*$", target) or len(target) > LONGEST_TARGET:
        raise BadRedirect(f'"{target}" leads nowhere; give a path of this site or an address like https://example.org/.', field="target")
    if path == target:
        raise BadRedirect(f"{path} cannot lead to itself.", field="target")
    held = session().get(Address, path)
    if held is not None and held.post_id is not None:
        raise BadRedirect(f"A post stands or stood at {path}, and its old address keeps leading to it.", field="path")
    if held is None:
        session().add(Address(path=path, target=target))
    else:
        held.target = target
    audit.record(by, "posts.redirect_added", None, path=path, target=target)


def remove_redirect(path: str, *, by: Actor) -> None:
    """Forget a redirect; NotFound where the path leads nowhere by one."""
    held = session().get(Address, path)
    if held is None or held.target is None:
        raise NotFound(f"There is no redirect from {path}.")
    session().delete(held)
    audit.record(by, "posts.redirect_removed", None, path=path)


def keep_address(post: Post) -> None:
    """Note the post's present path among those it ever had; called as soon as readers may know it."""
    if post.path:
        give_address(post, post.path)


def _first_free(post: Post, stem: str) -> tuple[str, str]:
    stem = stem[: LONGEST_SLUG - 8]
    slug, number = stem, 1
    while not _is_free(path_for(post, slug), post):
        number += 1
        slug = f"{stem}-{number}"
    return slug, path_for(post, slug)


def _is_free(path: str, post: Post) -> bool:
    if path.strip("/").split("/")[0] in RESERVED:
        return False
    taken = select(Post.id).where(Post.path == path, Post.id != post.id)
    if session().scalar(taken) is not None:
        return False
    held = session().get(Address, path)
    return held is None or held.post_id == post.id or (held.post_id is None and held.target is None)


def _move_to(post: Post, slug: str, path: str) -> None:
    if (post.slug, post.path) == (slug, path):
        return
    if is_known_to_readers(post):
        keep_address(post)
    post.slug, post.path = slug, path
    session().flush()
    if is_known_to_readers(post):
        keep_address(post)


def is_known_to_readers(post: Post) -> bool:
    return post.published_at is not None and post.status in (Status.PUBLISHED, Status.UNPUBLISHED, Status.TRASHED)
