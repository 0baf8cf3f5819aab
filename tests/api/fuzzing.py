"""Schemathesis held against the whole description of the API, as one of the cast, inside a transaction that is rolled back."""

import os
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import schemathesis
from flask import Flask
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure
from schemathesis.engine import events, from_schema
from schemathesis.generation import GenerationMode
from schemathesis.generation.meta import TestPhase
from schemathesis.hooks import HookContext
from schemathesis.transport.wsgi import WSGITransport

from tests.api.bearers import Shown
from tests.api.crowd import Crowd

# What a description cannot say refuses too: a version that must be named, a slug that is taken, a picture that is not there.
REFUSALS = ["401", "403", "404", "409", "412", "422", "428"]
EXPECTED = {
    "positive_data_acceptance": {"expected-statuses": ["2xx", "304", *REFUSALS]},
    "negative_data_rejection": {"expected-statuses": ["400", "405", "413", "415", *REFUSALS]},
    "missing_required_header": {"expected-statuses": ["400", "415", *REFUSALS]},
}
OF_THE_NETWORK = ("max_redirects", "verify", "cert", "proxies")
load_all_checks()
EVERY_CHECK = set(CHECKS.get_all_names())

# Each field at its bounds is every actor's before a release and one actor's every day: it is most of the work, and differs least.
EVERY_PHASE = frozenset(("examples", "coverage", "fuzzing", "stateful"))
DAILY = EVERY_PHASE - {"coverage"}

# What a form cannot tell apart: these fields are text, whatever was meant, and an empty list is not sent. A file beside them keeps schemathesis from knowing that.
TEXT = r"violates `type` at /properties/(alt|caption) \(was string, became (number|integer|boolean|array)\)"
TEXT_ANYWAY = re.compile(rf"Invalid component: in body(?: - {TEXT}|(?:\n +- {TEXT})+)$")

# 500 for each once before a release: INKHORN_TEST_FUZZ=500.
EXAMPLES = int(os.environ.get("INKHORN_TEST_FUZZ", "25"))


@dataclass
class Outcome:
    """What a run found wrong, what it was answered, and which checks looked at it."""

    faults: list[str] = field(default_factory=list)
    answered: Counter[int] = field(default_factory=Counter)
    checked: Counter[str] = field(default_factory=Counter)
    phases: Counter[str] = field(default_factory=Counter)
    # What everybody else was answered, by name.
    others: dict[str, Counter[int]] = field(default_factory=dict)

    def note(self, event: events.EngineEvent) -> None:
        """Keep what an event of the run tells."""
        if isinstance(event, events.NonFatalError):
            self.faults.append(f"{event.label}: {event.info.message}")
        elif isinstance(event, events.FatalError):
            self.faults.append(repr(event.exception))
        elif isinstance(event, events.ScenarioFinished):
            told = event.recorder
            self.phases[event.phase.value] += len(told.cases)
            self.answered.update(each.response.status_code for each in told.interactions.values() if each.response is not None)
            for case_id, check in ((case_id, check) for case_id, each in told.checks.items() for check in each):
                self.checked[check.name] += 1
                if (found := check.failure_info) is not None:
                    self.blame(told.cases[case_id].value, found.failure, found.code_sample)

    def blame(self, case: Any, failure: Failure, told: str) -> None:
        """Write down what a check found, unless nobody could see it."""
        if not _is_text_anyway(case, failure.message):
            self.faults.append(
                f"{case.meta and case.meta.phase.name.value} {case.operation.label}: {failure.title}: {failure.message}\n{told}"
            )


def _is_text_anyway(case: Any, told: str) -> bool:
    is_form = case.media_type == "multipart/form-data" and TEXT_ANYWAY.search(told) is not None
    return is_form and all(kind != "array" or case.body[name] == [] for name, kind in re.findall(TEXT, told))


def hold_to_its_description(
    app: Flask,
    shown: Shown,
    *,
    met: set[int],
    version: str = "v1",
    phases: frozenset[str] = EVERY_PHASE,
    part: str = "",
    others: dict[str, Shown] | None = None,
) -> Outcome:
    """Every operation by all phases and checks: each field's bounds, so much sense and nonsense, and chains that lead from one operation to the next; and it got through the doors, not only to them. Of a part only what its paths begin with; others try each example before."""
    crowd = Crowd(app, others or {})
    outcome = Outcome(others=crowd.answered)
    with _leading_on(shown, crowd):
        whole = schemathesis.openapi.from_wsgi(f"/api/{version}/openapi.json", app, config=_config(shown, phases))
        asked = whole.include(path_regex=f"^/api/{version}/{part}(/|$)") if part else whole
        for event in from_schema(asked).execute():
            outcome.note(event)
    for name, case, failure in crowd.faults:
        outcome.blame(case, failure, f"asked by: {name}")
    for name, answers in crowd.answered.items():
        print(f"{name}: {sum(answers.values())} requests, {dict(answers)}")
    print(f"{sum(outcome.answered.values())} requests, {dict(outcome.phases)}, {dict(outcome.answered)}, {len(outcome.faults)} faults")
    assert outcome.faults == [], "\n\n".join(dict.fromkeys(outcome.faults))
    assert met <= set(outcome.answered)
    return outcome


def _config(shown: Shown, phases: frozenset[str]) -> SchemathesisConfig:
    # It cannot tell a session's cookie from one that it made up, so whether those are asked for is seen with a token.
    checks = EVERY_CHECK - ({"ignored_auth"} if shown.cookie else set())
    generation = {"max-examples": EXAMPLES, "deterministic": True, "no-shrink": True, "database": "none", "with-security-parameters": False}
    return SchemathesisConfig.from_dict(
        {
            "seed": 4,
            "headers": shown.headers,
            "checks": {name: {"enabled": name in checks} | EXPECTED.get(name, {}) for name in EVERY_CHECK},
            "generation": generation,
            "phases": {name: {"enabled": name in phases} for name in EVERY_PHASE} | {"coverage": _bounds(phases)},
            "suppress-health-check": ["all"],
            "continue-on-failure": True,
            "cache": {"enabled": False},
        }
    )


def _bounds(phases: frozenset[str]) -> dict[str, bool]:
    return {"enabled": "coverage" in phases, "generate-duplicate-query-parameters": True}


@contextmanager
def _leading_on(shown: Shown, crowd: Crowd) -> Iterator[None]:
    """Let sound examples be of something: what nobody can make up is a cursor, which is signed; the number of what is there; the version it has."""

    def lead(_context: HookContext, case: Any, _options: dict[str, Any]) -> None:
        if case.meta is None or case.meta.generation.mode is not GenerationMode.POSITIVE:
            return
        if case.query:
            case.query.pop("page[cursor]", None)
        if case.headers and "If-Match" in case.headers:
            case.headers["If-Match"] = "*"
        if case.meta.phase.name is TestPhase.STATEFUL:
            return
        for name, value in (case.path_parameters or {}).items():
            if isinstance(value, int):
                case.path_parameters[name] = 1 + value % 3

    def send(transport: WSGITransport, case: Any, **options: Any) -> Any:
        # Its tries without a key or token hand on what its own client of WSGI does not know, and go without the cookie too.
        known = {name: value for name, value in options.items() if name not in OF_THE_NETWORK}
        told = {**(case.headers or {}), **(options.get("headers") or {})}
        asking = crowd.asking or shown
        is_itself = case.meta is not None and asking.headers.items() <= told.items()
        if crowd.actors and crowd.asking is None and is_itself:
            crowd.try_first(lambda each, **told: send(transport, each, **told), case, options)
        if asking.cookie and told.get("X-CSRF-Token") == asking.headers["X-CSRF-Token"]:
            known["cookies"] = {"inkhorn": asking.cookie}
        return sent(transport, case, **known)

    sent = WSGITransport.send
    schemathesis.hook("before_call")(lead)
    try:
        with mock.patch.object(WSGITransport, "send", send):
            yield
    finally:
        schemathesis.hooks.unregister(lead)
