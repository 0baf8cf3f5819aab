"""Closing and keeping in the same moment, and what a process leaves that is killed while it ends an account; on both kinds of database."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from inkhorn.accounts.identity.actor import Person
from inkhorn.accounts.models import AccountStatus, Purpose, User
from inkhorn.accounts.services import closing, sessions
from inkhorn.accounts.services.tokens import LinkSpent, issue_token, token_of
from inkhorn.core import audit, clock
from inkhorn.core.access import House
from inkhorn.core.config import config
from inkhorn.core.database import db, session, transaction
from inkhorn.posts.models import Address, Byline, Post, Status
from tests.accounts.test_at_once import all_at_once
from tests.factories.accounts import audited, make_user
from tests.factories.posts import make_post

pytestmark = pytest.mark.slow


@pytest.fixture
def wren(crowded: Flask) -> int:
    """The number of an author with posts, whose account is being closed."""
    with crowded.app_context():
        user = make_user(email="wren@example.org", name="Wren")
        for number in range(5):
            make_post(by=Person(user), title=f"P{number}", status=Status.PUBLISHED)
        with transaction():
            closing.close_account(session().merge(user), heir_id=None, by=House())
        db.session.close()
        return user.id


def make_due(user_id: int) -> None:
    with transaction():
        session().get(User, user_id).closes_at = clock.now()


def test_a_link_keeps_an_account_once(crowded: Flask, wren: int):
    with crowded.app_context(), transaction():
        secret = issue_token(Purpose.REOPEN, user=session().get(User, wren)).secret

    def keep(_number: int) -> str:
        try:
            with transaction():
                closing.reopen_account(token_of(secret, Purpose.REOPEN), sessions.Visit())
        except LinkSpent:
            return "spent"
        return "kept"

    assert all_at_once(crowded, 50, keep) == {"kept": 1, "spent": 49}


def test_an_account_is_ended_or_kept_and_never_both(crowded: Flask, wren: int):
    with crowded.app_context():
        make_due(wren)
        with transaction():
            secret = issue_token(Purpose.REOPEN, user=session().get(User, wren)).secret
        db.session.close()

    def act(number: int) -> str:
        try:
            with transaction():
                if number % 2:
                    return "ended" if closing.end_account(wren) else "too late to end"
                closing.reopen_account(token_of(secret, Purpose.REOPEN), sessions.Visit())
                return "kept"
        except LinkSpent:
            return "too late to keep"

    seen = all_at_once(crowded, 12, act)
    assert seen["ended"] + seen["kept"] == 1, seen
    with crowded.app_context():
        assert (session().get(User, wren) is None, session().scalar(select(func.count()).select_from(Post))) == (
            (True, 0) if seen["ended"] else (False, 5)
        )


KILLER = """
import os, signal, sys
from pathlib import Path
from inkhorn.accounts.events import account_closed
from inkhorn.accounts.services import closing
from inkhorn.app import create_app
from inkhorn.core.database import session, transaction
from tests.conftest import config_for

folder, address, user_id, place = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4]
app = create_app(config_for(folder, **({"database_url": address} if address else {})))
die = lambda *_told, **_more: os.kill(os.getpid(), signal.SIGKILL)
with app.app_context():
    if place == "after the posts":
        closing.audit.record = die
    with transaction():
        closing.end_account(user_id)
        if place == "before the commit":
            die()
"""


@pytest.mark.parametrize("place", ["after the posts", "before the commit"])
def test_killed_in_the_middle_nothing_has_happened_and_the_next_run_ends_it(crowded: Flask, wren: int, place: str, tmp_path: Path):
    with crowded.app_context():
        make_due(wren)
        address = "" if config().uses_sqlite else config().database_url
        db.session.close()
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    killed = subprocess.run(
        [sys.executable, "-c", KILLER, str(tmp_path), address, str(wren), place], env=environment, capture_output=True, check=False
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    with crowded.app_context():
        assert session().get_one(User, wren).status is AccountStatus.CLOSING
        counts = {kind.__name__: session().scalar(select(func.count()).select_from(kind)) for kind in (Post, Byline)}
        assert counts == {"Post": 5, "Byline": 5}
        assert session().scalars(select(Address).where(Address.post_id.is_(None))).all() == []
        assert session().scalars(select(audit.Entry).where(audit.Entry.action.in_(("posts.purged", "accounts.closed")))).all() == []
        with transaction():
            assert closing.end_account(wren)
        assert (session().get(User, wren), audited("posts.purged"), audited("accounts.closed")) == (None, 5, 1)
