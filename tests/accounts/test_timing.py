"""Whether an address is known cannot be told from how long the answer takes."""

import os
import statistics
import time
from collections.abc import Callable

import pytest
from argon2 import PasswordHasher

from inkhorn.accounts import passwords
from inkhorn.accounts.settings import AccountSettings
from inkhorn.core import captcha, settings
from inkhorn.core.access import House
from inkhorn.core.database import is_postgresql, transaction
from tests.factories.accounts import PASSWORD, make_user

pytestmark = pytest.mark.slow

# The cost of a hash is the same for both; a small one lets the rest be seen.
QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
DECOY = QUICK.hash("nobody has this password")
# Of each kind, in turn. The long form is 1,000, two thousand tries at each door, compares medians and wants a quiet machine. The short one
# compares the fastest tenth: other work on the machine only ever adds time, so that tenth is what the site itself takes, its waiting too.
ROUNDS = int(os.environ.get("INKHORN_TEST_TRIES", "150"))
IS_LONG = "INKHORN_TEST_TRIES" in os.environ
# A difference that the site makes is there each time one looks; one that a busy machine makes is not.
LOOKS = 1 if IS_LONG else 3
KNOWN, UNKNOWN = "ida{}@example.org", "nob{}@example.org"
# Each try is somebody's first at this door, or each is the same person's once more.
FIRST, AGAIN = "{look}-{turn}", ""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch, generous) -> None:
    monkeypatch.setattr(passwords, "_hasher", lambda: QUICK)
    monkeypatch.setattr(passwords, "_decoy", lambda: DECOY)
    monkeypatch.setattr(captcha, "check", lambda form, sent, address: str(time.perf_counter_ns()))


def typical_times(ask: Callable[[str], int], status: int, *, of: str, look: int) -> tuple[float, float]:
    """How long each of the two took, tried in turn."""
    spent: dict[str, list[float]] = {KNOWN: [], UNKNOWN: []}
    for turn in range(2 * ROUNDS):
        # Now the one goes first and now the other.
        for address in (KNOWN, UNKNOWN) if turn % 2 else (UNKNOWN, KNOWN):
            began = time.perf_counter()
            answered = ask(address.format(of.format(look=look, turn=turn)))
            if turn >= ROUNDS:
                spent[address].append(time.perf_counter() - began)
            assert answered == status
    typical = statistics.median if IS_LONG else lambda each: statistics.quantiles(each, n=10)[0]
    return typical(spent[KNOWN]), typical(spent[UNKNOWN])


DOORS = {
    "sign-in": ("/sign-in", {"password": "wrong password 7"}, 422),
    "reset": ("/forgotten-password", {}, 200),
    "link": ("/sign-in/by-mail", {}, 200),
    "registration": ("/join", {"name": "Nora", "password": "kelp tide moon lantern"}, 303),
}


@pytest.mark.parametrize("of", [FIRST, AGAIN], ids=["first tries", "again and again"])
@pytest.mark.parametrize("door", DOORS)
def test_known_and_unknown_addresses_take_the_same_time(client, door, of):
    if (door, of) == ("registration", AGAIN) and is_postgresql():
        pytest.skip(
            "In the one transaction of a test PostgreSQL reads past what was replaced ever more slowly, and not equally for each address."
        )
    with transaction():
        settings.tune(AccountSettings, by=House(), registration="open")
    path, fields, status = DOORS[door]
    for look in range(LOOKS):
        for person in dict.fromkeys(of.format(look=look, turn=turn) for turn in range(2 * ROUNDS)) if of or not look else ():
            make_user(email=KNOWN.format(person), password=PASSWORD)
        known, unknown = typical_times(
            lambda email: client.post(path, data={"email": email, **fields}).status_code, status, of=of, look=look
        )
        print(f"{door}: known {known * 1000:.3f} ms, unknown {unknown * 1000:.3f} ms over {ROUNDS} tries of each")
        if abs(known - unknown) < max(0.05 * known, 0.001):
            return
    pytest.fail(f"whether an address is known can be told at {door}: {known * 1000:.3f} and {unknown * 1000:.3f} ms")
