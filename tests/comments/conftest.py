"""The rest of the cast, who talk here."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.cast import Cast
from tests.posts.conftest import Desk


@pytest.fixture
def mona(cast: Cast):
    """The member."""
    return cast.mona


@pytest.fixture
def desk_of(signed_in: Callable[[Any], FlaskClient]) -> Callable[[Any], Desk]:
    """The desk of one of the cast."""
    return lambda actor: Desk(signed_in(actor))
