"""The contract between pages and themes: what a template may name, checked without drawing it, and described for authors."""

import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, get_args, get_origin, get_type_hints

from jinja2 import Environment, TemplateNotFound, nodes

from inkhorn.core.themes import Page, template_of

# What is not known of a value is not checked further.
UNKNOWN = object()

Scope = Mapping[str, Any]


def faults_in(environment: Environment, page: type[Page]) -> list[str]:
    """Each name in the page's template, and in what it extends, includes and calls, that the page does not carry."""
    checker = _Checker(environment)
    checker.template(template_of(page), {"page": page})
    return checker.faults


def pages_of(base: type[Page] = Page) -> list[type[Page]]:
    """Every kind of page that the imported rooms define, by name."""
    found = set()
    for kind in base.__subclasses__():
        found |= {kind, *pages_of(kind)}
    return sorted((kind for kind in found if kind.__name__.endswith("Page")), key=lambda kind: kind.__name__)


class _Checker:
    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self.faults: list[str] = []
        self.seen: set[tuple[str, str]] = set()
        self.macros: dict[str, tuple[str, nodes.Macro]] = {}
        self.name = ""

    def template(self, name: str, scope: Scope) -> None:
        key = (name, repr(sorted((known, repr(kind)) for known, kind in scope.items())))
        if key in self.seen:
            return
        self.seen.add(key)
        try:
            source, _path, _fresh = self.environment.loader.get_source(self.environment, name)  # type: ignore[union-attr]
        except TemplateNotFound:
            self.faults.append(f"{name}: there is no such template")
            return
        before, self.name = self.name, name
        tree = self.environment.parse(source, name)
        for macro in tree.find_all(nodes.Macro):
            self.macros[macro.name] = (name, macro)
        self.body(tree.body, dict(scope))
        self.name = before

    def body(self, statements: list[Any], scope: dict[str, Any]) -> None:
        for statement in statements:
            self.statement(statement, scope)

    def statement(self, node: Any, scope: dict[str, Any]) -> None:
        if isinstance(node, nodes.Macro):
            return
        if isinstance(node, nodes.For):
            inner = {**scope, "loop": UNKNOWN}
            self.assign(node.target, _element(self.kind(node.iter, scope)), inner)
            self.body(node.body, inner)
            self.body(node.else_, scope)
            return
        if isinstance(node, nodes.Assign):
            self.assign(node.target, self.kind(node.node, scope), scope)
            return
        if isinstance(node, nodes.Extends | nodes.Include) and isinstance(node.template, nodes.Const):
            self.template(node.template.value, scope)
            return
        if isinstance(node, nodes.FromImport) and isinstance(node.template, nodes.Const):
            self.gather(node.template.value)
            return
        for child in node.iter_child_nodes():
            if isinstance(child, nodes.Expr):
                self.kind(child, scope)
            else:
                self.statement(child, scope)

    def gather(self, name: str) -> None:
        source, _path, _fresh = self.environment.loader.get_source(self.environment, name)  # type: ignore[union-attr]
        for macro in self.environment.parse(source, name).find_all(nodes.Macro):
            self.macros[macro.name] = (name, macro)

    def assign(self, target: Any, kind: Any, scope: dict[str, Any]) -> None:
        if isinstance(target, nodes.Name):
            scope[target.name] = kind
        elif isinstance(target, nodes.Tuple):
            for each in target.items:
                self.assign(each, UNKNOWN, scope)

    def kind(self, node: Any, scope: Scope) -> Any:
        """The type of an expression as far as it can be known; what is wrong inside it is noted on the way."""
        if isinstance(node, nodes.Name):
            if (
                node.name not in scope
                and node.name not in self.macros
                and node.name not in self.environment.globals
                and node.name != "super"
            ):
                self.faults.append(f"{self.name}:{node.lineno}: nothing is called {node.name}")
            return scope.get(node.name, UNKNOWN)
        if isinstance(node, nodes.Getattr):
            return self.attribute(node, self.kind(node.node, scope))
        if isinstance(node, nodes.Getitem):
            within = self.kind(node.node, scope)
            return within if isinstance(node.arg, nodes.Slice) else _element(within)
        if isinstance(node, nodes.Call):
            return self.call(node, scope)
        for child in node.iter_child_nodes():
            self.kind(child, scope)
        return UNKNOWN

    def attribute(self, node: nodes.Getattr, owner: Any) -> Any:
        owner = _without_none(owner)
        if not (isinstance(owner, type) and is_dataclass(owner)):
            return UNKNOWN
        hints = get_type_hints(owner)
        if node.attr not in {field.name for field in fields(owner)}:
            self.faults.append(f"{self.name}:{node.lineno}: {owner.__name__} has no {node.attr}")
            return UNKNOWN
        return hints[node.attr]

    def call(self, node: nodes.Call, scope: Scope) -> Any:
        given = [self.kind(argument, scope) for argument in node.args]
        for keyword in node.kwargs:
            self.kind(keyword.value, scope)
        if isinstance(node.node, nodes.Name) and node.node.name in self.macros:
            name, macro = self.macros[node.node.name]
            inner = dict.fromkeys((argument.name for argument in macro.args), UNKNOWN)
            inner |= dict(zip(inner, given, strict=False))
            key = (f"{name}:{macro.name}", repr(given))
            if key not in self.seen:
                self.seen.add(key)
                before, self.name = self.name, name
                self.body(macro.body, inner)
                self.name = before
        else:
            self.kind(node.node, scope)
        return UNKNOWN


def _without_none(kind: Any) -> Any:
    if get_origin(kind) in (types.UnionType, typing.Union):
        rest = [each for each in get_args(kind) if each is not type(None)]
        return rest[0] if len(rest) == 1 else UNKNOWN
    return kind


def _element(kind: Any) -> Any:
    kind = _without_none(kind)
    return get_args(kind)[0] if get_origin(kind) is tuple else UNKNOWN


def describe_pages() -> str:
    """docs/reference/theme.md: every page, its template and its fields, out of the code; the rooms must be imported."""
    # Pages that a plugin or a test defines are told by whoever made them.
    pages = [page for page in pages_of() if page.__module__.startswith("inkhorn.")]
    lines = [
        "# What a theme can draw",
        "",
        "Each page hands its template one value, `page`. This is all of it; a template that names anything else is refused by the tests.",
        "Besides it there are `asset(name)`, the address of a static file, and `_(text)`, the text in the site's language.",
        "",
    ]
    parts: list[type] = []
    everywhere: list[type[Page]] = [Page, *pages]
    for page in everywhere:
        lines += _section(page, "every page" if page is Page else f"`{template_of(page)}`", skip=() if page is Page else fields(Page))
        parts += [part for part in _parts_of(page) if part not in parts]
    lines += ["# What pages are made of", ""]
    for part in parts:
        lines += _section(part, "")
        parts += [inner for inner in _parts_of(part) if inner not in parts]
    return "\n".join(lines)


def _section(kind: type, title: str, skip: Any = ()) -> list[str]:
    hints = get_type_hints(kind)
    left_out = {field.name for field in skip}
    lines = [
        f"## {kind.__name__}{', ' + title if title else ''}",
        "",
        (kind.__doc__ or "").strip(),
        "",
        "| Field | Type | Meaning |",
        "|---|---|---|",
    ]
    for field in fields(kind):
        if field.name not in left_out:
            meaning = str(field.metadata.get("help", "")).replace("|", "\\|")
            lines.append(f"| `{field.name}` | `{_spelt(hints[field.name])}` | {meaning} |")
    return [*lines, ""] if len(lines) > 6 else [*lines[:4]]


def _parts_of(kind: type) -> Iterator[type]:
    for hint in get_type_hints(kind).values():
        inner = _without_none(hint)
        inner = _element(inner) if get_origin(inner) is tuple else inner
        if isinstance(inner, type) and is_dataclass(inner):
            yield inner


def _spelt(hint: Any) -> str:
    if get_origin(hint) is tuple:
        return f"list of {_spelt(get_args(hint)[0])}"
    if get_origin(hint) in (types.UnionType, typing.Union):
        return " or ".join("nothing" if each is type(None) else _spelt(each) for each in get_args(hint))
    name: str = hint.__name__
    return {"str": "text", "int": "number", "bool": "yes or no", "Markup": "HTML"}.get(name, name)
