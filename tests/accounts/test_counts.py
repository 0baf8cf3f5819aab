"""Unlocking forgets what was really counted: each count is made as a person makes it, and is gone afterwards."""

from unittest import mock

import pytest

from inkhorn.accounts.services.unlocking import forget_counts
from inkhorn.core import limits
from tests.accounts.test_second_step import ida, phone, second  # noqa: F401 - fixtures
from tests.accounts.test_sign_in import sign_in
from tests.factories.accounts import Browser, browser_of


@pytest.fixture
def browser(app, ida):  # noqa: F811
    return Browser(browser_of(app, ida))


def try_codes(client, times):
    return [second(client, f"{number:06}").status_code for number in range(times)]


@pytest.mark.usefixtures("phone")
def test_second_steps_of_a_browser_that_was_here_before_may_be_tried_again(client, ida, phone):  # noqa: F811
    sign_in(client)
    second(client, phone.code())
    sign_in(client)
    assert try_codes(client, 6) == [422] * 5 + [429]
    forget_counts(ida)
    assert try_codes(client, 1) == [422]


def test_a_proof_may_be_tried_again_in_a_session_that_is_open(browser, ida):  # noqa: F811
    def prove():
        return browser.send("/account/proof", proof_password="wrong password 7").status_code

    assert [prove() for _ in range(11)] == [422] * 10 + [429]
    forget_counts(ida)
    assert prove() == 422


@pytest.mark.parametrize(
    ("name", "path", "fields"),
    [
        ("NEW_EMAIL", "/account/address", {"email": "other@example.org"}),
        ("SIGN_IN_ACCOUNT", "/sign-in", {"email": "ida", "password": "wrong password 7"}),
    ],
)
def test_counts_by_number_and_by_username_are_forgotten(browser, ida, name, path, fields):  # noqa: F811
    with mock.patch.object(limits, name, limits.Limit(getattr(limits, name).name, "1 per day")):
        browser.send(path, **fields)
        assert browser.send(path, **fields).status_code == 429
        forget_counts(ida)
        assert browser.send(path, **fields).status_code != 429
