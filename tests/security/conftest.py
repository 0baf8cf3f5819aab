"""The living site that the sweeps walk over."""

import pytest
from flask import Flask

from tests.cast import Cast
from tests.security.site import Site, build_site
from tests.stamps import stamp


@pytest.fixture
def site(app: Flask, cast: Cast) -> Site:
    # Readers are sent to it.
    stamp()
    return build_site(app, cast)
