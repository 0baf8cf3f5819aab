"""The operator's commands about people."""

import json
import sys
from typing import Any

import click

from inkhorn.accounts.policies import ROLES
from inkhorn.accounts.queries import people, user_by_email
from inkhorn.accounts.services import people as verbs
from inkhorn.accounts.services.setup import make_setup_link
from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from inkhorn.core.errors import NotFound
from inkhorn.core.links import absolute


@click.group()
def user() -> None:
    """People with accounts: create, list, give a role."""


@user.command("create")
@click.argument("email")
@click.option("--name", required=True, help="As readers should see it.")
@click.option("--role", default="author", show_default=True, help=f"One of {', '.join(ROLES)}.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of asking.")
def create_user(email: str, name: str, role: str, *, password_stdin: bool) -> None:
    """Open an account that can sign in at once; the first owner closes the set-up link."""
    password = (
        sys.stdin.readline().rstrip("\r\n") if password_stdin else click.prompt("Password", hide_input=True, confirmation_prompt=True)
    )
    with transaction():
        made = verbs.create_user(email=email, name=name, role=role, password=password, by=House())
    click.echo(f"{made.name} <{made.email}> is now {role}.")


@user.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON list for scripts.")
def list_users(*, as_json: bool) -> None:
    """Everybody, imported authors included."""
    rows: list[dict[str, Any]] = [
        {"id": each.id, "name": each.name, "email": each.email, "roles": [role.name for role in each.roles], "status": each.status.value}
        for each in session().scalars(people())
    ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        click.echo(f"{row['name']:30} {row['email'] or '-':36} {', '.join(row['roles']) or '-':16} {row['status']}")


@user.command("role")
@click.argument("email")
@click.argument("role")
def change_role(email: str, role: str) -> None:
    """Give somebody another role; every browser of theirs is signed out."""
    with transaction():
        found = user_by_email(email)
        if found is None:
            raise NotFound(f"There is no account for {email}. `inkhorn user list` shows all.")
        verbs.change_role(found, role, by=House())
    click.echo(f"{found.name} is now {role}.")


@click.command("setup-link")
def setup_link() -> None:
    """Print the one-time link that makes the first owner; refused once there is one."""
    with transaction():
        token = make_setup_link()
    if token is None:
        raise click.ClickException("The site has an owner, so there is no set-up link. `inkhorn user list` shows who.")
    click.echo(absolute(f"/setup/{token}"))


GROUPS: tuple[click.Command, ...] = (user, setup_link)
