"""A site that was just made: nobody lives there, and nobody comes in by what everybody knows (ASVS 6.3.2)."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from inkhorn.accounts.models import SetupLink, User
from inkhorn.app import create_app
from inkhorn.core.database import db, session
from tests.conftest import config_for
from tests.running import inkhorn

WELL_KNOWN = [("admin", "admin"), ("admin@example.org", "password"), ("root", ""), ("inkhorn", "inkhorn"), ("owner", "owner"), ("", "")]


@pytest.fixture
def fresh(tmp_path) -> Flask:
    """As the operator's first command leaves it."""
    assert inkhorn(tmp_path / "data", "migrate").returncode == 0
    return create_app(config_for(tmp_path / "data"))


def test_nobody_has_an_account_on_a_fresh_site_and_one_link_waits(fresh):
    with fresh.app_context():
        assert session().scalar(select(func.count()).select_from(User)) == 0
        assert len(session().scalars(select(SetupLink.token)).one()) >= 32
        db.engine.dispose()


def test_what_everybody_knows_opens_nothing(fresh):
    browser = fresh.test_client()
    for email, password in WELL_KNOWN:
        assert browser.post("/sign-in", data={"email": email, "password": password}).status_code == 422
    assert browser.get("/desk/").location == "/sign-in?next=/desk/"
