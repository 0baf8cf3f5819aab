"""A program that speaks for one of the cast: a session's cookie, its token, and the answers as JSON."""

from collections.abc import Callable

import pytest
from flask import Flask

from inkhorn.posts.models import PostKind, Status
from tests.api.program import Program
from tests.cast import Cast
from tests.factories.posts import make_post


@pytest.fixture
def program(app: Flask, cast: Cast) -> Callable[[str], Program]:
    """The program of somebody of the cast, by name."""
    return lambda name: Program(app, cast, name)


@pytest.fixture
def furnished(cast):
    for kind in PostKind:
        make_post(by=cast.wren, kind=kind, title=kind.value, tags=["Tides"], series="Year", status=Status.PUBLISHED)
        make_post(by=cast.wren, kind=kind, title=f"Draft {kind.value}")
        make_post(by=cast.emil, kind=kind, title=f"Emil's {kind.value}", tags=["Moon"], status=Status.TRASHED)
