"""How often a second factor may be tried, and that a wrong one locks nobody out who was here before."""

import pytest

from inkhorn.core import limits
from tests.accounts.test_second_step import ida, is_in, phone, second  # noqa: F401 - fixtures
from tests.accounts.test_sign_in import sign_in
from tests.factories.accounts import give_codes


def try_wrong(client, times):
    return [second(client, f"{number:06}").status_code for number in range(times)]


def test_five_wrong_codes_are_followed_by_a_wait(client, phone, clock):  # noqa: F811
    """ASVS 6.6.3."""
    sign_in(client)
    assert try_wrong(client, 7) == [422] * 5 + [429] * 2
    refused = second(client, phone.code())
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "300")
    clock.forward(minutes=5, seconds=1)
    sign_in(client)
    assert second(client, phone.code()).status_code == 303


def test_beginning_again_gives_no_more_tries(client, app, phone):  # noqa: F811
    sign_in(client)
    try_wrong(client, 5)
    again = app.test_client()
    sign_in(again)
    assert try_wrong(again, 1) == [429]


def test_wrong_recovery_codes_count_as_well(client, ida, phone):  # noqa: F811
    codes = give_codes(ida, 1)
    sign_in(client)
    assert [second(client, "abcd-efgh-jkmn-pqrs").status_code for _ in range(6)] == [422] * 5 + [429]
    assert second(client, codes[0]).status_code == 429


@pytest.mark.usefixtures("generous_doors", "phone")
@pytest.mark.parametrize(("hours", "most"), [(1, 20), (3, 50)])
def test_an_account_has_twenty_tries_an_hour_and_fifty_a_day(client, clock, hours, most):
    tried = 0
    for _ in range(hours * 60 // 6):
        sign_in(client)
        tried += sum(status == 422 for status in try_wrong(client, 6))
        clock.forward(minutes=6)
    assert tried == most


def test_a_right_code_uses_nothing_up(client, phone, clock):  # noqa: F811
    for _ in range(8):
        sign_in(client)
        assert second(client, phone.code()).status_code == 303
        clock.forward(seconds=30)


def test_who_knows_the_password_does_not_lock_out_a_browser_that_was_here_before(client, app, phone, clock):  # noqa: F811
    sign_in(client)
    second(client, phone.code())
    clock.forward(seconds=30)
    stranger = app.test_client()
    sign_in(stranger)
    assert try_wrong(stranger, 6)[-1] == 429
    sign_in(client)
    assert second(client, phone.code()).status_code == 303
    assert is_in(client)


def test_the_last_tries_are_counted_down(client, phone):  # noqa: F811
    sign_in(client)
    told = [second(client, "000000").text for _ in range(4)]
    assert "more tries" not in told[0]
    assert "3 more tries before a wait." in told[1]
    assert "1 more try before a wait." in told[3]


@pytest.fixture
def generous_doors(monkeypatch):
    """Passwords may be tried as often as a test likes; second factors may not."""
    for name in ("SIGN_IN_ACCOUNT", "SIGN_IN_PLACE", "SIGN_IN_ALL"):
        monkeypatch.setattr(limits, name, limits.Limit(name, "1000000 per minute"))
