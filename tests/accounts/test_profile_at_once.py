"""Usernames and following in the same moment, on both kinds of database."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from inkhorn.accounts.identity.actor import Person
from inkhorn.accounts.models import Follow, User
from inkhorn.accounts.services.following import follow_author
from inkhorn.accounts.services.profiles import UsernameTaken, choose_username
from inkhorn.core.access import House
from inkhorn.core.database import db, session, transaction
from inkhorn.posts.models import Status
from tests.accounts.test_at_once import all_at_once
from tests.factories.accounts import audited, make_user
from tests.factories.posts import make_post

pytestmark = pytest.mark.slow


def test_of_fifty_who_want_one_username_exactly_one_has_it(crowded: Flask):
    with crowded.app_context():
        ids = [make_user(email=f"{number}@example.org", name=f"User {number}").id for number in range(50)]
        db.session.close()

    def choose(number: int) -> str:
        try:
            with transaction():
                choose_username(session().get(User, ids[number]), "wanted", by=House())
        except UsernameTaken:
            return "taken"
        return "had"

    assert all_at_once(crowded, 50, choose) == {"had": 1, "taken": 49}
    with crowded.app_context():
        assert audited("accounts.username_changed") == 1


def test_to_follow_many_times_at_once_is_to_follow_once(crowded: Flask):
    with crowded.app_context():
        author, reader = make_user(email="a@example.org", name="A"), make_user(role="reader")
        make_post(by=Person(author), status=Status.PUBLISHED)
        db.session.close()

    def follow(_number: int) -> None:
        with transaction():
            follow_author(session().get(User, reader.id), session().get(User, author.id), by=House())

    all_at_once(crowded, 20, follow)
    with crowded.app_context():
        assert session().scalar(select(func.count()).select_from(Follow)) == 1
