"""Traces for OpenTelemetry: one span for a request or a job and one for each of its statements, a few in a hundred, sent from a thread of their own."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any

from flask import Flask, Response, request

from inkhorn import __version__
from inkhorn.core.config import Config
from inkhorn.core.extras import extra
from inkhorn.core.statements import traced, without_values

MODULES = (
    "opentelemetry.sdk.trace",
    "opentelemetry.sdk.trace.export",
    "opentelemetry.sdk.trace.sampling",
    "opentelemetry.sdk.resources",
    "opentelemetry.exporter.otlp.proto.http.trace_exporter",
    "opentelemetry.trace",
)
_TRACER = "inkhorn.tracer"
_span: ContextVar[Any] = ContextVar("span", default=None)
# A collector that is away costs the sending thread so long, and nobody else anything; what does not fit in the queue is dropped.
PATIENCE_SECONDS = 5
LARGEST_QUEUE = 2048


class Tracer:
    """Makes spans by hand: nothing of the package's own is hooked in, so nothing leaves that is not named here."""

    def __init__(self, config: Config) -> None:
        trace, export, sampling, resources, otlp, api = extra("otlp_url", "traces", *MODULES)
        self._api = api
        # An exporter that nobody answers says so at every try.
        for noisy in ("opentelemetry.exporter", "opentelemetry.sdk"):
            logging.getLogger(noisy).setLevel(logging.CRITICAL)
        about = {"service.name": "inkhorn", "service.version": __version__, "deployment.environment.name": config.profile}
        self.provider = trace.TracerProvider(
            resource=resources.Resource(about),
            sampler=sampling.ParentBased(sampling.TraceIdRatioBased(config.traces_percent / 100)),
            shutdown_on_exit=False,
        )
        headers = dict(each.strip().partition("=")[::2] for each in (config.otlp_headers or "").split(",") if "=" in each)
        exporter = otlp.OTLPSpanExporter(
            endpoint=f"{str(config.otlp_url).rstrip('/')}/v1/traces", headers=headers, timeout=PATIENCE_SECONDS
        )
        self.provider.add_span_processor(export.BatchSpanProcessor(exporter, max_queue_size=LARGEST_QUEUE))
        self._tracer = self.provider.get_tracer("inkhorn", __version__)

    def begin(self, kind: str) -> Any:
        """A span that is nobody's child: what a stranger sends of traces is not followed."""
        return self._tracer.start_span(kind, context=self._api.set_span_in_context(self._api.INVALID_SPAN))

    def note_statement(self, span: Any, statement: str, began: int, ended: int) -> None:
        """A child of the span for a statement, without its values."""
        attributes = {"db.query.text": without_values(statement), "db.operation.name": statement.split(None, 1)[0].upper()[:20]}
        child = self._tracer.start_span("statement", context=self._api.set_span_in_context(span), start_time=began, attributes=attributes)
        child.end(end_time=ended)

    def end(self, span: Any, name: str, *, is_failed: bool, **attributes: Any) -> None:
        span.update_name(name)
        span.set_attributes({key.replace("__", "."): value for key, value in attributes.items()})
        if is_failed:
            span.set_status(self._api.StatusCode.ERROR)
        span.end()


def init_app(app: Flask, config: Config) -> None:
    if not config.otlp_url:
        return
    tracer = app.extensions[_TRACER] = Tracer(config)

    @app.before_request
    def begin() -> None:
        _follow(tracer, tracer.begin("request"))

    @app.after_request
    def end(response: Response) -> Response:
        span, endpoint = _span.get(), request.endpoint or "none"
        if span is not None:
            status = response.status_code
            route = request.url_rule.rule if request.url_rule else ""
            more = {"http__request__method": request.method, "http__route": route, "http__response__status_code": status}
            tracer.end(span, endpoint, is_failed=status >= 500, **more)
            _follow(tracer, None)
        return response

    @app.teardown_request
    def forget(_error: BaseException | None) -> None:
        _follow(tracer, None)


def _follow(tracer: Tracer, span: Any) -> None:
    _span.set(span)
    is_kept = span is not None and span.is_recording()
    traced.set((lambda *told: tracer.note_statement(span, *told)) if is_kept else None)


@contextmanager
def span_of_job(app: Flask, name: str, outcome: list[str]) -> Iterator[None]:
    """A span around a job, where traces are wanted."""
    tracer: Tracer | None = app.extensions.get(_TRACER)
    if tracer is None:
        yield
        return
    span = tracer.begin("job")
    _follow(tracer, span)
    try:
        yield
    finally:
        _follow(tracer, None)
        tracer.end(span, name, is_failed=outcome != ["done"])


def flush(app: Flask) -> None:
    """Send what waits; for whoever ends or looks."""
    tracer: Tracer | None = app.extensions.get(_TRACER)
    if tracer is not None:
        with suppress(Exception):
            tracer.provider.force_flush(PATIENCE_SECONDS * 1000)
