"""Every endpoint says who may reach it, and the printed matrix says the same."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from inkhorn.accounts.policies import ROLES
from inkhorn.app import create_app
from inkhorn.core import guard
from inkhorn.core.access import everyone, holds, open_to, signed_in
from tests.architecture.tree import ROOT
from tests.conftest import config_for

MATRIX = ROOT / "docs" / "security" / "access.md"
INTRODUCTION = """\
# Who may reach what

Made from the code by `python -m tests.architecture.test_access`; a test compares. Every endpoint declares one rule with `@open_to`, and one that
declares none answers 403. Most views then ask a second question about the very thing they touch (`posts/policies.py`): an author reaches the
editor, but only that of their own posts.

"""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return create_app(config_for(tmp_path_factory.mktemp("access")))


def silent_endpoints(app: Flask) -> list[str]:
    return sorted({rule.endpoint for rule in app.url_map.iter_rules() if guard.rule_of(app, rule.endpoint) is None})


def rows(app: Flask) -> Iterator[str]:
    """One line of the matrix for each address."""
    roles = list(ROLES)
    yield "| address | methods | endpoint | rule | visitor | " + " | ".join(roles) + " |"
    yield "|" + " --- |" * (5 + len(roles))
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint)):
        asked = guard.rule_of(app, rule.endpoint)
        assert asked is not None, rule.endpoint
        let_in = [asked is everyone, *(asked in (everyone, signed_in) or asked.name in ROLES[role] for role in roles)]
        methods = ", ".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
        address = rule.rule.replace("|", "\\|")
        yield f"| `{address}` | {methods} | {rule.endpoint} | {asked.name} | " + " | ".join("yes" if each else "" for each in let_in) + " |"


def matrix(app: Flask) -> str:
    return INTRODUCTION + "\n".join(rows(app)) + "\n"


def test_every_endpoint_declares_who_may_reach_it(app: Flask) -> None:
    assert silent_endpoints(app) == []


def test_every_word_that_is_asked_for_is_held_by_some_role(app: Flask) -> None:
    words = {rule.name for name in app.view_functions if (rule := guard.rule_of(app, name)) and rule not in (everyone, signed_in)}
    assert words <= set().union(*ROLES.values())


def test_nothing_that_writes_is_open_to_everyone_but_the_doors(app: Flask) -> None:
    open_writes = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if {"POST", "PUT", "PATCH", "DELETE"} & (rule.methods or set()) and guard.rule_of(app, rule.endpoint) is everyone
    }
    assert open_writes == {"accounts.sign_in", "accounts.claim_setup"}


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
