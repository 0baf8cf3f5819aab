"""The operator's commands about comments: list them, decide about some, keep somebody out."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import click
from sqlalchemy import select

from inkhorn.comments.models import Ban, Comment, State
from inkhorn.comments.policies import can_moderate_comment, get_comment_for
from inkhorn.comments.queries import queue
from inkhorn.comments.services import banning, moderating
from inkhorn.comments.services.learning import email_of
from inkhorn.core import clock
from inkhorn.core.access import Forbidden, House, open_to, operator
from inkhorn.core.database import session, transaction
from inkhorn.core.errors import InkhornError

AS_JSON = click.option("--json", "as_json", is_flag=True, help="For programs; this shape stays as it is.")
NUMBERS = click.argument("numbers", nargs=-1, required=True, type=click.IntRange(1, 2**31 - 1))


@click.group()
def comments() -> None:
    """Comments: list, approve, spam, trash, restore, ban."""


@comments.command("list")
@click.option("--state", type=click.Choice([each.value for each in State]), default=State.WAITING.value, show_default=True)
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="How many at most, the newest first.")
@AS_JSON
@open_to(operator)
def list_comments(*, state: str, limit: int, as_json: bool) -> None:
    """What stands in a state, the newest first."""
    rows = [_told(comment) for comment in session().scalars(queue(State(state), House()).limit(limit)).unique()]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        click.echo(f"{row['id']:>8}  {row['name'][:24]:24}  {(row['reason'] or '-')[:40]:40}  {' '.join(row['body'].split())[:80]}")


@comments.command("approve")
@NUMBERS
@AS_JSON
@open_to(operator)
def approve_comments(numbers: tuple[int, ...], *, as_json: bool) -> None:
    """Show the comments of these NUMBERS to readers."""
    _decide(numbers, moderating.approve, "approved", as_json=as_json)


@comments.command("spam")
@NUMBERS
@AS_JSON
@open_to(operator)
def mark_spam(numbers: tuple[int, ...], *, as_json: bool) -> None:
    """Call the comments of these NUMBERS spam, and know others like them."""
    _decide(numbers, moderating.call_spam, "called spam", as_json=as_json)


@comments.command("trash")
@NUMBERS
@AS_JSON
@open_to(operator)
def trash_comments(numbers: tuple[int, ...], *, as_json: bool) -> None:
    """Put the comments of these NUMBERS in the trash."""
    _decide(numbers, moderating.trash, "in the trash", as_json=as_json)


@comments.command("restore")
@NUMBERS
@AS_JSON
@open_to(operator)
def restore_comments(numbers: tuple[int, ...], *, as_json: bool) -> None:
    """Bring the comments of these NUMBERS back from the trash or the spam."""
    _decide(numbers, moderating.restore, "brought back", as_json=as_json)


@comments.command("ban")
@click.argument("address")
@click.option("--days", type=click.IntRange(0, 36_500), default=30, show_default=True, help="For how long; 0 is for good.")
@click.option("--reason", default="", help="Why, for other moderators.")
@AS_JSON
@open_to(operator)
def ban_address(address: str, *, days: int, reason: str, as_json: bool) -> None:
    """Keep out an ADDRESS like ada@example.org, or everybody at a host like example.org."""
    with transaction():
        ban = banning.ban_address(address, until=clock.now() + timedelta(days=days) if days else None, reason=reason, by=House())
    if as_json:
        click.echo(json.dumps(_told_ban(ban), ensure_ascii=False, indent=2))
    else:
        click.echo(f"{ban} cannot comment{f' until {ban.until:%Y-%m-%d %H:%M} UTC' if ban.until else ' any more'}.")


@comments.command("bans")
@AS_JSON
@open_to(operator)
def list_bans(*, as_json: bool) -> None:
    """Who is kept out, and until when."""
    rows = [_told_ban(ban) for ban in session().scalars(banning.standing_bans())]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        click.echo(f"{row['id']:>6}  {row['who']:40}  {row['until'] or 'for good':25}  {row['reason']}")


@comments.command("unban")
@click.argument("address")
@open_to(operator)
def lift_ban(address: str) -> None:
    """Let the ADDRESS or host in again."""
    value = address.strip().lower().removeprefix("@")
    with transaction():
        ban = session().scalars(select(Ban).where(Ban.value == value).order_by(Ban.id)).first()
        if ban is None:
            raise click.ClickException(f"Nobody is kept out as {address}. `inkhorn comments bans` shows who is.")
        banning.lift_ban(ban, by=House())
    click.echo(f"{ban} may comment again.")


def _decide(numbers: tuple[int, ...], verb: Callable[..., None], done: str, *, as_json: bool) -> None:
    """Decide one after another; those that cannot be are named, and the exit code is 1 then."""
    outcomes: list[dict[str, Any]] = []
    for number in dict.fromkeys(numbers):
        try:
            with transaction():
                verb(comment := get_comment_for(House(), number, can=can_moderate_comment), by=House())
            outcomes.append({"id": number, "state": comment.state.value, "error": None})
        except (InkhornError, Forbidden) as error:
            outcomes.append({"id": number, "state": None, "error": str(error)})
    refused = [each for each in outcomes if each["error"]]
    if as_json:
        click.echo(json.dumps(outcomes, ensure_ascii=False, indent=2))
    else:
        click.echo(f"{len(outcomes) - len(refused)} {done}, {len(refused)} refused.")
        for each in refused:
            click.echo(f"{each['id']}: {each['error']}", err=True)
    if refused:
        raise SystemExit(1)


def _told(comment: Comment) -> dict[str, Any]:
    return {
        "id": comment.id,
        "post_id": comment.post_id,
        "post": comment.post.title,
        "kind": comment.kind.value,
        "state": comment.state.value,
        "parent_id": comment.parent_id,
        "name": comment.name,
        "email": email_of(comment) or None,
        "body": comment.body,
        "reason": comment.reason or None,
        "score": comment.score,
        "reports": comment.reports,
        "created_at": _moment(comment.created_at),
    }


def _told_ban(ban: Ban) -> dict[str, Any]:
    return {"id": ban.id, "kind": ban.kind.value, "who": str(ban), "until": _moment(ban.until), "reason": ban.reason}


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None


GROUPS: tuple[click.Command, ...] = (comments,)
