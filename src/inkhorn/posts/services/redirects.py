"""Paths that lead elsewhere: those an import brings, and those an operator adds."""

import re

from sqlalchemy import select

from inkhorn.core import audit
from inkhorn.core.access import Actor
from inkhorn.core.database import session
from inkhorn.core.errors import Invalid, NotFound
from inkhorn.posts.models import LONGEST_PATH, Address, Post
from inkhorn.posts.services.addresses import RESERVED

LONGEST_TARGET = 2000


def lead_address(path: str, target: str, *, origin: str | None = None) -> bool:
    """Let the path redirect to a target on this site or elsewhere; False where it already serves something else."""
    held = session().get(Address, path)
    if held is None and not _is_promised(path):
        session().add(Address(path=path, target=target, origin=origin))
        return True
    if held is not None and held.post_id is None:
        held.target = target
    return held is not None and held.target == target


class BadRedirect(Invalid):
    """A redirect that could not be followed, or that would take an address away from what stands there."""


def add_redirect(path: str, target: str, *, by: Actor) -> None:
    """Let an address of this site lead elsewhere from now on; BadRedirect in words if it cannot."""
    if not path.startswith("/") or path.startswith("//") or len(path) > LONGEST_PATH or not path.isprintable():
        raise BadRedirect(f'"{path}" is no address of this site; it begins with one slash, like /old-page/.', field="path")
    if mark := re.search(r"[?#%]", path):
        raise BadRedirect(f'"{path}" cannot be met: give the path alone, as readers see it, without "{mark[0]}".', field="path")
    if not re.match(r"(https?://[^\s/]+|/(?!/))\S*$", target) or len(target) > LONGEST_TARGET:
        raise BadRedirect(f'"{target}" leads nowhere; give a path of this site or an address like https://example.org/.', field="target")
    if path == target:
        raise BadRedirect(f"{path} cannot lead to itself.", field="target")
    if path == "/" or path.strip("/").partition("/")[0] in RESERVED:
        raise BadRedirect(f"{path} belongs to the site itself and cannot lead elsewhere.", field="path")
    held = session().get(Address, path)
    if _is_promised(path) or (held is not None and held.post_id is not None):
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


def _is_promised(path: str) -> bool:
    """Whether a post stands there, or will as soon as it is published."""
    return session().scalar(select(Post.id).where(Post.path == path)) is not None
