"""Nothing that somebody may set, call, hear or draw is missing from the reference, looked up apart from what writes it."""

import dataclasses
import re
from pathlib import Path

import click
import pytest
from blinker import Signal
from flask import Flask

from inkhorn.accounts.policies import PERMISSIONS
from inkhorn.app import create_app
from inkhorn.cli import main
from inkhorn.core.audit import declared_actions
from inkhorn.core.config import settings_of_config
from inkhorn.core.jobs import registered_jobs
from inkhorn.core.theme_contract import pages_of
from inkhorn.core.themes import template_of
from tests.architecture.tree import SOURCE
from tests.conftest import config_for
from tests.docs.tree import DOCS, module_of_docs

REFERENCE = DOCS / "reference"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return create_app(config_for(tmp_path_factory.mktemp("reference")))


def told(name: str) -> str:
    return (REFERENCE / name).read_text(encoding="utf-8")


def section(text: str, heading: str) -> str:
    """What stands under a heading, up to the next one of its rank."""
    return text.partition(f"\n## {heading}")[2].partition("\n## ")[0]


def test_every_setting_has_its_line():
    rows = told("settings.md")
    assert [each.name for each in settings_of_config() if f"| `{each.name}` |" not in rows] == []


def test_every_tunable_value_has_its_line():
    missing = [
        f"{kind.section}.{field.name}"
        for kind in module_of_docs("generate").sections()
        for field in dataclasses.fields(kind)
        if f"| `{field.name}` |" not in section(told("settings.md"), f"Tuned while the site runs: {kind.section}\n")
    ]
    assert missing == []


def test_every_command_and_option_has_its_line():
    generator, missing = module_of_docs("generate"), []
    for context, command in generator.commands(main, None, "inkhorn"):
        path = context.command_path
        text = section(told("cli.md"), f"`{path}`\n")
        options = [each for each in command.params if isinstance(each, click.Option) and not each.hidden]
        missing += [f"{path} {each.opts[0]}" for each in options if each.opts[0] not in text]
        missing += [path] if "Usage: " not in text else []
    assert missing == []


def test_every_event_has_its_line():
    named = [
        name
        for path in SOURCE.glob("*/events.py")
        for name, value in vars(__import__(f"inkhorn.{path.parent.name}.events", fromlist=["_"])).items()
        if isinstance(value, Signal)
    ]
    assert len(named) > 50
    assert [name for name in named if f"| `{name}` |" not in told("events.md")] == []


def test_every_field_of_every_theme_page_has_its_line(app: Flask):
    text, missing = told("theme.md"), []
    inherited = {"site", "meta", "edit_address"}
    for page in [each for each in pages_of() if each.__module__.startswith("inkhorn.")]:
        rows = section(text, f"{page.__name__}, `{template_of(page)}`\n")
        missing += [
            f"{page.__name__}.{each.name}"
            for each in dataclasses.fields(page)
            if each.name not in inherited and f"| `{each.name}` |" not in rows
        ]
    assert missing == []


def test_every_field_of_a_page_says_what_it_means():
    silent = re.findall(r"^\| `(\w+)` \| `[^|]*` \|\s*\|$", told("theme.md"), re.MULTILINE)
    assert silent == []


@pytest.mark.parametrize(("version", "page"), [("v1", "api.md"), ("v2", "api-2.md")])
def test_every_route_of_the_api_has_its_heading(app: Flask, version: str, page: str):
    headings = set(re.findall(r"^### `(\w+) ([^`]+)`$", told(page), re.MULTILINE))
    routes = {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(f"/api/{version}/") and rule.endpoint.startswith(f"api_{version}.") and "openapi" not in rule.rule
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert len(routes) > 3
    assert routes - headings == set()


def test_every_job_action_and_permission_has_its_line(app: Flask):
    access = (DOCS / "security" / "access.md").read_text(encoding="utf-8")
    assert [name for name in registered_jobs() if not name.startswith("tests.") and f"| `{name}` |" not in told("jobs.md")] == []
    assert [action for action in declared_actions() if f"| `{action}` |" not in told("audit.md")] == []
    assert [word for word in PERMISSIONS if f"| {word} |" not in access] == []


def test_a_planted_setting_would_be_missed(monkeypatch: pytest.MonkeyPatch):
    text = told("settings.md").replace("| `site_url` |", "| `another` |")
    monkeypatch.setattr(Path, "read_text", lambda self, encoding: text)
    with pytest.raises(AssertionError, match="site_url"):
        test_every_setting_has_its_line()
