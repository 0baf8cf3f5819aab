"""Browsers of the owner's room, and what they press."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from inkhorn.core import audit
from inkhorn.core.audit import Entry, Wanted
from inkhorn.core.database import session
from tests.accounts.conftest import crowded  # noqa: F401 - the fixture
from tests.cast import Cast
from tests.mail.conftest import configured, posting, sink  # noqa: F401 - fixtures
from tests.posts.conftest import Desk

Press = Callable[..., object]


@pytest.fixture
def browser(signed_in, ada) -> FlaskClient:
    """Ada's, who may do everything here."""
    return signed_in(ada)


def token(browser: FlaskClient, page: str = "/admin/settings/site") -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(page).text)
    assert found, page
    return found[1]


def press(browser: FlaskClient, address: str, /, **fields: object):
    return browser.post(address, data={"csrf_token": token(browser), **fields})


def noted(action: str = "") -> list[Entry]:
    """What the log has of an action, the latest first."""
    session().expire_all()
    return list(session().scalars(audit.entries(Wanted(action=action))))


def told(answer) -> str:
    """The words of a page, without its tags."""
    text = re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", answer.text, flags=re.DOTALL)
    return " ".join(unescape(text).split())


def last_entry() -> Entry:
    return session().scalars(select(Entry).order_by(Entry.id.desc()).limit(1)).one()


@pytest.fixture
def desk_of(signed_in: Callable[[Any], FlaskClient]) -> Callable[[Any], Desk]:
    """The desk of one of the cast."""
    return lambda actor: Desk(signed_in(actor))


@pytest.fixture
def orla(cast: Cast):
    """The owner."""
    return cast.orla


@pytest.fixture
def mona(cast: Cast):
    """The member."""
    return cast.mona
