"""Which passwords are good enough, and that knowing an address cannot be told from not knowing it."""

import pytest

from inkhorn.accounts.passwords import COMMON_FILE, LEAST_FOR_READERS, WeakPassword, hash_password, is_right, refuse_weak
from tests.growth import assert_grows_evenly


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


def test_of_the_common_ones_more_than_three_thousand_would_be_long_enough():
    """ASVS 6.2.4: a list of which most words are too short anyway would refuse nothing."""
    assert sum(1 for each in COMMON_FILE.read_text(encoding="utf-8").split() if len(each) >= LEAST_FOR_READERS) > 3000


def is_refused(password: str) -> bool:
    try:
        refuse_weak(password, is_staff=False)
    except WeakPassword:
        return True
    return False


@pytest.mark.parametrize(
    "password",
    [
        *("aaaaaaaaaaaaaaaa", "abababababababab", "PASSWORD", "p a s s w o r d", "qwerty qwerty", "2024 PasswordPassword!"),
        *("Saltmarsh", "saltmarsh 12", "İDA MARSH 1"),
    ],
)
def test_what_anybody_would_try_is_refused(password):
    with pytest.raises(WeakPassword):
        refuse_weak(password, is_staff=False, words=("Saltmarsh", "Ida Marsh", "İda Marsh"))


@pytest.mark.parametrize(
    "password",
    """passwordpassword letmeinletmein iloveyouforever qwertyuiopasdfgh passw0rdpassw0rd abcd1234abcd1234 zaq12wsxcde3 administrator1
    sunshine12345 1234567890123 asdfghjkl;123 dragon19851985""".split(),
)
def test_what_is_only_a_common_word_made_longer_is_refused_of_staff(password):
    with pytest.raises(WeakPassword, match=r"guessed|would try"):
        refuse_weak(password, is_staff=True)


def test_the_longest_password_is_weighed_in_little_time():
    hard = "".join(chr(33 + number * 7 % 90) for number in range(128))
    assert_grows_evenly(lambda size: refuse_weak(hard[:size], is_staff=True), 128)


@pytest.mark.parametrize("password", ["пароль из четырёх слов", "四つの言葉の合言葉だよ!", "🦀🌊🐚🪸🐋🦑🐙🦐", "  spaces around  "])
def test_any_letters_will_do(password):
    refuse_weak(password, is_staff=False)
    assert is_right(password, hash_password(password))


@pytest.mark.usefixtures("true_hashes")
def test_a_hash_is_argon2id_with_the_small_servers_profile():
    assert hash_password("x").startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_composed_letters_equal_decomposed_ones():
    assert is_right("Zoe\u0308 am Meer", hash_password("Zo\u00eb am Meer"))


@pytest.mark.parametrize("kept", [None, "", "plain", "$2b$12$nonsense", "$argon2id$v=19$m=1,t=1,p=1$x$y"])
def test_a_broken_hash_lets_nobody_in(kept):
    assert not is_right("", kept)
    assert not is_right("nobody has this password", kept)
