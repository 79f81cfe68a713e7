"""The authority and the leaf: what they say, who can read their keys, and when they are made again."""

import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from vedette.access.certificates import Certificates, ensure_certificates
from vedette.core.errors import VedetteError

NOW = datetime.now(UTC)


def leaf(files: Certificates) -> x509.Certificate:
    return x509.load_pem_x509_certificate(files.certificate.read_bytes())


def authority(files: Certificates) -> x509.Certificate:
    return x509.load_pem_x509_certificate(files.ca.read_bytes())


def names(files: Certificates) -> set[str]:
    alternative = leaf(files).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return {str(name.value) for name in alternative}


def test_first_start_makes_an_authority_and_a_leaf(tmp_path: Path) -> None:
    files = ensure_certificates(tmp_path / "tls", "siem.example", NOW)
    assert {
        "localhost",
        "127.0.0.1",
        "::1",
        "siem.example",
        "login.microsoftonline.com",
        "management.azure.com",
        "api.loganalytics.io",
        "*.ods.opinsights.azure.com",
        "*.ingest.monitor.azure.com",
        "*.kusto.windows.net",
        "*.azure-api.net",
    } <= names(files)
    leaf(files).verify_directly_issued_by(authority(files))
    assert leaf(files).not_valid_after_utc - leaf(files).not_valid_before_utc <= timedelta(days=398)
    assert authority(files).not_valid_after_utc - NOW > timedelta(days=3650)


def test_keys_are_their_owners_only(tmp_path: Path) -> None:
    files = ensure_certificates(tmp_path / "tls", "127.0.0.1", NOW)
    for key in (files.key, tmp_path / "tls" / "ca.key"):
        assert key.stat().st_mode & 0o777 == 0o600


def test_a_second_start_changes_nothing(tmp_path: Path) -> None:
    files = ensure_certificates(tmp_path, "127.0.0.1", NOW)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert ensure_certificates(tmp_path, "127.0.0.1", NOW + timedelta(days=300)) == files
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize(("host", "later"), [("other.example", 0), ("127.0.0.1", 380), ("127.0.0.1", 500)])
def test_the_leaf_is_made_again_and_the_authority_stays(tmp_path: Path, host: str, later: int) -> None:
    files = ensure_certificates(tmp_path, "127.0.0.1", NOW)
    old_leaf, old_authority = leaf(files), authority(files)
    ensure_certificates(tmp_path, host, NOW + timedelta(days=later))
    assert leaf(files) != old_leaf
    assert authority(files) == old_authority
    leaf(files).verify_directly_issued_by(old_authority)


def test_an_authority_that_would_end_before_its_leaf_is_made_again(tmp_path: Path) -> None:
    files = ensure_certificates(tmp_path, "127.0.0.1", NOW)
    old = authority(files)
    ensure_certificates(tmp_path, "127.0.0.1", NOW + timedelta(days=3600))
    assert authority(files) != old
    leaf(files).verify_directly_issued_by(authority(files))


def test_a_leaf_whose_key_was_swapped_is_made_again(tmp_path: Path) -> None:
    files = ensure_certificates(tmp_path / "a", "127.0.0.1", NOW)
    other = ensure_certificates(tmp_path / "b", "127.0.0.1", NOW)
    files.key.write_bytes(other.key.read_bytes())
    old = leaf(files)
    ensure_certificates(tmp_path / "a", "127.0.0.1", NOW)
    assert leaf(files) != old


def test_a_damaged_authority_is_named_and_not_replaced(tmp_path: Path) -> None:
    files = ensure_certificates(tmp_path, "127.0.0.1", NOW)
    files.ca.write_text("not a certificate")
    with pytest.raises(VedetteError) as refused:
        ensure_certificates(tmp_path, "127.0.0.1", NOW)
    assert refused.value.code == "CertificatesUnreadable"
    assert files.ca.read_text() == "not a certificate"


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "management.azure.com", "0a1b.ods.opinsights.azure.com"])
def test_a_strict_client_that_trusts_the_authority_accepts_each_name(tmp_path: Path, name: str) -> None:
    files = ensure_certificates(tmp_path, "127.0.0.1", NOW)
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_context.load_cert_chain(files.certificate, files.key)
    client_context = ssl.create_default_context(cafile=str(files.ca))
    client_context.verify_flags |= ssl.VERIFY_X509_STRICT
    near, far = socket.socketpair()
    serving = threading.Thread(target=lambda: server_context.wrap_socket(far, server_side=True).close())
    serving.start()
    with client_context.wrap_socket(near, server_hostname=name) as connection:
        assert connection.version() in ("TLSv1.2", "TLSv1.3")
    serving.join()
