"""Two texts side by side, however absurd they are."""

import pytest

from inkhorn.posts.views.versions import compared


def test_paragraphs_are_matched():
    found = [(each.kind, each.ours, each.theirs) for each in compared("one\n\ntwo\n\nthree", "one\n\nzwei\n\nthree\n\nfour")]
    assert found == [("same", "one", "one"), ("changed", "two", "zwei"), ("same", "three", "three"), ("theirs", "", "four")]


@pytest.mark.parametrize("paragraphs", [2_000, 4_999])
def test_a_text_of_many_equal_lines_is_compared_all_the_same(paragraphs):
    # Unbounded, two thousand of them took 89 seconds.
    found = compared("\n\n".join("a" * paragraphs), "\n\n".join("ab" * (paragraphs // 2)))
    assert len(found) >= paragraphs - 1


def test_absurdly_many_paragraphs_are_shown_unmatched():
    found = compared("\n\n".join("a" * 60_000), "\n\n".join("a" * 60_000))
    assert {each.kind for each in found} == {"changed"}
