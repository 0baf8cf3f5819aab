"""How often a wrong password may be tried, by one and by many at once, and that strangers lock nobody out."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from unittest import mock

import pytest

from inkhorn.accounts.services import doors, unlocking
from inkhorn.core import audit, limits
from inkhorn.core.database import session
from tests.accounts.test_sign_in import ida, sign_in  # noqa: F401 - the fixture
from tests.factories.accounts import PASSWORD, make_user


def try_wrong(client, times, **fields):
    return [sign_in(client, password="wrong password 7", **fields).status_code for _ in range(times)]


def from_place(client, address, email="ida@example.org", password=PASSWORD):
    return client.post("/sign-in", data={"email": email, "password": password}, environ_base={"REMOTE_ADDR": address})


def try_from_everywhere(client, times, **fields):
    """Wrong passwords, each from another place; the hashing is left out, since it is slow on purpose."""
    with mock.patch.object(doors, "check_password", return_value=None):
        return Counter(from_place(client, f"198.51.{n // 250}.{n % 250}", password="wrong", **fields).status_code for n in range(times))


def test_twelve_wrong_passwords_are_not_twelve_guesses(client, ida):  # noqa: F811
    assert try_wrong(client, 12) == [422] * 10 + [429] * 2


def test_even_the_right_password_waits_its_turn(client, ida, clock):  # noqa: F811
    try_wrong(client, 10)
    refused = sign_in(client)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "300")
    assert "Wait 5 minutes" in refused.text
    clock.forward(minutes=6)
    assert sign_in(client).status_code == 303


def test_the_tries_left_are_told_at_last(client, ida):  # noqa: F811
    told = [sign_in(client, password="wrong password 7").text for _ in range(10)]
    assert "more" not in told[0].split("belong together.")[1][:40]
    assert "3 more tries before a wait of five minutes." in told[6]
    assert "1 more try before a wait of five minutes." in told[8]


def test_signing_in_forgets_the_tries(client, ida):  # noqa: F811
    try_wrong(client, 9)
    sign_in(client)
    limits.clear(limits.SIGN_IN_PLACE, "127.0.0.1")
    assert try_wrong(client, 9) == [422] * 9


def test_an_account_has_ten_tries_from_everywhere_together(client, ida):  # noqa: F811
    assert try_from_everywhere(client, 30) == {422: 10, 429: 20}


def test_strangers_do_not_lock_out_a_browser_that_was_here_before(app, client, ida):  # noqa: F811
    assert from_place(client, "192.0.2.7").status_code == 303
    try_from_everywhere(app.test_client(), 30)
    assert from_place(client, "192.0.2.7").status_code == 303
    assert from_place(app.test_client(), "192.0.2.7").status_code == 429


def test_a_browser_that_was_here_before_has_ten_tries_too(client, ida):  # noqa: F811
    from_place(client, "192.0.2.7")
    seen = Counter(from_place(client, f"203.0.113.{n}", password="wrong").status_code for n in range(12))
    assert seen == {422: 10, 429: 2}


LETTERS = {"/forgotten-password": "author", "/sign-in/by-mail": "member"}


def ask_for_letter(browser, path, number=1):
    answer = browser.post(path, data={"email": "rhea@example.org"}, environ_base={"REMOTE_ADDR": f"203.0.113.{number}"})
    return answer.status_code


@pytest.mark.parametrize("path", LETTERS)
def test_strangers_do_not_use_up_the_letters_of_a_browser_that_was_here_before(app, client, database, path):
    make_user(email="rhea@example.org", role=LETTERS[path], password=PASSWORD)
    from_place(client, "192.0.2.7", email="rhea@example.org")
    stranger = app.test_client()
    assert [ask_for_letter(stranger, path, n) for n in range(6)] == [200] * 5 + [429]
    assert [ask_for_letter(client, path, n) for n in range(6)] == [200] * 5 + [429]


@pytest.mark.parametrize("path", LETTERS)
def test_the_operator_lets_a_known_browser_ask_again(client, database, path):
    rhea = make_user(email="rhea@example.org", role=LETTERS[path], password=PASSWORD)
    from_place(client, "192.0.2.7", email="rhea@example.org")
    assert [ask_for_letter(client, path, n) for n in range(6)][-1] == 429
    unlocking.forget_counts(rhea)
    assert ask_for_letter(client, path) == 200


def test_another_persons_known_browser_is_a_strangers(app, client, ida):  # noqa: F811
    make_user(email="eve@example.org", name="Eve", password=PASSWORD)
    from_place(client, "192.0.2.7", email="eve@example.org")
    try_from_everywhere(app.test_client(), 10)
    assert from_place(client, "192.0.2.8").status_code == 429


def test_unknown_addresses_are_counted_alike(client, database):
    assert try_wrong(client, 12, email="nobody@example.org") == [422] * 10 + [429] * 2


def test_a_forged_forwarded_for_is_no_new_place(client, ida):  # noqa: F811
    seen = [
        client.post(
            "/sign-in", data={"email": f"{number}@example.org", "password": "wrong"}, headers={"X-Forwarded-For": f"192.0.2.{number}"}
        ).status_code
        for number in range(12)
    ]
    assert seen == [422] * 10 + [429] * 2


def try_invented(client, times, address="127.0.0.1"):
    """What as many made-up accounts are answered, from one place."""
    with mock.patch.object(doors, "check_password", return_value=None):
        return Counter(from_place(client, address, email=f"{number}@example.org", password="wrong").status_code for number in range(times))


def test_one_place_has_ten_tries_for_all_accounts_and_a_hundred_an_hour(client, ida, clock):  # noqa: F811
    seen = Counter()
    for _ in range(11):
        seen += try_invented(client, 12)
        clock.forward(minutes=5, seconds=1)
    assert seen[422] == 100
    assert sign_in(client).status_code == 429


def test_all_the_world_has_a_thousand_tries_in_five_minutes(client, database):
    with mock.patch.object(doors, "check_password", return_value=None):
        seen = Counter(from_place(client, f"10.0.{n // 250}.{n % 250}", email=f"{n}@x.org", password="w").status_code for n in range(1010))
    assert seen == {422: 1000, 429: 10}


def test_a_place_of_ipv6_is_its_network(client, database):
    try_invented(client, 10, "2001:db8:1:2::3")
    assert try_invented(client, 1, "2001:db8:1:2:ffff::4") == {429: 1}
    assert try_invented(client, 1, "2001:db8:1:3::3") == {422: 1}


def test_signing_in_again_and_again_uses_nothing_up(client, ida):  # noqa: F811
    try_invented(client, 8)
    assert [sign_in(client).status_code for _ in range(14)] == [303] * 14


def test_who_is_signed_in_there_stays_so(app, client, ida):  # noqa: F811
    sign_in(client)
    try_invented(app.test_client(), 12)
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
    assert limits.place_of(address) == place


@pytest.mark.slow
def test_fifty_wrong_passwords_at_once_are_ten_guesses(crowded):
    with crowded.app_context():
        make_user(password=PASSWORD)
    gate = Barrier(50)

    def attempt(number: int) -> int:
        gate.wait()
        return from_place(crowded.test_client(), f"198.51.100.{number}", password=f"wrong password {number}").status_code

    with ThreadPoolExecutor(50) as crowd:
        seen = sorted(crowd.map(attempt, range(50)))
    assert seen == [422] * 10 + [429] * 40


def test_a_house_whose_tries_are_used_up_still_opens_to_a_browser_that_was_here_before(app, client, ida):  # noqa: F811
    from_place(client, "192.0.2.7")
    with mock.patch.object(limits, "SIGN_IN_ALL", limits.Limit(limits.SIGN_IN_ALL.name, "10 per 5 minutes")):
        try_invented(app.test_client(), 12, "192.0.2.7")
        assert from_place(app.test_client(), "203.0.113.9").status_code == 429
        assert from_place(client, "192.0.2.7").status_code == 303


def test_of_the_tries_beyond_a_limit_the_first_is_noted(client, ida):  # noqa: F811
    try_wrong(client, 14)
    reasons = [each.details["reason"] for each in session().scalars(audit.entries(audit.Wanted(action="accounts.sign_in_refused")))]
    assert Counter(reasons) == {"WrongPassword": 10, "TooMany": 1}
