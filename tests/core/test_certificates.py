"""Certificates for https without a proxy: made, kept, renewed, and what of the operator's own is refused."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from flask import Flask, Response

from inkhorn.app import flask_settings
from inkhorn.core.certificates import CertificateRefused, Pair, days_left, names_of, pair_of
from inkhorn.core.config import ConfigError
from inkhorn.core.doctor import look_at_certificate
from inkhorn.core.headers import add_security_headers
from tests.conftest import config_for
from tests.frozen import at

LATER = timedelta(days=380)


def made(folder: Path, **more: object) -> Pair:
    folder.mkdir(exist_ok=True)
    found = pair_of(config_for(folder, https=True, **more))
    assert found
    return found


def given(folder: Path, cert: Path, key: Path) -> Pair | None:
    folder.mkdir(exist_ok=True)
    return pair_of(config_for(folder, https_cert=str(cert), https_key=str(key)))


def test_plain_http_wants_no_certificate(tmp_path):
    assert pair_of(config_for(tmp_path)) is None
    assert not (tmp_path / "https").exists()


def test_only_the_owner_of_the_folder_reads_what_is_made(tmp_path):
    made(tmp_path)
    files = list((tmp_path / "https").iterdir())
    assert len(files) == 4
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}


def test_it_names_all_that_readers_may_ask_for(tmp_path):
    pair = made(tmp_path, site_url="https://müller.example", host="192.0.2.7", allowed_hosts="www.example.org,müller.example")
    found = x509.load_pem_x509_certificate(pair.cert.read_bytes())
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost", "xn--mller-kva.example", "www.example.org"]
    assert [str(each) for each in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1", "::1", "192.0.2.7"]


def test_no_certificate_names_an_address_that_stands_for_all(tmp_path):
    for everywhere in ("0.0.0.0", "::", "0:0::0", "[::]"):
        assert names_of(config_for(tmp_path, host=everywhere, https=True)) == ["localhost", "127.0.0.1", "::1"]


@pytest.mark.parametrize("host", ["2001:DB8:0::7", "[2001:db8::0007]", "2001:db8::7", "fe80::1%eth0", "LocalHost", "::FFFF:192.0.2.1"])
def test_a_name_that_is_written_otherwise_is_no_reason_to_renew(tmp_path, host):
    before = made(tmp_path, host=host).state
    assert made(tmp_path, host=host).state == before


def test_a_second_start_finds_what_the_first_one_made(tmp_path):
    before = made(tmp_path).state
    assert made(tmp_path).state == before


def test_what_nears_its_end_is_renewed_by_the_same_authority(tmp_path):
    pair = made(tmp_path)
    authority, leaf = pair.authority.read_bytes(), pair.cert.read_bytes()
    with at(datetime.now(UTC) + LATER):
        renewed = made(tmp_path)
        assert days_left(renewed.cert) > 300
    assert renewed.authority.read_bytes() == authority
    assert renewed.cert.read_bytes() != leaf


def test_a_site_that_moves_gets_a_certificate_for_its_new_name(tmp_path):
    before = made(tmp_path).state
    assert made(tmp_path, site_url="https://new.example").state != before


def test_a_certificate_of_another_authority_is_made_anew(tmp_path):
    pair, other = made(tmp_path / "one"), made(tmp_path / "two")
    pair.cert.write_bytes(other.cert.read_bytes())
    pair.key.write_bytes(other.key.read_bytes())
    made(tmp_path / "one")
    assert pair.cert.read_bytes().endswith(pair.authority.read_bytes())


@pytest.mark.parametrize("form", [serialization.PrivateFormat.TraditionalOpenSSL, serialization.PrivateFormat.PKCS8])
def test_a_key_of_either_form_is_taken(tmp_path, form):
    pair = made(tmp_path / "other")
    key = serialization.load_pem_private_key(pair.key.read_bytes(), None)
    own = tmp_path / "own.key"
    own.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
    found = given(tmp_path / "site", pair.cert, own)
    assert found.authority is None
    assert found.key.read_bytes().startswith(b"-----BEGIN PRIVATE KEY-----")
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(found.cert, found.key)
    assert {path.stat().st_mode & 0o777 for path in (found.cert, found.key)} == {0o600}


def test_a_renewal_in_another_form_is_taken_at_the_same_place(tmp_path):
    pair = made(tmp_path / "other")
    cert, own = tmp_path / "own.pem", tmp_path / "own.key"
    cert.write_bytes(pair.cert.read_bytes())
    own.write_bytes(pair.key.read_bytes())
    before = given(tmp_path / "site", cert, own)
    state, shown = before.state, before.cert.read_bytes()
    assert given(tmp_path / "site", cert, own).state == state
    pair.cert.unlink()
    made(tmp_path / "other")
    key = serialization.load_pem_private_key(pair.key.read_bytes(), None)
    own.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())
    )
    # Half of it is there, and what is shown is still the whole pair of before.
    with pytest.raises(CertificateRefused):
        given(tmp_path / "site", cert, own)
    assert before.cert.read_bytes() == shown
    cert.write_bytes(b"Issued to a friend\n" + pair.cert.read_bytes())
    after = given(tmp_path / "site", cert, own)
    assert (after.cert, after.key) == (before.cert, before.key)
    assert after.state != state
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(after.cert, after.key)


def test_a_key_of_another_certificate_is_refused(tmp_path):
    one, two = made(tmp_path / "one"), made(tmp_path / "two")
    with pytest.raises(CertificateRefused, match=r"https_key .* does not belong"):
        given(tmp_path / "site", one.cert, two.key)


def test_a_certificate_that_has_ended_is_refused(tmp_path):
    pair = made(tmp_path / "other")
    with at(datetime.now(UTC) + timedelta(days=400)), pytest.raises(CertificateRefused, match="ended on"):
        given(tmp_path / "site", pair.cert, pair.key)


@pytest.mark.parametrize("content", [None, b"", b"A poem.", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_what_is_no_certificate_or_key_is_refused_by_its_name(tmp_path, content):
    pair, wrong = made(tmp_path / "other"), tmp_path / "wrong.pem"
    if content is not None:
        wrong.write_bytes(content)
    for cert, key in ((wrong, pair.key), (pair.cert, wrong)):
        with pytest.raises(CertificateRefused, match=r"wrong\.pem cannot be read"):
            given(tmp_path / "site", cert, key)


def test_a_key_with_a_password_is_refused(tmp_path):
    pair, sealed = made(tmp_path / "other"), tmp_path / "sealed.key"
    key = serialization.load_pem_private_key(pair.key.read_bytes(), None)
    how = serialization.BestAvailableEncryption(b"password")
    sealed.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, how))
    with pytest.raises(CertificateRefused, match="without a password"):
        given(tmp_path / "site", pair.cert, sealed)


def test_the_doctor_says_when_a_certificate_of_the_operators_own_ends(tmp_path):
    pair = made(tmp_path / "other")
    own = config_for(tmp_path, https_cert=str(pair.cert), https_key=str(pair.key))
    assert not look_at_certificate(own).is_wrong
    with at(datetime.now(UTC) + timedelta(days=390)):
        assert look_at_certificate(own).is_wrong
        assert not look_at_certificate(config_for(tmp_path / "other", https=True)).is_wrong


def test_the_doctor_makes_none(tmp_path):
    config = config_for(tmp_path / "empty", https=True)
    config.data.mkdir()
    assert look_at_certificate(config).mark == "note "
    assert list(config.data.iterdir()) == []
    pair = made(tmp_path)
    with at(datetime.now(UTC) + timedelta(days=4000)):
        before = pair.state
        assert (look_at_certificate(config_for(tmp_path, https=True)).mark, pair.state) == ("note ", before)


@pytest.mark.parametrize("half", [{"https_cert": "a.pem"}, {"https_key": "a.key"}, {"https": True, "site_url": "http://example.org"}])
def test_half_of_it_is_refused_at_the_start(tmp_path, half):
    with pytest.raises(ConfigError, match=r"give both|site_url"):
        config_for(tmp_path, **half)


@pytest.mark.parametrize(
    ("started", "is_told"),
    [
        ({"https": True}, False),
        ({"https": True, "site_url": "https://example.org"}, True),
        ({"https_cert": "a.pem", "https_key": "a.key"}, True),
        ({}, True),
    ],
)
def test_browsers_are_told_to_insist_unless_only_we_vouch_for_it(tmp_path, started, is_told):
    app = Flask("x")
    app.extensions["inkhorn.config"] = config_for(tmp_path, **started)
    with app.test_request_context(base_url="https://localhost"):
        assert ("Strict-Transport-Security" in add_security_headers(Response()).headers) == is_told


@pytest.mark.parametrize("started", [{"https": True}, {"https_cert": "a.pem", "https_key": "a.key"}, {"site_url": "https://example.org"}])
def test_cookies_go_by_https_alone_where_that_is_spoken(tmp_path, started):
    told = flask_settings(config_for(tmp_path, **started))
    assert (told["SESSION_COOKIE_SECURE"], told["SESSION_COOKIE_NAME"]) == (True, "__Host-inkhorn-notes")
