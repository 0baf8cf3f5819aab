"""Keys of programs, for the operator: made for somebody or for an integration, listed, ended."""

import json

import click

from inkhorn.accounts.commands.group import found, setup_link, user
from inkhorn.accounts.models import ApiKey, User
from inkhorn.accounts.queries import all_keys, keys_of
from inkhorn.accounts.services.programs import keys
from inkhorn.accounts.services.programs.keys import MOST_DAYS, USUAL_DAYS, MadeKey
from inkhorn.core.access import House, open_to, operator
from inkhorn.core.database import session, transaction
from inkhorn.core.errors import NotFound

MOST_LISTED = 1000


@click.group("key")
def key_group() -> None:
    """Keys that programs show at /api: create, list, revoke."""


@key_group.command("create")
@click.argument("name")
@click.option("--for", "login", metavar="EMAIL", help="Whose it is; without this it is an integration's, which acts as itself.")
@click.option("--may", "words", multiple=True, required=True, metavar="WORD", help="One permission, such as posts.write; may be repeated.")
@click.option("--days", type=click.IntRange(1, MOST_DAYS), default=USUAL_DAYS, show_default=True, help="After how many days it ends.")
@click.option("--never-ends", is_flag=True, help="Let an integration's key live until somebody ends it.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for scripts.")
@open_to(operator)
def create_key(name: str, *, login: str | None, words: tuple[str, ...], days: int, never_ends: bool, as_json: bool) -> None:
    """Make a key and print it, this once."""
    if never_ends and login:
        raise click.UsageError("Only an integration's key may live for ever; leave --never-ends out, or --for.")
    with transaction():
        made = _made(found(login) if login else None, name, words, days=None if never_ends else days)
    if as_json:
        click.echo(json.dumps({**_row(made.row), "key": made.text}, ensure_ascii=False, indent=2))
        return
    ends = (
        f"It ends on {made.row.expires_at:%Y-%m-%d}." if made.row.expires_at else "It lives until somebody ends it: `inkhorn key revoke`."
    )
    click.echo(f"“{made.row.name}” is number {made.row.id}. {ends} It is shown this once:", err=True)
    click.echo(made.text)


@key_group.command("list")
@click.option("--for", "login", metavar="EMAIL", help="Only this person's.")
@click.option("--json", "as_json", is_flag=True, help="One JSON list for scripts.")
@open_to(operator)
def list_keys(*, login: str | None, as_json: bool) -> None:
    """Show every key there is, or somebody's; what opens is not kept and cannot be shown."""
    wanted = keys_of(found(login).id) if login else all_keys()
    rows = [_row(each) for each in session().scalars(wanted.limit(MOST_LISTED)).unique()]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        click.echo(
            f"{row['number']:>8}  {row['begins']}  {row['ends_at'] or 'never ends':19}  {row['whose'] or 'integration':30}  {row['name']}"
        )
    click.echo(f"{len(rows)} {'key' if len(rows) == 1 else 'keys'}.")


@key_group.command("revoke")
@click.argument("number", type=click.IntRange(1, 2**31 - 1))
@click.option("--json", "as_json", is_flag=True, help="One JSON object for scripts.")
@open_to(operator)
def revoke_key(number: int, *, as_json: bool) -> None:
    """End a key at once, by its number in the list."""
    with transaction():
        key = session().get(ApiKey, number)
        if key is None:
            raise NotFound(f"There is no key {number}. `inkhorn key list` shows all.")
        row = _row(key)
        keys.revoke_key(key, by=House())
    click.echo(json.dumps(row, ensure_ascii=False, indent=2) if as_json else f"“{row['name']}” opens nothing any more.")


def _made(whose: User | None, name: str, words: tuple[str, ...], *, days: int | None) -> MadeKey:
    if whose is None:
        return keys.make_integration_key(name=name, permissions=words, days=days, by=House())
    return keys.make_personal_key(whose, name=name, permissions=words, days=days or USUAL_DAYS, by=House())


def _row(key: ApiKey) -> dict[str, object]:
    return {
        "number": key.id,
        "begins": key.shown,
        "name": key.name,
        "kind": key.kind.value,
        "whose": key.user.label if key.user else None,
        "permissions": key.permissions,
        "made_at": f"{key.made_at:%Y-%m-%d %H:%M:%S}",
        "ends_at": f"{key.expires_at:%Y-%m-%d %H:%M:%S}" if key.expires_at else None,
        "used_at": f"{key.used_at:%Y-%m-%d %H:%M:%S}" if key.used_at else None,
        "used_from": key.used_from,
    }


GROUPS: tuple[click.Command, ...] = (user, setup_link, key_group)
