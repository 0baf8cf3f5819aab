"""How often a wrong password may be tried, by one and by many at once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from unittest import mock

import pytest
from sqlalchemy import func, select

from inkhorn.accounts.models import FailedSignIn
from inkhorn.accounts.services import doors
from inkhorn.core.database import session, transaction
from tests.accounts.test_sign_in import ida, sign_in  # noqa: F401 - the fixture
from tests.factories.accounts import PASSWORD, make_user


def try_wrong(client, times, **fields):
    return [sign_in(client, password="wrong password 7", **fields).status_code for _ in range(times)]


def test_twelve_wrong_passwords_are_not_twelve_guesses(client, ida):  # noqa: F811
    assert try_wrong(client, 12) == [422] * 5 + [429] * 7


def test_even_the_right_password_waits_its_turn(client, ida, clock):  # noqa: F811
    try_wrong(client, 5)
    refused = sign_in(client)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "60")
    clock.forward(minutes=2)
    assert sign_in(client).status_code == 303


def test_the_waits_grow(client, ida, clock):  # noqa: F811
    try_wrong(client, 5)
    for minutes in (1, 5, 30, 30):
        clock.forward(minutes=minutes, seconds=-1)
        assert try_wrong(client, 1) == [429]
        clock.forward(seconds=2)
        assert try_wrong(client, 1) == [422]


def test_the_tries_left_are_told_at_last(client, ida):  # noqa: F811
    told = [sign_in(client, password="wrong password 7").text for _ in range(5)]
    assert "more" not in told[0].split("belong together.")[1][:40]
    assert "2 more tries before a short wait." in told[2]
    assert "1 more try before a short wait." in told[3]


def test_signing_in_forgets_the_tries(client, ida):  # noqa: F811
    try_wrong(client, 4)
    sign_in(client)
    assert try_wrong(client, 4) == [422] * 4


def test_a_day_forgets_them_too(client, ida, clock):  # noqa: F811
    try_wrong(client, 5)
    clock.forward(hours=25)
    assert try_wrong(client, 5) == [422] * 5


def test_strangers_elsewhere_do_not_lock_the_owner_out(client, ida):  # noqa: F811
    try_wrong(client, 8)
    from_home = client.post("/sign-in", data={"email": "ida@example.org", "password": PASSWORD}, environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert from_home.status_code == 303


def test_unknown_addresses_are_counted_alike(client, database):
    assert try_wrong(client, 7, email="nobody@example.org") == [422] * 5 + [429] * 2


def test_a_forged_forwarded_for_is_no_new_place(client, ida):  # noqa: F811
    seen = [
        client.post(
            "/sign-in", data={"email": "ida@example.org", "password": "wrong"}, headers={"X-Forwarded-For": f"192.0.2.{number}"}
        ).status_code
        for number in range(8)
    ]
    assert seen == [422] * 5 + [429] * 3


def try_invented(client, times, address="127.0.0.1"):
    """What as many made-up accounts are answered; the hashing of passwords is left out, since it is slow on purpose."""
    with mock.patch.object(doors, "check_password", return_value=None):
        return Counter(
            client.post(
                "/sign-in", data={"email": f"{number}@example.org", "password": "wrong"}, environ_base={"REMOTE_ADDR": address}
            ).status_code
            for number in range(times)
        )


def test_one_place_has_a_hundred_tries_an_hour_for_all_accounts(client, ida, clock):  # noqa: F811
    assert try_invented(client, 110) == {422: 100, 429: 10}
    clock.forward(minutes=59)
    refused = sign_in(client)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "60")
    clock.forward(minutes=1, seconds=1)
    assert sign_in(client).status_code == 303


def test_a_row_is_not_made_for_each_invented_account(client, database):
    try_invented(client, 110)
    assert session().scalar(select(func.count()).select_from(FailedSignIn)) == 101


def test_a_place_of_ipv6_is_its_network(client, database):
    try_invented(client, 100, "2001:db8:1:2::3")
    assert try_invented(client, 1, "2001:db8:1:2:ffff::4") == {429: 1}
    assert try_invented(client, 1, "2001:db8:1:3::3") == {422: 1}


def test_signing_in_again_and_again_uses_nothing_up(client, ida):  # noqa: F811
    try_invented(client, 98)
    assert [sign_in(client).status_code for _ in range(4)] == [303] * 4


def test_who_is_signed_in_there_stays_so(app, client, ida):  # noqa: F811
    sign_in(client)
    try_invented(app.test_client(), 101)
    assert client.get("/desk/").status_code == 200


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        (None, ""),
        ("unix:", "unix:"),
    ],
)
def test_tries_are_counted_by_place(address, place):
    assert doors.place_of(address) == place


@pytest.mark.slow
def test_fifty_wrong_passwords_at_once_are_five_guesses(crowded):
    with crowded.app_context():
        make_user(password=PASSWORD)
    gate = Barrier(50)

    def attempt(number: int) -> int:
        gate.wait()
        return sign_in(crowded.test_client(), password=f"wrong password {number}").status_code

    with ThreadPoolExecutor(50) as crowd:
        seen = sorted(crowd.map(attempt, range(50)))
    assert seen == [422] * 5 + [429] * 45
    with crowded.app_context():
        assert session().get(FailedSignIn, ("ida@example.org", "127.0.0.1")).tries == 5


def test_old_counts_are_cleared_away(client, ida, clock):  # noqa: F811
    try_wrong(client, 1)
    clock.forward(hours=25)
    with transaction():
        doors.forget_old_failures()
    assert session().get(FailedSignIn, ("ida@example.org", "127.0.0.1")) is None
