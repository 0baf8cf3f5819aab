"""Saving words: revisions, conflicts, limits, tags, authors and series."""

import pytest

from inkhorn.core.database import session, transaction
from inkhorn.core.errors import Invalid
from inkhorn.posts.models import Revision
from inkhorn.posts.queries import revisions_of
from inkhorn.posts.services.writing import PostChanges, RevisionConflict, revise_post
from tests.factories.accounts import make_user
from tests.factories.posts import make_post


def revise(post, *, by, against=None, **changes):
    with transaction():
        revise_post(post, PostChanges(**changes), by=by, against=post.revision if against is None else against)


def test_a_draft_belongs_to_whoever_began_it(wren):
    assert [author.name for author in make_post(by=wren).authors] == ["Wren"]


def test_a_save_makes_html_counts_and_an_excerpt(wren):
    post = make_post(by=wren, body="# One\n\nSome *quiet* words.")
    assert "<em>quiet</em>" in post.html
    assert (post.words, post.reading_minutes) == (4, 1)
    assert post.automatic_excerpt == "Some quiet words."


def test_every_save_is_kept(wren):
    post = make_post(by=wren, body="first")
    revise(post, by=wren, body="second")
    assert [(kept.number, kept.body) for kept in session().scalars(revisions_of(post))] == [(2, "second"), (1, "first")]


def test_a_save_against_an_old_number_keeps_both_texts(wren, emil):
    post = make_post(by=wren, body="ours")
    revise(post, by=emil, body="theirs")
    with pytest.raises(RevisionConflict) as conflict, transaction():
        revise_post(post, PostChanges(body="mine"), by=wren, against=1)
    assert (conflict.value.post.body, conflict.value.changes.body) == ("theirs", "mine")


def test_a_refused_save_leaves_nothing_behind(wren):
    post = make_post(by=wren, body="as it was")
    with pytest.raises(Invalid, match="at most 255"):
        revise(post, by=wren, title="x" * 256, body="changed")
    assert session().get(Revision, (post.id, 2)) is None


@pytest.mark.parametrize("field", ["cover_url", "canonical_url"])
def test_an_address_must_be_one(wren, field):
    with pytest.raises(Invalid) as refused:
        revise(make_post(by=wren), by=wren, **{field: "javascript:alert(1)"})
    assert refused.value.field == field


def test_nul_bytes_and_control_characters_vanish_from_titles(wren):
    assert make_post(by=wren, title="The\x00 \x07tide\n turns ").title == "The tide turns"


def test_tags_keep_their_order_and_are_one_whatever_their_case(wren):
    post = make_post(by=wren, tags=["Tides", "Tools", "tides", " Tools "])
    session().expire(post)
    assert [tag.name for tag in post.tags] == ["Tides", "Tools"]


def test_a_post_keeps_at_least_one_author(wren):
    with pytest.raises(Invalid, match="needs from 1 to 30"):
        revise(make_post(by=wren), by=wren, author_ids=[])


def test_several_authors_stand_in_the_order_given(wren):
    other = make_user(email="ida@example.org", name="Ida")
    post = make_post(by=wren, author_ids=[other.id, wren.id])
    assert [author.name for author in post.authors] == ["Ida", "Wren"]


def test_an_unknown_author_is_refused(wren):
    with pytest.raises(Invalid, match="no account"):
        revise(make_post(by=wren), by=wren, author_ids=[99_999])


def test_a_series_counts_its_posts(wren):
    first, second = make_post(by=wren, series="The harbour year"), make_post(by=wren, series="The harbour year")
    assert (first.series_id, first.series_position, second.series_position) == (second.series_id, 1, 2)


def test_a_post_leaves_its_series(wren):
    post = make_post(by=wren, series="The harbour year")
    revise(post, by=wren, series="")
    assert (post.series_id, post.series_position) == (None, None)


def test_more_tags_than_a_post_may_have_can_stay_but_not_grow(wren):
    post = make_post(by=wren)
    with pytest.raises(Invalid, match="50 tags at most"):
        revise(post, by=wren, tags=[f"tag {number}" for number in range(51)])


def test_series_that_cannot_be_spelt_are_still_two(wren):
    first, second = make_post(by=wren, series="🎉"), make_post(by=wren, series="🚀")
    assert first.series_id != second.series_id
