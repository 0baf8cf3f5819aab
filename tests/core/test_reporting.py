"""Traces and error reports: they leave where a setting says so, hold nothing about anybody, and matter to nobody when they cannot."""

import json
import logging
import subprocess
import sys
import time

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from inkhorn.accounts.services.roles import sync_roles
from inkhorn.app import create_app
from inkhorn.core import jobs, runner, tracing
from inkhorn.core.config import ConfigError
from inkhorn.core.database import Base, db, transaction
from inkhorn.core.error_reports import ErrorReports
from tests.conftest import config_for
from tests.ports import free_port
from tests.receivers import running_receiver

PATIENCE_SECONDS = 60
MARKER = "hunter2-MARKER"
ASKED = {
    "path": f"/tag/none/?token={MARKER}",
    "headers": {"Authorization": f"Bearer {MARKER}", "Cookie": f"x={MARKER}", "User-Agent": MARKER, "X-Forwarded-For": "192.0.2.77"},
    "environ_base": {"REMOTE_ADDR": "192.0.2.77"},
}


@pytest.fixture
def receiver():
    with running_receiver() as listening:
        yield listening


@pytest.fixture
def site(tmp_path):
    """Makes an application with such settings and its database."""
    made, root = [], logging.getLogger()
    before = root.handlers[:], root.level

    def make(**settings: object):
        app = create_app(config_for(tmp_path, **settings))
        context = app.app_context()
        context.push()
        made.append((app, context))
        Base.metadata.create_all(db.engine)
        with transaction():
            sync_roles()
        return app

    yield make
    for each in [each for each in root.handlers if isinstance(each, ErrorReports)]:
        each.close()
    root.handlers[:] = before[0]
    # Not by the attribute: loggers keep in mind what they found to be written.
    root.setLevel(before[1])
    for app, context in made:
        if (tracer := app.extensions.get("inkhorn.tracer")) is not None:
            tracer.provider.shutdown()
        db.session.close()
        db.engine.dispose()
        context.pop()


@pytest.fixture
def reporting(site, receiver):
    """An application that reports, and what waits until so many reports came and reads them."""
    app = site(sentry_dsn=f"http://public@127.0.0.1:{receiver.port}/1")

    def come(many: int = 1) -> list[dict]:
        until = time.monotonic() + PATIENCE_SECONDS
        while len(receiver.sent) < many and time.monotonic() < until:
            time.sleep(0.05)
        return [json.loads(body.splitlines()[2]) for _path, _headers, body in receiver.sent]

    return app, come


def fail(name: str, logger: str = "inkhorn.test") -> None:
    try:
        raise RuntimeError(name)
    except RuntimeError:
        logging.getLogger(logger).exception(name)


def spans_of(receiver) -> list:
    found = [ExportTraceServiceRequest.FromString(body) for _path, _headers, body in receiver.sent]
    return [span for each in found for resource in each.resource_spans for scope in resource.scope_spans for span in scope.spans]


def told_by(span) -> dict[str, str]:
    return {each.key: each.value.string_value or str(each.value.int_value) for each in span.attributes}


def test_a_request_and_its_statements_are_traced_and_nothing_of_who_asked(site, receiver):
    app = site(otlp_url=receiver.base, otlp_headers="x-key=of-the-collector", traces_percent=100)
    app.test_client().get(**ASKED)
    tracing.flush(app)
    spans = spans_of(receiver)
    (asked,) = [span for span in spans if span.name == "site.show_tag"]
    assert told_by(asked) == {"http.request.method": "GET", "http.route": "/tag/<slug>/", "http.response.status_code": "404"}
    statements = [span for span in spans if span.name == "statement"]
    assert statements
    assert {span.parent_span_id for span in statements} == {asked.span_id}
    assert all(told_by(span)["db.operation.name"] in told_by(span)["db.query.text"].upper() for span in statements)
    assert (receiver.sent[0][0], receiver.sent[0][1]["x-key"]) == ("/v1/traces", "of-the-collector")
    assert (MARKER.encode() in receiver.everything, b"192.0.2.77" in receiver.everything) == (False, False)


def test_a_stranger_cannot_have_a_request_traced(site, receiver):
    app = site(otlp_url=receiver.base, traces_percent=0)
    app.test_client().get("/", headers={"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"})
    tracing.flush(app)
    assert receiver.sent == []


def test_a_job_is_traced_with_how_it_ended(site, receiver):
    app = site(otlp_url=receiver.base, traces_percent=100)
    runner.carry_out(app, jobs.Claimed(1, "no.such.job", {}, 1, 8, 1))
    tracing.flush(app)
    (span,) = [each for each in spans_of(receiver) if each.name == "unknown"]
    assert span.status.code == 2


def test_an_unexpected_error_is_reported_and_nothing_of_who_asked(reporting, receiver):
    app, come = reporting
    logger = logging.getLogger("inkhorn.test")
    with app.test_request_context("/search/?q=" + MARKER, method="POST", data={"password": MARKER}, headers=ASKED["headers"]):
        try:
            password = MARKER
            raise RuntimeError(f"cannot read {password}")
        except RuntimeError:
            logger.exception("request_failed")
    (event,) = come()
    (error,) = event["exception"]["values"]
    assert (error["type"], error["value"], event["tags"]["event"]) == ("RuntimeError", "", "request_failed")
    assert error["stacktrace"]["frames"][-1]["function"] == "test_an_unexpected_error_is_reported_and_nothing_of_who_asked"
    assert set(event) & {"request", "user", "server_name", "modules", "extra", "breadcrumbs", "contexts"} == set()
    assert (MARKER.encode() in receiver.everything, b"192.0.2.77" in receiver.everything) == (False, False)


def test_what_was_expected_is_not_reported(reporting):
    app, come = reporting
    assert app.test_client().get("/nothing-here/").status_code == 404
    logging.getLogger("inkhorn.test").error("something_known")
    # Reports leave in their order, so what came before this one would have come.
    fail("request_failed")
    assert [event["tags"]["event"] for event in come()] == ["request_failed"]


def test_the_path_that_was_asked_is_in_no_sentence_that_is_reported(reporting, receiver):
    app, come = reporting
    with app.test_request_context(f"/reset/{MARKER}"):
        try:
            raise RuntimeError("away")
        except RuntimeError:
            app.log_exception(sys.exc_info())
    (event,) = come()
    assert event["tags"]["event"] == app.logger.name
    assert MARKER.encode() not in receiver.everything


def test_what_fails_again_and_again_is_reported_once(reporting):
    _app, come = reporting
    for _each in range(5):
        fail("runner_step_failed")
        fail("heartbeat_failed")
    fail("request_failed")
    assert [event["tags"]["event"] for event in come(3)] == ["runner_step_failed", "heartbeat_failed", "request_failed"]


@pytest.mark.parametrize(
    "dsn", ["https://sentry.example.org/7", "https://key@sentry.example.org", "https://key@sentry.example.org/seven", "key"]
)
def test_an_address_without_key_or_project_stops_the_start_in_words(tmp_path, dsn):
    with pytest.raises(ConfigError, match="sentry_dsn"):
        config_for(tmp_path, sentry_dsn=dsn)


def test_while_both_are_away_everything_is_answered(site):
    away = free_port()
    app = site(otlp_url=f"http://127.0.0.1:{away}", traces_percent=100, sentry_dsn=f"http://public@127.0.0.1:{away}/1")
    logging.getLogger("inkhorn.test").error("request_failed", exc_info=RuntimeError("away"))
    assert [app.test_client().get("/").status_code for _each in range(3)] == [200, 200, 200]


@pytest.mark.parametrize(
    ("settings", "package", "says"),
    [
        ({"sentry_dsn": "http://public@127.0.0.1:1/1"}, "sentry_sdk", r"sentry_dsn is set, .*inkhorn\[sentry\]"),
        ({"otlp_url": "http://127.0.0.1:1"}, "opentelemetry.sdk.trace", r"otlp_url is set, .*inkhorn\[traces\]"),
    ],
)
def test_a_setting_without_its_package_stops_the_start_in_words(tmp_path, monkeypatch, settings, package, says):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ConfigError, match=says):
        create_app(config_for(tmp_path, **settings))


def test_without_the_settings_nothing_of_it_is_loaded(tmp_path):
    program = (
        "import sys; from pathlib import Path; from inkhorn.app import create_app; from inkhorn.core.config_loading import load_config\n"
        f"create_app(load_config(data=Path({str(tmp_path)!r}), environ={{}}, overrides={{'profile': 'testing', 'secret_key': 'abcdefghij' * 4}}))\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'sentry_sdk', 'opentelemetry', 'prometheus_client'}))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.strip() == "[]", done.stderr
