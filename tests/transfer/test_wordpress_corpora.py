"""Real exports and the fixtures of other importers: everything imported or refused in a sentence."""

from collections import Counter
from pathlib import Path

import pytest

from inkhorn.transfer.manuscript import ForeignAuthor, Manuscript, Record
from inkhorn.transfer.wordpress.entries import UnreadableExport
from inkhorn.transfer.wordpress.source import wordpress_source

CORPORA = Path(__file__).parents[3] / "shared" / "corpora"
FOLDERS = ("wxr-wordpress-importer", "wxr-theme-test-data", "wxr-cclabs-real", "import-tryghost-migrate-fixtures")
FILES = [
    file
    for folder in FOLDERS
    for file in sorted((CORPORA / folder).rglob("*.xml"))
    if "wordpress.org/export" in file.read_text(encoding="utf-8", errors="replace")[:4000]
]
needs_corpora = pytest.mark.skipif(not FILES, reason="the corpora are not beside the project")


def records(name: str) -> list[Record]:
    return list(wordpress_source(CORPORA / name).records())


def counted(found: list[Record]) -> Counter[object]:
    return Counter((record.kind, record.status) for record in found if isinstance(record, Manuscript))


@needs_corpora
def test_the_theme_unit_test_comes_whole():
    found = records("wxr-theme-test-data/themeunittestdata.wordpress.xml")
    manuscripts = [record for record in found if isinstance(record, Manuscript)]
    # One of the 56 published posts has a password and so becomes a draft beside the one draft.
    assert counted(found) == {("post", "published"): 55, ("post", "scheduled"): 1, ("post", "draft"): 2, ("page", "published"): 21}
    assert sum(isinstance(record, ForeignAuthor) for record in found) == 4
    assert sum(len(made.comments) for made in manuscripts) == 33
    assert sum(made.is_featured for made in manuscripts) == 1
    assert sum(problem.what == "page-breaks" for made in manuscripts for problem in made.problems) == 5
    assert all(made.author_keys and made.published_at for made in manuscripts)


@needs_corpora
def test_a_real_blog_comes_whole():
    found = records("wxr-cclabs-real/wordpress.xml")
    manuscripts = [record for record in found if isinstance(record, Manuscript)]
    assert counted(found) == {("post", "published"): 219, ("page", "published"): 5}
    assert sum(isinstance(record, ForeignAuthor) for record in found) == 30
    assert sum(len(made.comments) for made in manuscripts) == 181
    assert all(len(made.old_paths) >= 2 and made.slug for made in manuscripts)
    assert not any("[caption" in made.body or "%e2%80%91" in (made.slug or "") for made in manuscripts)


@needs_corpora
def test_a_preview_without_numbers_and_slugs_has_stable_keys():
    keys = [record.key for record in records("wxr-theme-test-data/theme-preview.xml") if isinstance(record, Manuscript)]
    again = [record.key for record in records("wxr-theme-test-data/theme-preview.xml") if isinstance(record, Manuscript)]
    assert len(set(keys)) == 7
    assert keys == again


@needs_corpora
@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_every_export_is_imported_or_refused_in_a_sentence(file):
    if file.name == "malformed.xml":
        with pytest.raises(UnreadableExport, match="not a WordPress export"):
            wordpress_source(file)
        return
    source = wordpress_source(file)
    assert source.count() == sum(isinstance(record, Manuscript) for record in source.records())
