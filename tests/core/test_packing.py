"""Which packing of a body a browser is sent, by what it says it takes."""

import pytest

from inkhorn.core.packing import packing_of


@pytest.mark.parametrize(
    ("accepted", "packing"),
    [
        ("", ""),
        ("br", "br"),
        ("gzip;q=1.0, br;q=0.5", "br"),
        ("br; q=0, gzip", "gzip"),
        ("br;\tq=0.,gzip ;q=0.001", "gzip"),
        ("*", ""),
        ("x-gzip", ""),
        ("GZIP", "gzip"),
    ],
)
def test_the_tightest_packing_that_is_taken_is_chosen(accepted, packing):
    assert packing_of(accepted) == packing
