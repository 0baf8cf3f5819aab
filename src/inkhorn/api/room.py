"""Flask-smorest set up once: a description for each version, our own errors and parser, and blueprints that declare who reaches what."""

import threading
from collections.abc import Callable
from typing import Any, TypeVar

import flask_smorest
from flask import Flask, Response, g, request
from marshmallow import Schema
from werkzeug.exceptions import UnsupportedMediaType

from inkhorn import __version__
from inkhorn.api.bodies import MERGE_PATCH, StrictParser
from inkhorn.api.shapes import Resource, Shape, shape_of
from inkhorn.api.versions import HEADER, Retirement, refuse_other_version, refuse_retired, tell_retirement
from inkhorn.core.access import everyone
from inkhorn.core.errors import InkhornError
from inkhorn.core.forms import READING, is_own_token
from inkhorn.core.headers import refuse_foreign_origin, vary_by

View = TypeVar("View", bound=Callable[..., Any])

# In the application's extensions: the description of each version.
DESCRIPTIONS = "inkhorn.api.descriptions"
PROBLEM_TYPE = "application/problem+json"
PROBLEM: Shape = {
    "type": "object",
    "description": "Problem details, RFC 9457.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence that says what is wrong and what to do."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["detail"],
                "properties": {
                    "detail": {"type": "string"},
                    "pointer": {"type": "string", "description": "Where in the body, RFC 6901."},
                    "parameter": {"type": "string", "description": "Which part of the address."},
                    "field": {"type": "string"},
                },
            },
        },
    },
}
WORDS = {
    400: "The request cannot be read, or a parameter means nothing.",
    401: "Nobody is recognised, and somebody must be.",
    403: "Whoever sent it may not do this.",
    404: "There is nothing here, or nothing for whoever asks.",
    409: "It does not stand where this could be done with it.",
    410: "It was removed for good.",
    412: "It was changed since it was read.",
    413: "The body is too large.",
    415: "The body is of a type that is not read here.",
    422: "A field cannot be accepted; errors names it.",
    428: "If-Match is missing.",
    429: "Too many requests; Retry-After says how long to wait.",
    503: "The site is busy; nothing was changed.",
    507: "The disk cannot take it; nothing was changed.",
}
READS = (400, 401, 403, 404, 429, 503)
WRITES = (400, 401, 403, 404, 409, 412, 413, 415, 422, 428, 429, 503, 507)
SECURITY: dict[str, Shape] = {
    "key": {"type": "http", "scheme": "bearer", "description": "A key made at the desk, or an access token."},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "inkhorn",
        "description": "The desk's own session, which counts only beside X-CSRF-Token.",
    },
    "token": {"type": "apiKey", "in": "header", "name": "X-CSRF-Token", "description": "The token of that session's forms."},
}
# Any of these; the cookie and the token of its forms only together.
RECOGNISED: list[Shape] = [{"key": []}, {"session": [], "token": []}]
HEADERS: dict[str, Shape] = {
    "ETag": {"description": "The version, for If-Match and If-None-Match.", "schema": {"type": "string", "pattern": '^"[^"]+"$'}},
    "Location": {"description": "Where the new thing is.", "schema": {"type": "string", "pattern": "^/api/"}},
    "API-Version": {"description": "The version that answered.", "schema": {"type": "string", "pattern": r"^\d+$"}},
    "RateLimit": {"description": "How much of the tightest limit is left, and for how long.", "schema": {"type": "string"}},
    "RateLimit-Policy": {"description": "Every limit that was counted.", "schema": {"type": "string"}},
    "Retry-After": {"description": "Seconds.", "schema": {"type": "string", "pattern": r"^\d+$"}},
    "WWW-Authenticate": {"description": "How to be recognised.", "schema": {"type": "string", "pattern": "^Bearer"}},
}
# What an answer of a status always has, and what most have.
OF_STATUS = {201: ("Location",), 401: ("WWW-Authenticate",), 429: ("Retry-After",), 503: ("Retry-After",)}
LIMITS = ("RateLimit", "RateLimit-Policy")

IF_MATCH: Shape = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "schema": {"type": "string", "minLength": 1, "pattern": r"^[ -~]+$"},
    "description": "The ETag of what is changed, as it was read.",
}
ONCE: Shape = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": r"^[!-~]+$"},
    "description": "Whoever sends the same request again under the same key within a day is answered the same, and nothing is done twice.",
}


class NotOurs(InkhornError):
    """A change by a session's cookie that no page of this site sent."""

    status = 400

    def __init__(self) -> None:
        super().__init__("Send the token of this session's forms as X-CSRF-Token, or a key as Authorization: Bearer.")


class InkhornApi(flask_smorest.Api):
    """One version of the API. What goes wrong is answered by core/guard, as everywhere else in the house."""

    # Each operation says how it can fail; "and any other way" would say nothing.
    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        """Its own handler would answer for the whole site."""

    def _register_responses(self) -> None:
        """Described with the rest, when somebody asks."""

    def register_blueprint(self, blp: "Surface", **options: Any) -> None:
        """Answer its operations; to describe them already took a tenth of the start (29 November 2026)."""
        self._app.extensions["flask-smorest"]["blp_name_to_api"][blp.name] = self
        self._app.register_blueprint(blp, **options)

    def describe(self, surface: "Surface", resources: tuple[Resource, ...]) -> Shape:
        """The whole OpenAPI document, from an empty one on: what was begun and could not be ended would stand in the way."""
        self._init_spec(**self._spec_kwargs)
        problem = {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        self.spec.components.schema("Problem", PROBLEM)
        for name, header in HEADERS.items():
            self.spec.components.header(name, header)
        for status, words in WORDS.items():
            told = headers_of(*OF_STATUS.get(status, ()))
            self.spec.components.response(f"Problem{status}", {"description": words, "content": problem, "headers": told})
        for name, scheme in SECURITY.items():
            self.spec.components.security_scheme(name, scheme)
        for resource in resources:
            self.spec.components.schema(resource.name, described(resource))
        surface.register_views_in_doc(self, self._app, self.spec, name=surface.name, parameters=None)
        self.spec.tag({"name": surface.name, "description": surface.description})
        document: Shape = self.spec.to_dict()
        return document


def _who(view: Any) -> str:
    """Who may ask for it, in words."""
    rule = getattr(view, "access_rule", None)
    if rule is not None and rule.name == "in_person":
        return "Wants a person: a session, or an access token that a password began; a key is not enough."
    if rule is None or rule.name == "everyone":
        return "Open to everybody, who are told what they may read."
    return "Wants somebody who is recognised." if rule.name == "signed_in" else f"Wants the permission {rule.name}."


class Surface(flask_smorest.Blueprint):
    """The operations of one version, each with what it takes and answers."""

    ARGUMENTS_PARSER = StrictParser()

    def __init__(self, version: str, about: str) -> None:
        super().__init__(f"api_{version}", __name__, url_prefix=f"/api/{version}", description=about)
        self.version = version
        self.resources: dict[str, Shape] = {}
        self.retirement: Retirement | None = None
        self.before_request(lambda: refuse_other_version(version))
        self.before_request(self._refuse_retired)
        self.before_request(refuse_forged)
        self.before_request(refuse_packed)
        self.after_request(self._tell_version)

    def _refuse_retired(self) -> None:
        if self.retirement is not None:
            refuse_retired(self.retirement)

    def _tell_version(self, response: Response) -> Response:
        response.headers[HEADER] = self.version.removeprefix("v")
        vary_by(response, HEADER)
        return tell_retirement(self.retirement, response) if self.retirement else response

    def _store_endpoint_docs(self, endpoint: str, obj: Any, parameters: Any, tags: Any, **options: Any) -> None:
        super()._store_endpoint_docs(endpoint, obj, parameters, tags, **options)
        for method in options.get("methods", ("GET",)):
            told = self._docs[endpoint][method.lower()].setdefault("manual_doc", {})
            told["operationId"] = endpoint
            told.setdefault("summary", endpoint.replace("_", " ").capitalize())
            told.setdefault("description", _who(obj))
            rule = getattr(obj, "access_rule", everyone)
            if rule is not everyone:
                told.setdefault("security", RECOGNISED)

    def _prepare_arguments_doc(self, doc: Shape, doc_info: Shape, **options: Any) -> Shape:
        """A PATCH is read as a merge patch, by its own type (RFC 7396) and as plain JSON."""
        told: Shape = super()._prepare_arguments_doc(doc, doc_info, **options)
        content = told.get("requestBody", {}).get("content", {})
        if options["method"] == "patch" and "application/json" in content:
            content[MERGE_PATCH] = dict(content["application/json"])
        return told

    def operation(self, method: str, rule: str, name: str) -> Callable[[View], View]:
        """Answer a method at an address; the name is that of the endpoint and of the operation in the description."""
        decorate: Callable[[View], View] = self.route(rule, methods=[method], endpoint=name)
        return decorate

    def takes(self, schema: type[Schema], *, content_type: str = "application/json") -> Callable[[View], View]:
        """The body, loaded and checked, is the view's first argument."""
        # Made once: of a class the parser would make one for every request.
        decorate: Callable[[View], View] = self.arguments(
            schema(), location="json", content_type=content_type, required=not getattr(schema, "may_be_empty", False)
        )
        return decorate

    def answers(
        self,
        shape: Shape | None,
        status: int = 200,
        *,
        tag: str,
        parameters: list[Shape] | None = None,
        writes: bool = False,
        wants_version: bool = True,
        body: Shape | None = None,
        keeps_answer: bool = True,
    ) -> Callable[[View], View]:
        """Describe an operation: what it answers, by which parameters it is asked and how it can fail."""

        def decorate(view: View) -> View:
            failures = {str(each): {"$ref": f"#/components/responses/Problem{each}"} for each in (WRITES if writes else READS)}
            good: Shape = {"description": "Done." if shape is None else "As asked for."}
            good["headers"] = headers_of("API-Version", *OF_STATUS.get(status, ()))
            if shape is not None:
                good["content"] = {"application/json": {"schema": shape}}
            told: dict[str, Any] = {"responses": {str(status): good, **failures}, "tags": [tag]}
            if body is not None:
                told["requestBody"] = {"required": True, "content": body}
            headers = [*([IF_MATCH] if writes and wants_version and status != 201 else []), *([ONCE] if writes and keeps_answer else [])]
            if parameters or headers:
                told["parameters"] = [*(parameters or ()), *headers]
            described: View = self.doc(**told)(view)
            return described

        return decorate


def refuse_forged() -> None:
    """A session's cookie travels by itself, so a change that comes with one must also come from a page of ours; a key does not."""
    if request.method in READING or getattr(g, "session", None) is None:
        return
    refuse_foreign_origin()
    if not is_own_token(request.headers.get("X-CSRF-Token")):
        raise NotOurs


def refuse_packed() -> None:
    """Nothing is unpacked here: what a body unpacks to could not be told before."""
    if request.headers.get("Content-Encoding", "identity").strip().lower() not in ("identity", ""):
        raise UnsupportedMediaType("Send the body as it is, without Content-Encoding.")


def headers_of(*certain: str) -> Shape:
    """The headers of an answer: those which it always has, and what tells of the limits that were counted."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in (*certain, *LIMITS)}


def described(resource: Resource) -> Shape:
    """The shape of a row, as it stands in the description."""
    return {**shape_of(resource.fields, resource.relations), "description": resource.about}


def one(resource: Resource) -> Shape:
    """The envelope of one thing."""
    links = {"type": "object", "required": ["self"], "properties": {"self": {"type": "string"}}}
    return {"type": "object", "required": ["data", "links"], "properties": {"data": reference_to(resource), "links": links}}


def many(resource: Resource) -> Shape:
    """The envelope of a page."""
    properties = {"self": {"type": "string"}, "next": {"type": ["string", "null"], "description": "The next page; null on the last."}}
    links = {"type": "object", "required": ["self", "next"], "properties": properties}
    data = {"type": "array", "items": reference_to(resource), "maxItems": 100}
    return {"type": "object", "required": ["data", "links"], "properties": {"data": data, "links": links}}


def reference_to(resource: Resource) -> Shape:
    """The row where its shape is described."""
    return {"$ref": f"#/components/schemas/{resource.name}"}


def set_up(app: Flask, surface: Surface, resources: tuple[Resource, ...], *, title: str, about: str) -> None:
    """Register one version, and how it is described."""
    prefix = f"{surface.name.upper()}_"
    app.config |= {f"{prefix}API_TITLE": title, f"{prefix}API_VERSION": __version__, f"{prefix}OPENAPI_VERSION": "3.1.0"}
    options = {
        "info": {"description": about, "license": {"name": "MIT", "identifier": "MIT"}},
        "servers": [{"url": "/"}],
        "security": [{}, *RECOGNISED],
    }
    api = InkhornApi(app, config_prefix=prefix, spec_kwargs=options)
    api.register_blueprint(surface)
    app.extensions.setdefault(DESCRIPTIONS, {})[surface.version] = Description(lambda: api.describe(surface, resources))


class Description:
    """The OpenAPI document of a version, made when somebody first asks for it."""

    def __init__(self, make: Callable[[], Shape]) -> None:
        self._make, self._guard = make, threading.Lock()
        self._made: Shape | None = None

    def read(self) -> Shape:
        with self._guard:
            if self._made is None:
                self._made = self._make()
            return self._made
