"""Making and listing accounts, giving roles, keeping people out and letting them back in."""

import json
from typing import Any

import click

from inkhorn.accounts import queries
from inkhorn.accounts.commands.group import found, user
from inkhorn.accounts.models import AccountStatus, Role, User
from inkhorn.accounts.policies import ROLES
from inkhorn.accounts.services import closing, people, roles
from inkhorn.core.access import House, open_to, operator
from inkhorn.core.asking import ask_secret, secret_from_input
from inkhorn.core.database import session, transaction


@user.command("create")
@click.argument("email")
@click.option("--name", required=True, help="As readers should see it.")
@click.option("--role", default="author", show_default=True, help=f"One of {', '.join(ROLES)}, or of the site's own.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of asking.")
@open_to(operator)
def create_user(email: str, name: str, role: str, *, password_stdin: bool) -> None:
    """Open an account that can sign in at once; the first owner closes the set-up link."""
    otherwise = "Give --password-stdin and the password on standard input."
    password = secret_from_input("the password") if password_stdin else ask_secret("Password", otherwise=otherwise, confirm=True)
    with transaction():
        made = people.create_user(email=email, name=name, role=role, password=password, by=House())
    click.echo(f"{made.name} <{made.email}> is now {role}.")


@user.command("list")
@click.option("--role", help="Only those who hold this role.")
@click.option("--status", type=click.Choice([each.value for each in AccountStatus]), help="Only those in this state.")
@click.option("--json", "as_json", is_flag=True, help="One JSON list for scripts.")
@open_to(operator)
def list_users(*, role: str | None, status: str | None, as_json: bool) -> None:
    """Everybody, imported authors included."""
    listed = queries.people()
    if role is not None:
        wanted = roles.role_named(role)
        listed = listed.where(User.roles.any(Role.id == wanted.id))
    if status is not None:
        listed = listed.where(User.status == AccountStatus(status))
    rows: list[dict[str, Any]] = [
        {"id": each.id, "name": each.name, "email": each.email, "roles": [role.name for role in each.roles], "status": each.status.value}
        for each in session().scalars(listed)
    ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        click.echo(f"{row['name']:30} {row['email'] or '-':36} {', '.join(row['roles']) or '-':16} {row['status']}")


@user.command("role")
@click.argument("email")
@click.argument("role")
@open_to(operator)
def change_role(email: str, role: str) -> None:
    """Give somebody another role; every browser of theirs is signed out."""
    with transaction():
        known = found(email)
        roles.change_role(known, role, by=House())
    click.echo(f"{known.name} is now {role}.")


@user.command("suspend")
@click.argument("email")
@open_to(operator)
def suspend_user(email: str) -> None:
    """Keep somebody out until further notice; every session, link and code of theirs ends at once."""
    with transaction():
        known = found(email)
        people.suspend_user(known, by=House())
    click.echo(f"{known.name} is suspended and signed out everywhere.")


@user.command("restore")
@click.argument("email")
@open_to(operator)
def restore_user(email: str) -> None:
    """Let somebody back in who was suspended."""
    with transaction():
        known = found(email)
        people.restore_user(known, by=House())
    click.echo(f"{known.name} may sign in again.")


@user.command("reopen")
@click.argument("email")
@open_to(operator)
def keep_account(email: str) -> None:
    """Keep the account of somebody who closed it and wants it back; within fourteen days, and without the letter."""
    with transaction():
        known = found(email)
        closing.keep_account(known, by=House())
    click.echo(f"The account of {known.name} is open again, and nothing is lost.")
