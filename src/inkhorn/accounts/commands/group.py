"""The group of the commands about people, how one of them is named, and the set-up link."""

import click

from inkhorn.accounts.models import User
from inkhorn.accounts.queries import user_by_login
from inkhorn.accounts.services.setup import make_setup_link
from inkhorn.core.access import open_to, operator
from inkhorn.core.database import transaction
from inkhorn.core.errors import NotFound
from inkhorn.core.links import absolute


@click.group()
def user() -> None:
    """People with accounts: create, invite, import, list, change, let in."""


def found(login: str) -> User:
    """Whoever has that address or username."""
    known = user_by_login(login)
    if known is None:
        raise NotFound(f"There is no account for {login}. `inkhorn user list` shows all.")
    return known


@click.command("setup-link")
@open_to(operator)
def setup_link() -> None:
    """Print the one-time link that makes the first owner; refused once there is one."""
    with transaction():
        token = make_setup_link()
    if token is None:
        raise click.ClickException("The site has an owner, so there is no set-up link. `inkhorn user list` shows who.")
    click.echo(absolute(f"/setup/{token}"))
