"""`inkhorn run` that speaks https by itself, asked by clients that check whom they talk to."""

import http.client
import shutil
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from inkhorn.core.certificates import pair_of
from tests.conftest import config_for
from tests.running import RunningSite

pytestmark = pytest.mark.slow
PATIENCE_SECONDS = 90


@pytest.fixture
def site(tmp_path: Path) -> Iterator[RunningSite]:
    built = RunningSite(tmp_path / "data", {"INKHORN_PROFILE": "production"})
    yield built
    if built.process and built.process.poll() is None:
        built.kill()


def trusting(authority: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(authority))


def asked(site: RunningSite, trust: ssl.SSLContext, path: str = "/", *, name: str = "127.0.0.1") -> http.client.HTTPResponse:
    """The answer to a client that goes on only if the certificate is right for that name."""
    way = trust.wrap_socket(socket.create_connection(("127.0.0.1", site.port), timeout=30), server_hostname=name)
    client = http.client.HTTPConnection(name, site.port)
    client.sock = way
    try:
        client.request("GET", path)
        answer = client.getresponse()
        answer.read()
        return answer
    finally:
        client.close()


def serial(site: RunningSite, trust: ssl.SSLContext) -> str:
    """Of the certificate that is shown; empty where a worker went in the middle of showing it."""
    with (
        suppress(OSError),
        trust.wrap_socket(socket.create_connection(("127.0.0.1", site.port), timeout=30), server_hostname="localhost") as way,
    ):
        return str(way.getpeercert()["serialNumber"])
    return ""


def test_https_by_an_authority_of_its_own(site: RunningSite):
    site.start("--https")
    authority = site.data / "https" / "authority.pem"
    assert str(authority) in site.log
    link = site.setup_address()
    assert link.startswith("https://")
    trust = trusting(authority)
    for name in ("localhost", "127.0.0.1"):
        assert asked(site, trust, name=name).status == 200
    answer = asked(site, trust, link.removeprefix(site.base))
    assert answer.status == 200
    assert answer.getheader("Strict-Transport-Security") is None
    for cookie in answer.headers.get_all("Set-Cookie", []):
        assert cookie.startswith("__Host-")
        assert "; Secure" in cookie
    with pytest.raises(ssl.SSLCertVerificationError):
        asked(site, ssl.create_default_context())
    with pytest.raises(ssl.SSLCertVerificationError):
        asked(site, trust, name="other.example")
    before = authority.read_bytes()
    assert site.stop() == 0
    site.start("--https")
    assert authority.read_bytes() == before
    assert asked(site, trust).status == 200


def test_plain_http_and_old_tls_get_nowhere_and_disturb_nobody(site: RunningSite):
    site.start("--https")
    trust = trusting(site.data / "https" / "authority.pem")
    with socket.create_connection(("127.0.0.1", site.port), timeout=30) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"200 OK" not in _all(plain)
    old = trusting(site.data / "https" / "authority.pem")
    old.minimum_version, old.maximum_version = ssl.TLSVersion.MINIMUM_SUPPORTED, ssl.TLSVersion.TLSv1_1
    with pytest.raises(OSError):
        asked(site, old)
    assert asked(site, trust).status == 200


def _all(way: socket.socket) -> bytes:
    told = b""
    try:
        while part := way.recv(65536):
            told += part
    except ConnectionError:
        pass
    return told


def test_certificates_of_the_operators_own_are_taken_up_when_they_are_renewed(site: RunningSite, tmp_path: Path):
    (tmp_path / "other").mkdir()
    config = config_for(tmp_path / "other", https=True)
    pair = pair_of(config)
    cert, key = shutil.copy(pair.cert, tmp_path / "fullchain.pem"), shutil.copy(pair.key, tmp_path / "privkey.pem")
    site.start("--cert", str(cert), "--key", str(key))
    trust = trusting(pair.authority)
    assert "authority" not in site.log
    assert asked(site, trust).status == 200
    assert asked(site, trust).getheader("Strict-Transport-Security")
    before = serial(site, trust)
    pair.cert.unlink()
    renewed = pair_of(config)
    shutil.copy(renewed.key, key)
    shutil.copy(renewed.cert, cert)
    until = time.monotonic() + PATIENCE_SECONDS
    while (shown := serial(site, trust)) in ("", before) and time.monotonic() < until:
        time.sleep(0.5)
    assert shown not in ("", before)
    assert site.process.poll() is None


def test_a_certificate_that_is_not_there_is_a_sentence(site: RunningSite):
    with pytest.raises(AssertionError, match=r"inkhorn: The certificate .*gone\.pem cannot be read"):
        site.start("--cert", str(site.data / "gone.pem"), "--key", str(site.data / "gone.key"))
