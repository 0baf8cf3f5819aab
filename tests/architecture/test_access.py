"""Every endpoint and every command says who may reach it, and the printed matrix says the same."""

from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from flask import Flask

from inkhorn.accounts.policies import PERMISSIONS, ROLES
from inkhorn.app import create_app
from inkhorn.cli import main
from inkhorn.core import guard
from inkhorn.core.access import Visitor, everyone, holds, in_person, open_to, operator, signed_in
from tests.architecture.tree import ROOT
from tests.conftest import config_for

MATRIX = ROOT / "docs" / "security" / "access.md"
# The forms that visitors fill in: each is guarded by where it comes from and counted against a limit.
DOORS = {
    "accounts.claim_setup",
    "api_v1.sign_in",
    "api_v1.refresh_tokens",
    "api_v1.sign_out",
    "accounts.try_sign_in",
    "accounts.try_second_factor",
    "accounts.ask_for_second_passkey",
    "accounts.try_second_passkey",
    "accounts.ask_for_passkey",
    "accounts.sign_in_by_passkey",
    "accounts.accept_invitation",
    "accounts.ask_to_join",
    "accounts.ask_again",
    "accounts.confirm_registration",
    "accounts.ask_for_link",
    "accounts.try_link",
    "accounts.ask_for_reset",
    "accounts.reset_password",
    "accounts.confirm_new_email",
    "accounts.sign_in_with",
    "accounts.join_by_identity",
    "accounts.reopen_account",
    "comments.post_comment",
    "comments.confirm_comment",
    "comments.send_report",
    "comments.mute_letters",
    "comments.decide_comment",
}
INTRODUCTION = """\
# Who may reach what

Made from the code by `python -m tests.architecture.test_access`; a test compares, and `tests/security/test_who_reaches_what.py` reads this very
page and holds the running site to it: every address is asked for by each of the seven, and what is not listed here fails.

## What each role may do

The words that a role holds, and what each allows. A role of the site's own is a choice of these, and nobody gives what they do not have.

"""
ADDRESSES = """\

## Addresses

Every endpoint declares one rule with `@open_to`, and one that declares none answers 403. Most views then ask a second question about the very
thing they touch (`policies.py` of its room): an author reaches the editor, but only that of their own posts; an administrator reaches the page of
the owner, but changes nothing there.

"""
COMMANDS = """\

## Commands

Whoever has a shell on the machine owns its files anyway, so every command asks for the operator and acts as the house itself, by that name in the
audit log.

"""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return create_app(config_for(tmp_path_factory.mktemp("access")))


def silent_endpoints(app: Flask) -> list[str]:
    return sorted({rule.endpoint for rule in app.url_map.iter_rules() if guard.rule_of(app, rule.endpoint) is None})


def permission_rows() -> Iterator[str]:
    """One line for each word, with the shipped roles that hold it."""
    yield "| permission | what it allows | " + " | ".join(ROLES) + " |"
    yield "|" + " --- |" * (2 + len(ROLES))
    for word, meaning in PERMISSIONS.items():
        yield f"| {word} | {meaning} | " + " | ".join("yes" if word in held else "" for held in ROLES.values()) + " |"


def rows(app: Flask) -> Iterator[str]:
    """One line of the matrix for each address."""
    roles = list(ROLES)
    yield "| address | methods | endpoint | rule | visitor | " + " | ".join(roles) + " |"
    yield "|" + " --- |" * (5 + len(roles))
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint)):
        asked = guard.rule_of(app, rule.endpoint)
        assert asked is not None, rule.endpoint
        let_in = [asked is everyone, *(asked in (everyone, signed_in, in_person) or asked.name in ROLES[role] for role in roles)]
        methods = ", ".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
        address = rule.rule.replace("|", "\\|")
        yield f"| `{address}` | {methods} | {rule.endpoint} | {asked.name} | " + " | ".join("yes" if each else "" for each in let_in) + " |"


def leaves(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, hidden ones included, by what is typed."""
    if not isinstance(command, click.Group):
        yield path, command
        return
    context = click.Context(command)
    for name in sorted(command.list_commands(context)):
        child = command.get_command(context, name)
        assert child is not None, name
        yield from leaves(child, f"{path} {name}")


def command_rows() -> Iterator[str]:
    yield "| command | rule | what it does |"
    yield "| --- | --- | --- |"
    for path, command in leaves(main, "inkhorn"):
        sentence = " ".join((command.help or "").split("\n\n")[0].split()).replace("|", "\\|")
        yield f"| `{path}` | {command.callback.access_rule.name} | {sentence} |"


def matrix(app: Flask) -> str:
    tables = ("\n".join(part) + "\n" for part in (permission_rows(), rows(app), command_rows()))
    return "".join(f"{words}{table}" for words, table in zip((INTRODUCTION, ADDRESSES, COMMANDS), tables, strict=True))


def silent_commands(command: click.Command) -> list[str]:
    return [path for path, each in leaves(command, "inkhorn") if getattr(each.callback, "access_rule", None) is not operator]


def test_every_command_declares_that_it_is_the_operators() -> None:
    assert len(list(leaves(main, "inkhorn"))) > 25
    assert silent_commands(main) == []


def test_a_planted_command_without_a_rule_is_found() -> None:
    group = click.Group("planted")
    group.command("silent")(lambda: None)
    group.command("open")(open_to(everyone)(lambda: None))
    assert silent_commands(group) == ["inkhorn open", "inkhorn silent"]


def test_nobody_on_the_web_is_the_operator(app: Flask) -> None:
    assert [name for name in app.view_functions if guard.rule_of(app, name) is operator] == []
    assert not operator.admits(Visitor())


def test_every_endpoint_declares_who_may_reach_it(app: Flask) -> None:
    assert silent_endpoints(app) == []


def test_every_word_that_is_asked_for_is_held_by_some_role(app: Flask) -> None:
    words = {
        rule.name for name in app.view_functions if (rule := guard.rule_of(app, name)) and rule not in (everyone, signed_in, in_person)
    }
    assert words <= set().union(*ROLES.values())


def test_nothing_that_writes_is_open_to_everyone_but_the_doors(app: Flask) -> None:
    open_writes = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if {"POST", "PUT", "PATCH", "DELETE"} & (rule.methods or set()) and guard.rule_of(app, rule.endpoint) is everyone
    }
    assert open_writes == DOORS


def test_a_planted_endpoint_without_a_rule_is_found_and_closed(tmp_path: Path) -> None:
    app = create_app(config_for(tmp_path))
    app.add_url_rule("/planted", "planted", lambda: "a secret")
    assert silent_endpoints(app) == ["planted"]
    answer = app.test_client().get("/planted")
    assert (answer.status_code, "a secret" in answer.text) == (403, False)


def test_a_planted_rule_is_asked_of_everybody(tmp_path: Path) -> None:
    app = create_app(config_for(tmp_path))
    app.add_url_rule("/planted", "planted", open_to(holds("site.own"))(lambda: "a secret"))
    assert app.test_client().get("/planted").status_code == 303
    assert app.test_client().get("/planted", headers={"Accept": "application/json"}).status_code == 401


def test_the_printed_matrix_is_the_code_s(app: Flask) -> None:
    assert MATRIX.read_text(encoding="utf-8") == matrix(app), "run: python -m tests.architecture.test_access"


if __name__ == "__main__":
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        MATRIX.parent.mkdir(parents=True, exist_ok=True)
        MATRIX.write_text(matrix(create_app(config_for(Path(folder)))), encoding="utf-8")
