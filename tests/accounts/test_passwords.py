"""Which passwords are good enough, and that knowing an address cannot be told from not knowing it."""

import statistics
import time

import pytest
from argon2 import PasswordHasher

from inkhorn.accounts import passwords
from inkhorn.accounts.passwords import COMMON_FILE, WeakPassword, hash_password, is_right, refuse_weak
from inkhorn.accounts.services import doors
from tests.factories.accounts import PASSWORD, make_user

# The cost of a hash is the same for both; a small one lets the rest be seen.
QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
DECOY = QUICK.hash("nobody has this password")


@pytest.mark.parametrize(("length", "is_staff"), [(12, True), (8, False), (64, True), (128, False)])
def test_long_enough_is_enough(length, is_staff):
    refuse_weak(("kelp tide moon " * 10)[:length], is_staff=is_staff)


@pytest.mark.parametrize(("password", "is_staff"), [("kelp ti", False), ("kelp tide m", True), ("k" * 129, True), ("", False)])
def test_too_short_or_too_long_is_refused(password, is_staff):
    with pytest.raises(WeakPassword, match="characters"):
        refuse_weak(password, is_staff=is_staff)


def test_every_common_password_is_refused():
    common = COMMON_FILE.read_text(encoding="utf-8").split()
    refused = sum(1 for each in common if is_refused(each.ljust(8)) and is_refused(each))
    assert refused == len(common) == 10_000


def is_refused(password: str) -> bool:
    try:
        refuse_weak(password, is_staff=False)
    except WeakPassword:
        return True
    return False


@pytest.mark.parametrize(
    "password", ["aaaaaaaaaaaaaaaa", "abababababababab", "PASSWORD", "p a s s w o r d", "Saltmarsh", "saltmarsh 12", "İDA MARSH 1"]
)
def test_what_anybody_would_try_is_refused(password):
    with pytest.raises(WeakPassword):
        refuse_weak(password, is_staff=False, words=("Saltmarsh", "Ida Marsh", "İda Marsh"))


@pytest.mark.parametrize("password", ["пароль из четырёх слов", "四つの言葉の合言葉だよ!", "🦀🌊🐚🪸🐋🦑🐙🦐", "  spaces around  "])
def test_any_letters_will_do(password):
    refuse_weak(password, is_staff=False)
    assert is_right(password, hash_password(password))


def test_a_hash_is_argon2id_with_the_small_servers_profile():
    assert hash_password("x").startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_composed_letters_equal_decomposed_ones():
    assert is_right("Zoe\u0308 am Meer", hash_password("Zo\u00eb am Meer"))


@pytest.mark.parametrize("kept", [None, "", "plain", "$2b$12$nonsense", "$argon2id$v=19$m=1,t=1,p=1$x$y"])
def test_a_broken_hash_lets_nobody_in(kept):
    assert not is_right("", kept)
    assert not is_right("nobody has this password", kept)


def medians_of(guess, addresses: tuple[str, str], rounds: int) -> list[float]:
    """How long each of the two took, tried in turn."""
    spent: dict[str, list[float]] = {each: [] for each in addresses}
    for _ in range(rounds):
        for address, times in spent.items():
            began = time.perf_counter()
            guess(address)
            times.append(time.perf_counter() - began)
    return [statistics.median(times) for times in spent.values()]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_hasher", lambda: QUICK)
    monkeypatch.setattr(passwords, "_decoy", lambda: DECOY)
    monkeypatch.setattr(doors, "FREE_TRIES", 1_000_000)
    monkeypatch.setattr(doors, "TRIES_FROM_ONE_PLACE", 1_000_000)


@pytest.mark.slow
def test_known_and_unknown_addresses_take_the_same_time(client, quick):
    make_user(password=PASSWORD)

    def look(email: str) -> None:
        assert doors.check_password(email=email, password="wrong password 7") is None

    def post(email: str) -> None:
        assert client.post("/sign-in", data={"email": email, "password": "wrong password 7"}).status_code == 422

    for guess, rounds in ((look, 1000), (post, 250)):
        known, unknown = medians_of(guess, ("ida@example.org", "nob@example.org"), rounds)
        print(f"{guess.__name__}: known {known * 1000:.3f} ms, unknown {unknown * 1000:.3f} ms")
        assert abs(known - unknown) < max(0.05 * known, 0.001)
