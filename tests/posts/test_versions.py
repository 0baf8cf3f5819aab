"""Two texts side by side, however absurd they are."""

import time

import pytest

from inkhorn.posts.views.versions import compared


def test_paragraphs_are_matched():
    found = [(each.kind, each.ours, each.theirs) for each in compared("one\n\ntwo\n\nthree", "one\n\nzwei\n\nthree\n\nfour")]
    assert found == [("same", "one", "one"), ("changed", "two", "zwei"), ("same", "three", "three"), ("theirs", "", "four")]


@pytest.mark.parametrize("paragraphs", [2_000, 4_999, 60_000])
def test_a_text_of_many_equal_lines_does_not_hang_the_site(paragraphs):
    began = time.process_time()
    compared("\n\n".join("a" * paragraphs), "\n\n".join("ab" * (paragraphs // 2)))
    # Without a bound two thousand took 89 seconds.
    assert time.process_time() - began < 10
