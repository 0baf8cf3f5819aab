"""The operator's view of what the site holds."""

import json
from typing import Any

import click
from sqlalchemy import ColumnElement, func, select

from inkhorn.accounts.models import AccountStatus, Role, User, user_role
from inkhorn.core import job_board
from inkhorn.core.database import session
from inkhorn.media.models import Asset
from inkhorn.posts.models import Byline, Post, PostKind, Status, Tag


@click.command("status")
@click.option("--json", "as_json", is_flag=True, help="For programs; this shape stays as it is.")
def status(*, as_json: bool) -> None:
    """Count what the site holds."""
    counts = count_all()
    if as_json:
        click.echo(json.dumps(counts))
        return
    for name, value in counts.items():
        shown = ", ".join(f"{number} {state}" for state, number in value.items()) if isinstance(value, dict) else str(value)
        click.echo(f"{name:<8}  {shown}")


def count_all() -> dict[str, Any]:
    """Everything counted; rooms that are not built yet answer 0."""
    jobs = job_board.job_counts()
    return {
        "posts": _by_state(PostKind.POST),
        "pages": _by_state(PostKind.PAGE),
        "authors": _count(func.count(Byline.user_id.distinct())),
        "tags": _count(func.count(Tag.id)),
        "media": _count(func.count(Asset.id)),
        "comments": 0,
        "members": _members(),
        "jobs": {"waiting": jobs.waiting, "dead": jobs.dead},
    }


def _by_state(kind: PostKind) -> dict[str, int]:
    rows = session().execute(select(Post.status, func.count(Post.id)).where(Post.kind == kind).group_by(Post.status))
    found = dict(rows.tuples().all())
    return {state.value: found.get(state, 0) for state in Status}


def _members() -> int:
    holders = (
        select(func.count(User.id.distinct()))
        .join(user_role, user_role.c.user_id == User.id)
        .join(Role, Role.id == user_role.c.role_id)
        .where(Role.name == "member", User.status == AccountStatus.ACTIVE)
    )
    return session().scalar(holders) or 0


def _count(what: ColumnElement[int]) -> int:
    return session().scalar(select(what)) or 0


GROUPS = (status,)
