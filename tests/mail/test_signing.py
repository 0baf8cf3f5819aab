"""DKIM signatures, judged by a library that had no part in making them."""

import base64
from dataclasses import replace

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from inkhorn.core.mail.signing import BadSigningKey, sign
from tests.conftest import config_for
from tests.mail.conftest import deliver, write

KEYS = {"rsa": rsa.generate_private_key(65537, 2048), "ed25519": ed25519.Ed25519PrivateKey.generate()}
LETTER = (
    b"From: The Slow Ferry <inkhorn@slowferry.example>\r\nTo: rhea@example.org\r\nSubject:  Tides\r\n and  boats \r\n"
    b"Date: Mon, 02 Mar 2026 12:00:00 +0000\r\nMessage-ID: <1@slowferry.example>\r\nX-Other: not signed\r\n\r\n"
    b"High  at noon. \r\n\tLow at six.\r\n\r\n\r\n"
)


def pem(key):
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()


def dns(key):
    """What the domain's operator publishes."""
    form = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    if isinstance(key, ed25519.Ed25519PrivateKey):
        form = (serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    kind = "ed25519" if isinstance(key, ed25519.Ed25519PrivateKey) else "rsa"
    return f"v=DKIM1; k={kind}; p={base64.b64encode(key.public_key().public_bytes(*form)).decode()}"


def holds(content, key):
    records = {b"inkhorn._domainkey.slowferry.example.": dns(key).encode()}
    return dkim.verify(content, dnsfunc=lambda name, timeout=5: records.get(name))


@pytest.fixture
def settings(tmp_path):
    return config_for(tmp_path, dkim_domain="slowferry.example", dkim_key=pem(KEYS["rsa"]))


@pytest.fixture(params=list(KEYS))
def key(request):
    return KEYS[request.param]


def test_a_signature_holds(settings, key):
    assert holds(sign(LETTER, replace(settings, dkim_key=pem(key))), key)


def test_a_real_letter_arrives_with_a_signature_that_holds(posting, configured, key):
    configured(**posting.settings, mail_from="post@slowferry.example", dkim_domain="slowferry.example", dkim_key=pem(key))
    write(name="Räea")
    deliver()
    assert holds(posting.received[0].content, key)


@pytest.mark.parametrize(
    ("found", "planted"),
    [
        (b"High", b"Low"),
        (b"Tides", b"Money"),
        (b"rhea@example.org", b"eve@example.org"),
        (b"From: The", b"From: A"),
        (b"X-Other", b"Subject: Money\r\nX-Other"),
        (b"X-Other", b"From: eve@example.org\r\nX-Other"),
        (b"X-Other", b"Reply-To: eve@example.org\r\nX-Other"),
    ],
    ids=str,
)
def test_what_was_changed_on_the_way_shows(settings, found, planted):
    signed = sign(LETTER, settings)
    assert found in signed
    assert not holds(signed.replace(found, planted, 1) if found != b"X-Other" else signed.replace(found, planted), KEYS["rsa"])


def test_another_key_does_not_do(settings):
    assert not holds(sign(LETTER, settings), rsa.generate_private_key(65537, 2048))


def test_its_lines_are_short(settings):
    head = sign(LETTER, settings).split(b"From:")[0]
    assert max(map(len, head.split(b"\r\n"))) <= 78


def test_a_key_on_one_line_is_read(settings):
    assert holds(sign(LETTER, replace(settings, dkim_key=pem(KEYS["rsa"]).replace("\n", "\\n"))), KEYS["rsa"])


@pytest.mark.parametrize("told", [{"dkim_key": None}, {"dkim_domain": None}])
def test_without_a_key_it_leaves_as_it_is(settings, told):
    assert sign(LETTER, replace(settings, **told)) == LETTER


@pytest.mark.parametrize(
    "bad", ["", "x", pem(ec.generate_private_key(ec.SECP256R1())), pem(KEYS["rsa"])[:200]], ids=["", "x", "curve", "cut"]
)
def test_a_key_that_cannot_sign_is_named(settings, bad):
    with pytest.raises(BadSigningKey, match="dkim_key"):
        sign(LETTER, replace(settings, dkim_key=bad or "-"))


def test_a_body_of_nothing_is_signed(settings):
    empty = LETTER.split(b"\r\n\r\n")[0] + b"\r\n\r\n"
    assert holds(sign(empty, settings), KEYS["rsa"])
