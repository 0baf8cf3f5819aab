"""The fence around themes, what falls back to the shipped one, and the colours and JSON of every page."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from jinja2 import Environment, TemplateNotFound, UndefinedError
from jinja2.exceptions import SecurityError

from inkhorn.core.accent import DARK_PAPERS, LIGHT_PAPERS, accent_css, accents, contrast
from inkhorn.core.theme_contract import describe_pages, faults_in
from inkhorn.core.themes import (
    ErrorPage,
    Link,
    Meta,
    Page,
    SiteCard,
    direction_of,
    error_words,
    is_safe_address,
    json_for_script,
    make_environment,
    template_of,
)

SITE = SiteCard(
    name="Low Water",
    line="",
    language="en",
    direction="ltr",
    menu=(),
    feeds=(),
    year=2026,
    sign_in_address="/sign-in",
    theme="quill",
    desk_address=None,
    accent_address=None,
)


@dataclass(frozen=True, kw_only=True)
class TidePage(Page):
    """A page of these tests."""

    height: int
    links: tuple[Link, ...] = ()


@pytest.fixture
def theme(tmp_path: Path) -> Path:
    (tmp_path / "templates").mkdir()
    return tmp_path


def drawn(folder: Path, source: str) -> str:
    (folder / "templates" / "tide.html").write_text(source)
    page = TidePage(site=SITE, meta=Meta(), height=3, links=(Link("Ebb", "/ebb/"),))
    return make_environment(folder).get_template("tide.html").render(page=page)


def faults(folder: Path, source: str) -> list[str]:
    (folder / "templates" / "tide.html").write_text(source)
    return faults_in(make_environment(folder), TidePage)


def test_a_theme_reads_what_the_page_carries(theme: Path) -> None:
    assert drawn(theme, "{{ page.height }} {% for link in page.links %}{{ link.label }}{% endfor %}") == "3 Ebb"


@pytest.mark.parametrize(
    "source", ["{{ page.__class__.__mro__ }}", "{{ ''.__class__ }}", "{{ page.links.__len__() }}", "{{ [].append(1) }}"]
)
def test_a_theme_reaches_nothing_behind_the_page(theme: Path, source: str) -> None:
    with pytest.raises((SecurityError, UndefinedError)):
        drawn(theme, source)


def test_a_name_that_is_not_there_is_an_error_and_not_a_blank(theme: Path) -> None:
    with pytest.raises(UndefinedError):
        drawn(theme, "{{ page.depth }}")


def test_text_is_escaped(theme: Path) -> None:
    assert drawn(theme, "{{ '<b>' }}") == "&lt;b&gt;"


def test_a_theme_extends_the_shipped_original(theme: Path) -> None:
    (theme / "templates" / "layout.html").write_text('{% extends "quill/layout.html" %}{% block head %}mine{% endblock %}')
    environment = make_environment(theme)
    assert "quill/layout.html" in environment.loader.get_source(environment, "layout.html")[0]  # type: ignore[union-attr]
    assert "<!doctype html>" in environment.loader.get_source(environment, "quill/layout.html")[0]  # type: ignore[union-attr]


def test_what_a_theme_lacks_comes_from_quill(theme: Path) -> None:
    assert make_environment(theme).get_template("post.html").filename.endswith("quill/templates/post.html")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "name", ["desk/layout.html", "posts/edit_post.html", "../theme.toml", "quill/../../theme.toml", "macros/forms.html"]
)
def test_a_theme_cannot_name_a_template_of_the_desk(theme: Path, name: str) -> None:
    with pytest.raises(TemplateNotFound):
        make_environment(theme).get_template(name)


def test_the_contract_finds_a_name_that_is_nowhere(theme: Path) -> None:
    assert faults(theme, "{{ page.height }}{% for link in page.links %}{{ link.lable }}{% endfor %}") == ["tide.html:1: Link has no lable"]


def test_the_contract_looks_into_macros_and_includes(theme: Path) -> None:
    (theme / "templates" / "_part.html").write_text("{{ page.width }}")
    source = '{% macro shown(link) %}{{ link.adress }}{% endmacro %}{{ shown(page.links[0]) }}{% include "_part.html" %}'
    assert faults(theme, source) == ["tide.html:1: Link has no adress", "_part.html:1: TidePage has no width"]


def test_the_contract_finds_a_loose_name(theme: Path) -> None:
    assert faults(theme, "{{ request.cookies }}") == ["tide.html:1: nothing is called request"]


def test_the_contract_knows_quills_error_page() -> None:
    assert faults_in(make_environment(None), ErrorPage) == []


def test_every_field_is_described() -> None:
    described = describe_pages()
    assert "## ErrorPage, `error.html`" in described
    assert "| `sign_in_address` | `text` | Where one signs in. |" in described


def test_a_page_is_drawn_by_the_template_of_its_name() -> None:
    assert template_of(TidePage) == "tide.html"
    assert template_of(type("SignInPage", (Page,), {})) == "sign_in.html"


def test_structured_data_cannot_leave_its_element() -> None:
    nasty = json_for_script({"headline": "</script><script>alert(1)</script>\u2028&<!--"})
    assert not set("<>&\u2028") & set(nasty)


@pytest.mark.parametrize("accent", ["#26408b", "#ffff00", "#000000", "#ffffff", "#ff7700", "#00ffaa", "#808080", "nonsense"])
def test_any_accent_is_made_legible_in_both_schemes(accent: str) -> None:
    light, dark = accents(accent)
    assert min(contrast(light, paper) for paper in LIGHT_PAPERS) >= 4.5
    assert min(contrast(dark, paper) for paper in DARK_PAPERS) >= 4.5


def test_the_accent_sheet_holds_colours_and_nothing_else() -> None:
    assert "light-dark(" in accent_css("#ff7700")
    assert "url" not in accent_css("red; background: url(https://example.org)")


@pytest.mark.parametrize("address", ["javascript:alert(1)", "//example.org", "/\\example.org", "data:text/html,x", "ftp://example.org"])
def test_no_link_leads_to_a_script(address: str) -> None:
    assert not is_safe_address(address)


def test_languages_know_their_direction() -> None:
    assert [direction_of(tag) for tag in ("ar", "he-IL", "fa", "en", "de-AT")] == ["rtl", "rtl", "rtl", "ltr", "ltr"]


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 410, 413, 422, 429, 500, 502, 503, 418])
def test_every_error_says_what_happened_and_what_to_do(database: None, status: int) -> None:
    heading, advice = error_words(status)
    assert heading
    assert advice.endswith(".")


def test_the_environment_is_a_sandbox() -> None:
    assert isinstance(make_environment(None), Environment)
    assert make_environment(None).sandboxed
