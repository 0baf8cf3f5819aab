"""A program that speaks for one of the cast: a session's cookie, its token, and the answers as JSON."""

from collections.abc import Callable

import pytest
from flask import Flask

from inkhorn.comments.models import State
from inkhorn.core.access import House
from inkhorn.core.database import transaction
from inkhorn.posts.models import PostKind, Status
from inkhorn.posts.services.redirects import add_redirect
from tests.api.program import Program
from tests.cast import Cast
from tests.factories.accounts import make_user
from tests.factories.comments import make_comment, make_open_post
from tests.factories.media import make_asset
from tests.factories.posts import make_post
from tests.factories.shows import make_album, make_episode, make_show


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


@pytest.fixture
def strangers(database):
    """The first three accounts, which nobody needs: whoever may, closes and suspends them."""
    for number in range(3):
        make_user(email=f"stranger{number}@example.org", name=f"Stranger {number}", role="author")


@pytest.fixture
def peopled(strangers, furnished, cast):
    """One of everything that the API tells of: what was said, heard, uploaded and sent elsewhere."""
    post = make_open_post(by=cast.wren, title="Talked of")
    first = make_comment(post, by=cast.mona)
    make_comment(post, by=cast.rhea, to=first)
    make_comment(post, state=State.WAITING)
    make_album("Fog", "Bell", by=cast.wren)
    make_album(by=cast.emil, title="Unfinished", is_published=False)
    show = make_show(by=cast.wren)
    for title in ("Published", "Unfinished"):
        make_episode(show, by=cast.wren, title=title, is_published=title == "Published")
    make_asset(by=cast.emil)
    with transaction():
        add_redirect("/old/", "/new/", by=House())
