"""Quill names nothing that the pages do not carry, and every field of a page is explained."""

from dataclasses import fields

import pytest
from flask import Flask

from inkhorn.core.theme_contract import describe_pages, faults_in, pages_of
from inkhorn.core.themes import Page, make_environment, template_of

PAGES = [page for page in pages_of() if page.__module__.startswith("inkhorn.")]


def test_every_kind_of_page_is_known(app: Flask) -> None:
    names = {page.__name__ for page in pages_of()}
    assert names >= {
        "HomePage",
        "PostPage",
        "StandalonePage",
        "TagPage",
        "AuthorPage",
        "SeriesPage",
        "ArchivePage",
        "ErrorPage",
        "SignInPage",
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.__name__)
def test_quill_names_only_what_the_page_carries(page: type[Page]) -> None:
    assert faults_in(make_environment(None), page) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.__name__)
def test_every_field_has_its_line_in_the_reference(page: type[Page]) -> None:
    assert [field.name for field in fields(page) if not field.metadata.get("help")] == []
    assert f"`{template_of(page)}`" in describe_pages()
