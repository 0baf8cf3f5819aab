"""The living site that the sweeps walk over."""

import pytest
from flask import Flask

from tests.cast import Cast
from tests.security.site import Site, build_site


@pytest.fixture
def site(app: Flask, cast: Cast) -> Site:
    return build_site(app, cast)
