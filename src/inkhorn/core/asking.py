"""What a command asks for at a terminal: secrets, which may come from standard input, and whether it shall go on."""

import sys
import warnings
from getpass import GetPassWarning

import click

from inkhorn.core.errors import Invalid


def ask_secret(what: str, *, otherwise: str, confirm: bool = False) -> str:
    """What somebody types without seeing it; where nobody can be asked, Invalid says what to do otherwise."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", GetPassWarning)
        try:
            told: str = click.prompt(what, hide_input=True, confirmation_prompt=confirm)
        except GetPassWarning:
            raise Invalid(f"There is no terminal to ask for it at. {otherwise}") from None
    return told


def secret_from_input(what: str) -> str:
    """The first line of standard input."""
    if sys.stdin is None:
        raise Invalid(f"Standard input is closed. Give {what} as its first line.")
    try:
        return sys.stdin.buffer.readline().decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise Invalid(f"What stands on standard input is not text in UTF-8. Give {what} so.") from None


def confirm(question: str) -> None:
    """Go on if somebody says yes; where nobody can be asked, Invalid names the option that says it beforehand."""
    try:
        is_wanted = click.confirm(question)
    except click.Abort:
        if sys.stdin is None or not sys.stdin.isatty():
            click.echo()
            raise Invalid("Nobody is there to be asked. Look at what it says, and run it again with --yes.") from None
        raise
    if not is_wanted:
        raise click.Abort
