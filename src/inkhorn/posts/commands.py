"""The operator's commands about posts: what the site holds, and which old addresses lead elsewhere."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any, TextIO

import click
from sqlalchemy import ColumnElement, func, select

from inkhorn.accounts.models import AccountStatus, Role, User, user_role
from inkhorn.core import job_board
from inkhorn.core.access import House, open_to, operator
from inkhorn.core.database import session, transaction
from inkhorn.core.errors import Invalid
from inkhorn.media.models import Asset
from inkhorn.posts.events import site_counted
from inkhorn.posts.models import Address, Byline, Post, PostKind, Status, Tag
from inkhorn.posts.services import redirects


@click.command("status")
@click.option("--json", "as_json", is_flag=True, help="For programs; this shape stays as it is.")
@open_to(operator)
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
        **_of_other_rooms(),
        "members": _members(),
        "jobs": {"waiting": jobs.waiting, "dead": jobs.dead},
    }


def _of_other_rooms() -> dict[str, int]:
    """What rooms above this one say they hold."""
    counted = {"comments": 0}
    for _receiver, told in site_counted.send(None):
        counted |= told
    return counted


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


@click.group()
def redirect() -> None:
    """Old addresses that lead elsewhere: add, import, list, remove."""


@redirect.command("add")
@click.argument("path")
@click.argument("target")
@open_to(operator)
def add_redirect(path: str, target: str) -> None:
    """Let PATH of this site lead to TARGET, a path or a full address."""
    with transaction():
        redirects.add_redirect(path, target, by=House())
    click.echo(f"{path} leads to {target}.")


@redirect.command("import")
@click.argument("file", type=click.File(encoding="utf-8"))
@open_to(operator)
def import_redirects(file: TextIO) -> None:
    """Add every line "path,target" of a CSV file; lines that cannot be are named, and the rest is added."""
    added, refused = 0, []
    for number, line in enumerate(_lines_of(file), start=1):
        if not line or line[0].startswith("#"):
            continue
        try:
            with transaction():
                redirects.add_redirect(line[0].strip(), (line[1] if len(line) > 1 else "").strip(), by=House())
            added += 1
        except Invalid as error:
            refused.append(f"line {number}: {error}")
    click.echo(f"{added} added, {len(refused)} refused.")
    for sentence in refused:
        click.echo(sentence, err=True)
    if refused:
        raise SystemExit(1)


def _lines_of(file: TextIO) -> Iterator[list[str]]:
    try:
        yield from csv.reader(file)
    except (csv.Error, UnicodeDecodeError) as error:
        raise Invalid(
            f"{file.name} is no CSV file in UTF-8 ({error}). What stood before that place was added; mend it and import it again."
        ) from error


@redirect.command("list")
@open_to(operator)
def list_redirects() -> None:
    """Print every redirect as "path,target"."""
    rows = select(Address.path, Address.target).where(Address.target.is_not(None)).order_by(Address.path)
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows(session().execute(rows).tuples())
    click.echo(written.getvalue(), nl=False)


@redirect.command("remove")
@click.argument("path")
@open_to(operator)
def remove_redirect(path: str) -> None:
    """Forget the redirect from PATH."""
    with transaction():
        redirects.remove_redirect(path, by=House())
    click.echo(f"{path} leads nowhere any more.")


GROUPS = (status, redirect)
