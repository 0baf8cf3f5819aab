"""What many people do in the same moment, on both kinds of database."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select

from inkhorn.accounts.models import User
from inkhorn.core.database import db, session
from inkhorn.core.errors import Conflict
from tests.accounts.test_sign_in import sign_in
from tests.factories.accounts import PASSWORD, make_user

pytestmark = pytest.mark.slow


def all_at_once(app: Flask, many: int, act: Callable[[int], object]) -> Counter[object]:
    """What each of many threads answered that began together."""
    gate = Barrier(many)

    def run(number: int) -> object:
        gate.wait()
        with app.app_context():
            try:
                return act(number)
            finally:
                db.session.rollback()
                db.session.close()

    with ThreadPoolExecutor(many) as crowd:
        return Counter(crowd.map(run, range(many)))


def test_one_address_is_given_to_one_account(crowded: Flask):
    def register(number: int) -> str:
        try:
            make_user(email="ida@example.org", name=f"Ida {number}")
        except Conflict:
            return "refused"
        return "made"

    assert all_at_once(crowded, 20, register) == {"made": 1, "refused": 19}
    with crowded.app_context():
        assert session().scalar(select(func.count()).select_from(User)) == 1


def test_the_right_password_many_times_breaks_nothing(crowded: Flask):
    with crowded.app_context():
        make_user(password=PASSWORD)
    seen = all_at_once(crowded, 20, lambda _number: sign_in(crowded.test_client()).status_code)
    assert set(seen) <= {303, 429}
    assert seen[303] >= 5


def test_signing_out_twice_at_once_is_no_breakdown(crowded: Flask):
    with crowded.app_context():
        make_user(password=PASSWORD)
    browser = crowded.test_client()
    sign_in(browser)
    cookie = browser.get_cookie("inkhorn").value
    token = browser.get("/desk/posts/write").text.split('name="csrf_token" value="')[1].split('"')[0]

    def leave(_number: int) -> int:
        copy = crowded.test_client()
        copy.set_cookie("inkhorn", cookie)
        return copy.post("/sign-out", data={"csrf_token": token}).status_code

    assert set(all_at_once(crowded, 12, leave)) == {303}
    assert browser.get("/desk/").status_code == 303
