"""The demo is a living publication, and stays one however often it is asked for."""

import itertools
import re

import pytest

from inkhorn.accounts.models import User
from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from inkhorn.core.settings import SiteSettings, read, tune
from inkhorn.posts.models import Post, PostKind, Series, Status, Tag
from inkhorn.transfer.commands.running import run_import
from inkhorn.transfer.demo.source import demo_source, offer_menu
from inkhorn.transfer.services.journey import Options


@pytest.fixture
def seeded(database, tmp_path):
    """What the first run told."""
    return run_import(demo_source(tmp_path), by=House(), options=Options())


def count(what, *conditions):
    return session().query(what).filter(*conditions).count()


def test_it_is_as_large_as_promised(seeded):
    live = (Post.kind == PostKind.POST, Post.status == Status.PUBLISHED)
    assert (count(Post, *live), count(Post, Post.kind == PostKind.PAGE), count(User), count(Series)) == (40, 4, 5, 3)
    assert count(Tag) >= 12
    languages = {language for (language,) in session().query(Post.language).distinct()}
    assert {"de", "fr", "es", "ja", "ar", "zh"} <= languages


def test_nothing_is_lost_or_changed_on_the_way(seeded):
    assert list(seeded.problems) == []


def test_a_second_run_changes_nothing(seeded, tmp_path):
    before = sorted((post.id, post.revision, post.path) for post in session().query(Post))
    run_import(demo_source(tmp_path), by=House(), options=Options())
    assert sorted((post.id, post.revision, post.path) for post in session().query(Post)) == before


def test_headings_are_in_order_and_every_picture_is_described(seeded):
    for post in session().query(Post):
        levels = [1, *(int(level) for level in re.findall(r"<h([2-6])", post.html))]
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels)), post.title
        # What stands in a picture's place until it has come is hidden from everybody who does not see.
        seen = re.sub(r'<span class="blur" hidden(?:="")?><img [^>]*></span>', "", post.html)
        assert not re.search(r"<img(?![^>]*alt=\"[^\"])", seen), post.title
        assert post.cover is None or post.cover_alt


def test_a_menu_that_somebody_chose_is_left_alone(database):
    with transaction():
        offer_menu()
        offered = read(SiteSettings).menu
    assert [item.label for item in offered][-2:] == ["Archive", "About"]
    with transaction():
        tune(SiteSettings, by=House(), menu=offered[:1])
    with transaction():
        offer_menu()
    assert len(read(SiteSettings).menu) == 1
