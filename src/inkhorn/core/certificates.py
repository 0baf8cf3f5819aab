"""Certificates for https without a proxy: those of an authority of our own, kept in the data folder, or those that the operator has."""

import ipaddress
import os
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import idna
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from inkhorn.core import clock
from inkhorn.core.config import Config
from inkhorn.core.errors import InkhornError

FOLDER = "https"
AUTHORITY_NAME = "authority.pem"
AUTHORITY_DAYS = 3650
# Browsers refuse what is valid for longer than 398 days.
SITE_DAYS = 397
RENEWED_DAYS = 30
# Clocks of readers may be behind.
EARLIER = timedelta(days=1)


class CertificateRefused(InkhornError):
    """https cannot be spoken with what is there; the sentence says why and how to mend it."""


@dataclass(frozen=True)
class Pair:
    """A certificate and its key as the web server reads them; the authority where it is our own."""

    cert: Path
    key: Path
    authority: Path | None = None

    @property
    def state(self) -> tuple[int, ...]:
        """Changes when one of the files does; unchanged while they cannot be read, as in the middle of a renewal."""
        try:
            told = [path.stat() for path in (self.cert, self.key)]
        except OSError:
            return ()
        return tuple(number for each in told for number in (each.st_mtime_ns, each.st_ino))


def pair_of(config: Config) -> Pair | None:
    """What the web server proves itself with, made or renewed where that is due; None where it speaks plain http."""
    if config.https_cert and config.https_key:
        return _operators_own(config, config.https_cert, config.https_key)
    return _signed_here(config) if config.https else None


def pair_there(config: Config) -> Pair | None:
    """The same as far as it is there: nothing is made, renewed or copied."""
    if config.https_cert and config.https_key:
        _refuse_unfit(config.https_cert, config.https_key)
        return Pair(config.https_cert, config.https_key)
    _authority, site = _pairs_of(config)
    return site if config.https and site.cert.exists() and site.key.exists() else None


def days_left(path: Path) -> int:
    """Days for which the first certificate in the file is still valid; less than none afterwards."""
    return (_certificate(path).not_valid_after_utc - clock.now()).days


def names_of(config: Config) -> list[str]:
    """The names and addresses that readers may ask this site by."""
    named = [urlsplit(config.site_url).hostname or ""] if config.site_url else []
    wanted = ["localhost", "127.0.0.1", "::1", *named, config.host, *config.allowed_hosts]
    return list(dict.fromkeys(filter(None, map(_as_certified, wanted))))


def _as_certified(name: str) -> str:
    """A name or an address as certificates write it; empty for what stands for all of them, which no certificate can name."""
    try:
        address = ipaddress.ip_address(name.strip("[]").partition("%")[0])
    except ValueError:
        return "" if name in ("*", "") else _ascii(name).lower()
    return "" if address.is_unspecified else str(address)


def _pairs_of(config: Config) -> tuple[Pair, Pair]:
    """Where the authority of our own and what it signs are, or will be."""
    folder = config.data / FOLDER
    authority = Pair(folder / AUTHORITY_NAME, folder / "authority.key")
    return authority, Pair(folder / "site.pem", folder / "site.key", authority.cert)


def _signed_here(config: Config) -> Pair:
    (config.data / FOLDER).mkdir(mode=0o700, exist_ok=True)
    authority, site = _pairs_of(config)
    # Nothing that it signs may outlive it.
    if not _is_sound(authority, SITE_DAYS + RENEWED_DAYS):
        _write(authority, *_new_authority(config))
    if not _is_sound(site, RENEWED_DAYS, names=names_of(config), issuer=_certificate(authority.cert)):
        _write(site, *_new_leaf(names_of(config), _certificate(authority.cert), _private_key(authority.key)))
    return site


def _is_sound(pair: Pair, days: int, *, names: Iterable[str] = (), issuer: x509.Certificate | None = None) -> bool:
    """Whether it is whole, lasts so long and names all that it should; what is not is made anew."""
    if not pair.cert.exists() or not pair.key.exists():
        return False
    found = _certificate(pair.cert)
    is_whole = _private_key(pair.key).public_key() == found.public_key() and (issuer is None or found.issuer == issuer.subject)
    return is_whole and _is_signed_by(found, issuer or found) and days_left(pair.cert) > days and set(names) <= _named_in(found)


def _is_signed_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _named_in(certificate: x509.Certificate) -> set[str]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return set()
    return {*names.get_values_for_type(x509.DNSName), *map(str, names.get_values_for_type(x509.IPAddress))}


def _new_authority(config: Config) -> tuple[list[x509.Certificate], ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    # Whoever sees it in a list of hundreds must know which one it is.
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Inkhorn of {names_of(config)[-1]}, {clock.now():%Y-%m-%d}"[:64])])
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    builder = _begun(name, name, key, AUTHORITY_DAYS).add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    return [builder.add_extension(usage, critical=True).sign(key, hashes.SHA256())], key


def _new_leaf(
    names: list[str], authority: x509.Certificate, authority_key: CertificateIssuerPrivateKeyTypes
) -> tuple[list[x509.Certificate], ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    issued_by = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    builder = (
        _begun(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])]), authority.subject, key, SITE_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([_name(each) for each in names]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issued_by), critical=False)
    )
    return [builder.sign(authority_key, hashes.SHA256()), authority], key


def _begun(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, days: int) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(clock.now() - EARLIER)
        .not_valid_after(clock.now() + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _ascii(name: str) -> str:
    """A host name as it stands in certificates and in what browsers send."""
    try:
        return name if name.isascii() else idna.encode(name, uts46=True).decode()
    except idna.IDNAError as error:
        raise CertificateRefused(f"{name} is no host name that a certificate could bear; correct site_url or allowed_hosts.") from error


def _write(pair: Pair, chain: list[x509.Certificate], key: ec.EllipticCurvePrivateKey) -> None:
    _put(pair.key, _as_pem(key))
    _put(pair.cert, _chain_as_pem(chain))


def _chain_as_pem(chain: list[x509.Certificate]) -> bytes:
    return b"".join(each.public_bytes(serialization.Encoding.PEM) for each in chain)


def _as_pem(key: CertificateIssuerPrivateKeyTypes) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def _put(path: Path, content: bytes) -> None:
    partial = path.with_name(f".{path.name}-{os.getpid()}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def _operators_own(config: Config, cert: Path, key: Path) -> Pair:
    """Copies of the operator's files in the form that the web server reads, whatever theirs is after a renewal, and never half of a new pair."""
    chain, private = _refuse_unfit(cert, key)
    folder = config.data / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    copy = Pair(folder / "given.pem", folder / "given.key")
    for path, content in ((copy.key, _as_pem(private)), (copy.cert, _chain_as_pem(chain))):
        if not path.exists() or path.read_bytes() != content:
            _put(path, content)
    return copy


def _refuse_unfit(cert: Path, key: Path) -> tuple[list[x509.Certificate], CertificateIssuerPrivateKeyTypes]:
    """The chain and the key; CertificateRefused where they are no pair that could be used now."""
    chain, private = _chain(cert), _private_key(key)
    found = chain[0]
    if private.public_key() != found.public_key():
        raise CertificateRefused(f"https_key {key} does not belong to the certificate {cert}. Give the key that it was made for.")
    if found.not_valid_after_utc < clock.now():
        raise CertificateRefused(f"https_cert {cert} ended on {found.not_valid_after_utc:%Y-%m-%d}. Renew it, then start again.")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key)
    except (OSError, ssl.SSLError) as error:
        raise CertificateRefused(f"https_cert {cert} and its key cannot be used ({error}). Give PEM files of one pair.") from error
    return chain, private


def _certificate(path: Path) -> x509.Certificate:
    return _chain(path)[0]


def _chain(path: Path) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError) as error:
        raise CertificateRefused(
            f"The certificate {path} cannot be read ({_reason(error)}). Give a PEM file, its chain after it."
        ) from error


def _private_key(path: Path) -> CertificateIssuerPrivateKeyTypes:
    try:
        return serialization.load_pem_private_key(path.read_bytes(), None)  # type: ignore[return-value]
    except (OSError, ValueError, TypeError) as error:
        raise CertificateRefused(f"The key {path} cannot be read ({_reason(error)}). Give a PEM file without a password.") from error


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or "it is no PEM of that kind"
