"""What many people do in the same moment, on both kinds of database."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest
from flask import Flask
from sqlalchemy import delete, func, select

from inkhorn.accounts.models import Role, User
from inkhorn.accounts.policies import ROLES
from inkhorn.accounts.services import roles, setup
from inkhorn.core.database import db, session, transaction
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


def while_the_first_is_unfinished(app: Flask, act: Callable[[], object], then: Callable[[], object] | None = None) -> list[object]:
    """What two answered of whom the second began before the first had committed, as two nodes that start together do.

    Both act alike, unless it is said what the second does then.
    """
    is_written = Event()

    def first() -> object:
        with app.app_context(), transaction():
            told = act()
            is_written.set()
            # The second waits for our row by now, and must not break when it sees it.
            Event().wait(0.4)
            return told

    def second() -> object:
        assert is_written.wait(120)
        with app.app_context(), transaction():
            return (then or act)()

    with ThreadPoolExecutor(2) as nodes:
        return [each.result(120) for each in (nodes.submit(first), nodes.submit(second))]


def test_two_nodes_may_start_on_an_empty_table_of_roles(crowded: Flask):
    with crowded.app_context(), transaction():
        session().execute(delete(Role))
    while_the_first_is_unfinished(crowded, roles.sync_roles)
    with crowded.app_context():
        assert {role.name: frozenset(role.permissions) for role in session().scalars(select(Role))} == dict(ROLES)


def test_two_nodes_print_one_set_up_link(crowded: Flask):
    first, second = while_the_first_is_unfinished(crowded, setup.make_setup_link)
    assert first == second
    assert first is not None
