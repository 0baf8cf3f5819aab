"""Real sites of six generators: every post file is imported or named, and every old address leads to its post."""

from collections import Counter
from functools import lru_cache

import pytest
from flask import Flask
from sqlalchemy import select

from inkhorn.core.access import House
from inkhorn.core.database import session
from inkhorn.posts.models import Address
from inkhorn.transfer.commands.running import run_import
from inkhorn.transfer.manuscript import ForeignAuthor, Manuscript, Problem, Record
from inkhorn.transfer.markdown.folder_source import FolderSource
from inkhorn.transfer.markdown.source import markdown_source
from inkhorn.transfer.services.fitting import path_of
from inkhorn.transfer.services.journey import Options
from tests.transfer.folders import CORPORA

pytestmark = [
    pytest.mark.corpora,
    pytest.mark.skipif(not CORPORA.is_dir(), reason="the corpora are not beside the project"),
]
SITES = {
    "md-rust-zola": ("zola", 386, 0, 101),
    "md-scipy-hugo": ("hugo", 82, 0, 66),
    "md-v8-eleventy": ("eleventy", 154, 0, None),
    "md-18f-eleventy-jekyll": ("eleventy", 509, 0, 273),
    "md-bossylobster-pelican": ("pelican", 73, 7, 1),
    "md-ccoss-lektor": ("lektor", 130 + 229, 0, None),
    "md-osguide-jekyll-i18n": ("jekyll", 73, 0, 0),
    "md-cclabs-jekyll-html": ("jekyll", 222, 0, None),
}


@lru_cache
def read(name: str) -> tuple[FolderSource, list[Record]]:
    """All that a site holds, read once for the tests of this file that only look at it."""
    source = markdown_source(CORPORA / name)
    return source, list(source.records())


@pytest.mark.parametrize("name", SITES)
def test_the_counts_are_those_of_the_site(name: str):
    dialect, published, drafts, authors = SITES[name]
    source, found = read(name)
    states = Counter((record.kind, record.status) for record in found if isinstance(record, Manuscript))
    assert source.dialect == dialect
    assert (states["post", "published"], states["post", "draft"]) == (published, drafts)
    if authors is not None:
        assert sum(isinstance(record, ForeignAuthor) for record in found) == authors


@pytest.mark.parametrize("name", SITES)
def test_every_file_is_imported_or_named(name: str):
    source, found = read(name)
    told: set[str] = set()
    for record in found:
        if isinstance(record, Manuscript):
            told.add(record.key)
        elif isinstance(record, Problem):
            told.add(record.where)
    assert {str(leaf.relative) for leaf in source.folder.leaves} - told == set()


@pytest.mark.slow
@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("name", ["md-rust-zola", "md-bossylobster-pelican", "md-osguide-jekyll-i18n"])
def test_every_old_address_leads_to_its_post_and_a_second_run_changes_nothing(app: Flask, name: str):
    source = markdown_source(CORPORA / name)
    wanted = {
        path: record.key
        for record in source.records()
        if isinstance(record, Manuscript)
        for old in record.old_paths
        if (path := path_of(old))
    }
    run_import(source, by=House(), options=Options())
    rows = session().scalars(select(Address).where(Address.path.in_(list(wanted)))).all()
    assert {row.path: row.post.origin_key for row in rows if row.post} == wanted
    again = run_import(markdown_source(CORPORA / name), by=House(), options=Options())
    assert not again.changed_something


def test_no_front_matter_that_is_not_yaml_is_lost():
    found = [record for record in read("md-bossylobster-pelican")[1] if isinstance(record, Manuscript)]
    broken = [made for made in found if any(problem.what == "front-matter" for problem in made.problems)]
    assert len(broken) >= 52
    assert all(made.title and made.published_at for made in broken)


def test_posts_of_several_authors_name_them_all():
    found = [record for record in read("md-18f-eleventy-jekyll")[1] if isinstance(record, Manuscript)]
    assert sum(len(made.author_keys) > 1 for made in found) == 232


def test_the_path_of_a_language_stays_apart():
    found = [record for record in read("md-osguide-jekyll-i18n")[1] if isinstance(record, Manuscript)]
    assert Counter(made.language for made in found if made.kind == "post") == {"en": 13} | dict.fromkeys(
        ("ar", "fa", "ja", "zh-Hans", "hi"), 12
    )
    assert len({made.path or made.slug for made in found}) == 74
