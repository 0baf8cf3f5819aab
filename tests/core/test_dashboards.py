"""What is drawn and what wakes somebody speaks of figures that are there, with labels that they have."""

import json
import re

import pytest
import yaml

from inkhorn.core.audit import declared_actions
from inkhorn.core.metrics.families import FAMILIES
from tests.architecture.tree import ROOT

BOARD = ROOT / "deploy" / "grafana" / "inkhorn.json"
ALERTS = ROOT / "deploy" / "prometheus" / "alerts.yml"
# Prometheus itself gives these to whatever it asks.
GIVEN = {"instance", "job"}


def drawn() -> list[str]:
    board = json.loads(BOARD.read_text(encoding="utf-8"))
    return [target["expr"] for panel in board["panels"] for target in panel.get("targets", ())]


def rules() -> list[dict]:
    return [rule for group in yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"] for rule in group["rules"]]


def names_in(expression: str) -> set[str]:
    return {re.sub(r"_(bucket|sum|count)$", "", name) for name in re.findall(r"\binkhorn_\w+", expression)}


def strangers_in(expression: str) -> list[str]:
    """Names and labels in an expression that no figure has."""
    found = [name for name in names_in(expression) if name not in FAMILIES]
    labels = {label for name in names_in(expression) if name in FAMILIES for label in FAMILIES[name].labels} | GIVEN | {"le"}
    asked = {label for group in re.findall(r"\bby \(([^)]*)\)", expression) for label in re.split(r",\s*", group)}
    asked |= {label for group in re.findall(r"\{([^}]*)\}", expression) for label in re.findall(r"(\w+)\s*[=!]", group)}
    return found + sorted(asked - labels)


@pytest.mark.parametrize("expression", drawn() + [rule["expr"] for rule in rules()])
def test_an_expression_names_what_there_is(expression):
    assert names_in(expression) or expression.startswith("up{")
    assert strangers_in(expression) == []
    assert all(expression.count(a) == expression.count(b) for a, b in ("()", "{}", "[]"))


def test_a_planted_stranger_is_found():
    assert strangers_in('sum by (colour) (rate(inkhorn_tides_total{moon="full"}[5m]))') == ["inkhorn_tides_total", "colour", "moon"]


def test_no_figure_has_a_label_that_is_given():
    assert {each.name: each.labels for each in FAMILIES.values() if GIVEN & set(each.labels)} == {}


def test_every_figure_is_drawn():
    shown = {name for expression in drawn() for name in names_in(expression)}
    assert set(FAMILIES) - shown == set()


def test_acts_that_are_drawn_are_noted_somewhere():
    named = {name for text in [*drawn(), *(rule["expr"] for rule in rules())] for name in re.findall(r'action="([\w.]+)"', text)}
    assert named == {"accounts.sign_in_refused", "media.stored"}
    assert named <= set(declared_actions())


def test_a_runner_that_never_ran_wakes_somebody_too():
    (asked,) = [rule["expr"] for rule in rules() if rule["alert"] == "InkhornRunnerIsSilent"]
    assert "unless max by (instance) (inkhorn_timetable_silence_seconds)" in asked


def test_every_alarm_says_what_to_do():
    assert [rule["alert"] for rule in rules() if not rule["annotations"]["summary"].endswith(".") or "for" not in rule] == []
