"""The server's own root certificate authority and the leaf certificate that it signs for the names we answer to."""

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from vedette.access.public_names import EXACT, SUFFIXES
from vedette.core.errors import VedetteError
from vedette.core.whole_files import write_whole

CA_LIFETIME = timedelta(days=3653)
LEAF_LIFETIME = timedelta(days=397)  # browsers refuse more than 398: https://support.apple.com/102028
RENEW_BEFORE = timedelta(days=30)
_BACKDATED = timedelta(days=1)  # for clients whose clock is behind


@dataclass(frozen=True, slots=True)
class Certificates:
    """Paths of the PEM files: what clients trust (`ca`), what we show (`certificate`), and its key."""

    ca: Path
    certificate: Path
    key: Path


def ensure_certificates(directory: Path, host: str, now: datetime) -> Certificates:
    """The certificates in `directory`, made or renewed where they are absent, near expiry or for other names.

    The authority is made once and kept, so that a client that trusts it goes on trusting it. `now` is the machine's
    time, for that is what clients check against. Raises VedetteError (CertificatesUnreadable) for a damaged authority.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    files = Certificates(directory / "ca.pem", directory / "server.pem", directory / "server.key")
    authority, authority_key = _ensure_authority(files.ca, directory / "ca.key", now)
    names = _names(host)
    if not _leaf_serves(files, authority, names, now):
        _make_leaf(files, authority, authority_key, names, now)
    return files


def _names(host: str) -> list[x509.GeneralName]:
    hosts = dict.fromkeys(("localhost", "127.0.0.1", "::1", host.strip("[]").lower()))
    public = [*EXACT, *(f"*.{suffix}" for suffix in SUFFIXES)]
    return [_general_name(name) for name in hosts] + [x509.DNSName(name) for name in public]


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _ensure_authority(
    certificate_path: Path, key_path: Path, now: datetime
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    if not certificate_path.exists() or not key_path.exists():
        return _make_authority(certificate_path, key_path, now)
    try:
        certificate = x509.load_pem_x509_certificate(certificate_path.read_bytes())
        key = _load_key(key_path)
    except (ValueError, TypeError) as error:
        raise VedetteError(
            "CertificatesUnreadable",
            f"The certificate authority in '{certificate_path.parent}' cannot be read: {error}. "
            "Restore its files, or remove that directory to have a new authority made.",
        ) from error
    if certificate.not_valid_after_utc < now + LEAF_LIFETIME:
        return _make_authority(certificate_path, key_path, now)
    return certificate, key


def _make_authority(
    certificate_path: Path, key_path: Path, now: datetime
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Vedette local root CA")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(now - _BACKDATED + CA_LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    write_whole(key_path, _key_pem(key))
    write_whole(certificate_path, certificate.public_bytes(serialization.Encoding.PEM), mode=0o644)
    return certificate, key


def _make_leaf(
    files: Certificates,
    authority: x509.Certificate,
    authority_key: ec.EllipticCurvePrivateKey,
    names: list[x509.GeneralName],
    now: datetime,
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Vedette")]))
        .issuer_name(authority.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(now - _BACKDATED + LEAF_LIFETIME)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(_authority_key_identifier(authority), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    write_whole(files.key, _key_pem(key))
    write_whole(files.certificate, certificate.public_bytes(serialization.Encoding.PEM), mode=0o644)


def _leaf_serves(
    files: Certificates, authority: x509.Certificate, names: list[x509.GeneralName], now: datetime
) -> bool:
    """Whether the leaf on disk may be used: of this authority and key, for these names, and not near its end."""
    if not files.certificate.exists() or not files.key.exists():
        return False
    try:
        leaf = x509.load_pem_x509_certificate(files.certificate.read_bytes())
        key = _load_key(files.key)
        leaf.verify_directly_issued_by(authority)
        held = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False
    fresh = leaf.not_valid_before_utc <= now < leaf.not_valid_after_utc - RENEW_BEFORE
    return fresh and leaf.public_key() == key.public_key() and set(held) == set(names)


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _authority_key_identifier(authority: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    subject = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(subject)


def _load_key(path: Path) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError(f"'{path.name}' does not hold an elliptic-curve key")
    return key


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
