"""Sealed secrets: read again by the same house alone, whole or not at all; and keys that were changed."""

import base64
from dataclasses import replace

import pytest

from inkhorn.core import tokens
from inkhorn.core.sealing import FORM, Unreadable, open_sealed, seal, sealed_anew
from tests.conftest import SECRET

OTHER = "another-key-0123456789-abcdefghijklmn"


@pytest.fixture(autouse=True)
def inside(app):
    with app.app_context():
        yield


@pytest.fixture
def keyed(app, monkeypatch):
    def use(key, *previous):
        told = replace(app.extensions["inkhorn.config"], secret_key=key, previous_secret_keys=" ".join(previous))
        monkeypatch.setitem(app.extensions, "inkhorn.config", told)

    return use


@pytest.mark.parametrize("text", ["JBSWY3DPEHPK3PXP", "", "ü" * 5000, "\x00", "v1."])
def test_what_was_sealed_is_read_again(text):
    assert open_sealed("totp", seal("totp", text)) == text


def test_nothing_of_it_can_be_seen():
    sealed = seal("totp", "JBSWY3DPEHPK3PXP")
    assert b"JBSWY" not in base64.urlsafe_b64decode(sealed.removeprefix(FORM))
    assert sealed != seal("totp", "JBSWY3DPEHPK3PXP")


def test_it_serves_one_purpose():
    with pytest.raises(Unreadable):
        open_sealed("mail", seal("totp", "x"))


def test_a_flipped_bit_anywhere_spoils_it():
    raw = bytearray(base64.urlsafe_b64decode(seal("totp", "JBSWY3DPEHPK3PXP").removeprefix(FORM)))
    for place in range(len(raw)):
        for bit in (1, 128):
            flipped = bytearray(raw)
            flipped[place] ^= bit
            with pytest.raises(Unreadable):
                open_sealed("totp", FORM + base64.urlsafe_b64encode(bytes(flipped)).decode())


@pytest.mark.parametrize("sealed", ["", "x", "v1.", "v1.x", "v1.é", "v2.AAAA", "v1." + "A" * 16, "v1." + "A" * 100_000, "\x00"])
def test_what_was_never_sealed_is_refused_in_words(sealed):
    with pytest.raises(Unreadable, match="cannot be read"):
        open_sealed("totp", sealed)


def test_a_changed_key_reads_what_the_old_one_sealed_while_that_is_named(keyed):
    sealed = seal("totp", "seed")
    keyed(OTHER, "third-key-0123456789-abcdefghijklmnop", SECRET)
    assert open_sealed("totp", sealed) == "seed"
    renewed = seal("totp", "seed")
    keyed(OTHER)
    assert open_sealed("totp", renewed) == "seed"
    with pytest.raises(Unreadable):
        open_sealed("totp", sealed)


def test_a_changed_key_reads_tokens_that_the_old_one_signed_while_that_is_named(keyed):
    signed = tokens.sign("reset", 7)
    keyed(OTHER, SECRET)
    assert tokens.read("reset", signed, max_age_seconds=60) == 7
    renewed = tokens.sign("reset", 8)
    keyed(OTHER)
    assert tokens.read("reset", renewed, max_age_seconds=60) == 8
    assert tokens.read("reset", signed, max_age_seconds=60) is None


def test_an_old_key_signs_nothing_any_more(keyed):
    keyed(OTHER, SECRET)
    signed = tokens.sign("reset", 7)
    keyed(SECRET)
    assert tokens.read("reset", signed, max_age_seconds=60) is None


def test_what_an_earlier_key_sealed_is_sealed_anew_and_needs_it_no_longer(keyed):
    sealed = seal("totp", "JBSWY3DPEHPK3PXP")
    keyed(OTHER, SECRET)
    anew = sealed_anew("totp", sealed)
    keyed(OTHER)
    assert open_sealed("totp", anew) == "JBSWY3DPEHPK3PXP"
    assert sealed_anew("totp", anew) == anew
    with pytest.raises(Unreadable):
        sealed_anew("totp", sealed)
