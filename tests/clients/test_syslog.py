"""Syslog as real senders send it: Debian's rsyslog and util-linux's logger, and devices that know neither standard."""

import shutil
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.clients.conftest import running
from tests.clients.sdk import Ready, bearer, rows, web

RSYSLOGD = shutil.which("rsyslogd", path="/usr/sbin:/usr/bin:/sbin:/bin")
LOGGER = shutil.which("logger")
MODULES = [*Path("/usr/lib").glob("*/rsyslog"), Path("/usr/lib/rsyslog"), Path("/usr/lib64/rsyslog")]
SECONDS = 20.0

needs_rsyslog = pytest.mark.skipif(RSYSLOGD is None, reason="rsyslogd is not installed here")
needs_logger = pytest.mark.skipif(LOGGER is None, reason="logger is not installed here")


@pytest.fixture(scope="module")
def listening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ready]:
    """A server that takes in syslog, plain and over TLS."""
    flags = ("--syslog", "127.0.0.1:0", "--syslog-tls", "127.0.0.1:0", "--syslog-resource-id", "/subscriptions/S1/VM")
    with running(tmp_path_factory.mktemp("syslog"), *flags) as ready:
        yield ready


def port(ready: Ready, name: str = "syslog") -> int:
    return int(ready[name].rpartition(":")[2])


def until(ready: Ready, text: str, count: int) -> list[list[Any]]:
    """The rows of the query, once there are so many."""
    deadline = time.monotonic() + SECONDS
    while len(found := rows(ready, text)) < count and time.monotonic() < deadline:
        time.sleep(0.1)
    assert len(found) == count, found
    return found


@contextmanager
def rsyslog(folder: Path, configuration: str) -> Iterator[Path]:
    """rsyslogd in the foreground with a socket of its own; gives the socket's path."""
    assert RSYSLOGD is not None
    inlet = folder / "inlet"
    text = f"""
        global(workDirectory="{folder}" localHostname="rsyslog-host")
        module(load="imuxsock" SysSock.Use="off")
        input(type="imuxsock" Socket="{inlet}" CreatePath="off" UseSpecialParser="off" HostName="web01")
        {configuration}
    """
    (folder / "rsyslog.conf").write_text(text)
    process = subprocess.Popen(
        [RSYSLOGD, "-n", "-f", str(folder / "rsyslog.conf"), "-i", str(folder / "rsyslog.pid")],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        deadline = time.monotonic() + SECONDS
        while not inlet.exists():
            assert process.poll() is None, process.stdout and process.stdout.read()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield inlet
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=SECONDS)


def say(inlet: Path, *messages: bytes) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        for message in messages:
            sender.sendto(message, str(inlet))


def numbered(word: str, count: int) -> list[bytes]:
    return [b"<86>Nov 26 15:00:00 sshd[%d]: %b %d" % (4000 + number, word.encode(), number) for number in range(count)]


@needs_rsyslog
@pytest.mark.parametrize(
    ("word", "target"),
    [
        ("udp", 'protocol="udp" template="RSYSLOG_TraditionalForwardFormat"'),
        ("tcp", 'protocol="tcp" TCP_Framing="traditional" template="RSYSLOG_ForwardFormat"'),
        ("octets", 'protocol="tcp" TCP_Framing="octet-counted" template="RSYSLOG_SyslogProtocol23Format"'),
    ],
)
def test_rsyslog(listening: Ready, tmp_path: Path, word: str, target: str) -> None:
    action = f'action(type="omfwd" target="127.0.0.1" port="{port(listening)}" {target})'
    with rsyslog(tmp_path, action) as inlet:
        say(inlet, *numbered(word, 50))
        found = until(listening, f"Syslog | where SyslogMessage startswith '{word} ' | order by ProcessID asc", 50)
        columns = [name for (name,) in rows(listening, "Syslog | getschema | project ColumnName")]
    first = dict(zip(columns, found[0], strict=True))
    assert [dict(zip(columns, row, strict=True))["SyslogMessage"] for row in found] == [
        f"{word} {number}" for number in range(50)
    ]
    assert {
        name: first[name]
        for name in ("Facility", "SeverityLevel", "ProcessName", "ProcessID", "Computer", "HostName", "HostIP")
    } == {
        "Facility": "authpriv",
        "SeverityLevel": "info",
        "ProcessName": "sshd",
        "ProcessID": 4000,
        "Computer": "web01",
        "HostName": "web01",
        "HostIP": "127.0.0.1",
    }
    assert first["CollectorHostName"] == socket.gethostname()
    assert abs(first["EventTime"].timestamp() - time.time()) < 60 + abs(time.timezone) * (word == "udp")
    assert (first["_ResourceId"], first["SourceSystem"]) == ("/subscriptions/s1/vm", "Linux")


@needs_rsyslog
def test_rsyslog_over_tls(listening: Ready, tmp_path: Path) -> None:
    if not any((folder / "lmnsd_gtls.so").exists() for folder in MODULES):
        pytest.skip("rsyslog's TLS driver (rsyslog-gnutls) is not installed here")
    configuration = f"""
        global(defaultNetstreamDriverCAFile="{listening["ca"]}")
        action(type="omfwd" target="localhost" port="{port(listening, "syslog_tls")}" protocol="tcp"
            TCP_Framing="octet-counted" StreamDriver="gtls" StreamDriverMode="1" StreamDriverAuthMode="x509/certvalid")
    """
    with rsyslog(tmp_path, configuration) as inlet:
        say(inlet, *numbered("gtls", 5))
        until(listening, "Syslog | where SyslogMessage startswith 'gtls '", 5)


@needs_logger
@pytest.mark.parametrize(
    "flags",
    [
        ("--udp", "--rfc3164"),
        ("--udp", "--rfc5424"),
        ("--tcp", "--rfc3164"),
        ("--tcp", "--rfc5424", "--octet-count"),
    ],
)
def test_logger(listening: Ready, flags: tuple[str, ...]) -> None:
    assert LOGGER is not None
    text = "it's " + " ".join(flags).replace("--", "")
    where = ("--server", "127.0.0.1", "--port", str(port(listening)))
    subprocess.run([LOGGER, *where, *flags, "-p", "local3.warning", "-t", "backup", "--id=77", text], check=True)
    query = (
        f'Syslog | where SyslogMessage == "{text}" | project Facility, SeverityLevel, ProcessName, ProcessID, EventTime'
    )
    ((*values, when),) = until(listening, query, 1)
    assert values == ["local3", "warning", "backup", 77]
    assert abs(when.timestamp() - time.time()) < 60 + abs(time.timezone) * ("--rfc3164" in flags)


def test_tls_with_the_servers_ca_and_a_connection_that_is_cut(listening: Ready) -> None:
    context = ssl.create_default_context(cafile=listening["ca"])
    with (
        socket.create_connection(("127.0.0.1", port(listening, "syslog_tls"))) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as sender,
    ):
        message = b"<14>1 2026-11-26T15:00:00Z tls01 app 1 - - over tls"
        sender.sendall(b"%d %b" % (len(message), message) + b"<14>Nov 26 15:00:00 tls01 app: tls cut o")
    found = until(listening, "Syslog | where Computer == 'tls01' | project SyslogMessage | order by SyslogMessage", 2)
    assert found == [["tls cut o"], ["over tls"]]


def test_tls_turns_away_who_has_no_certificate(tmp_path: Path) -> None:
    known = tmp_path / "known.pem"
    known.write_bytes(self_signed("known"))
    with running(tmp_path, "--syslog-tls", "127.0.0.1:0", "--syslog-client-ca", str(known)) as ready:
        context = ssl.create_default_context(cafile=ready["ca"])
        address = ("127.0.0.1", port(ready, "syslog_tls"))
        with (
            suppress(OSError),
            socket.create_connection(address) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as sender,
        ):
            sender.sendall(b"<13>Nov 26 15:00:00 stranger a: b\n")
            assert sender.recv(1) == b""
        context.load_cert_chain(known)
        with (
            socket.create_connection(address) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as sender,
        ):
            sender.sendall(b"<13>Nov 26 15:00:00 known a: b\n")
        assert until(ready, "Syslog | project Computer", 1) == [["known"]]


def self_signed(name: str) -> bytes:
    """A client's certificate and key, in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private + made.public_bytes(serialization.Encoding.PEM)


def test_cef_and_leef_in_syslog_with_heartbeats(start_server: Callable[..., Any]) -> None:
    with start_server("--virtual-clock", "--syslog", "127.0.0.1:0") as ready:
        with socket.create_connection(("127.0.0.1", port(ready))) as sender:
            sender.sendall(
                b"<134>Nov 26 15:00:00 fw01 CEF:0|Example|Firewall|2|deny|Traffic denied|7|src=10.0.0.1 dpt=443 x=y\n"
                b"<134>Nov 26 15:00:00 ids01 LEEF:1.0|Example|IDS|1|scan|src=10.0.0.2\tdstPort=22\n"
                b"<134>Nov 26 15:00:00 plain01 app: text\n"
            )
        query = "CommonSecurityLog | order by Computer asc | project Computer, DeviceProduct, SourceIP, DestinationPort"
        assert until(ready, query, 2) == [["fw01", "Firewall", "10.0.0.1", 443], ["ids01", "IDS", "10.0.0.2", 22]]
        until(ready, "Syslog", 1)
        with web(ready) as client:
            answer = client.post("/vedette/clock", json={"advance": "PT1M"}, headers=bearer(ready))
            assert answer.is_success, answer.text
        beats = until(ready, "Heartbeat | where Category == 'Vedette syslog' | order by Computer asc", 3)
        columns = [name for (name,) in rows(ready, "Heartbeat | getschema | project ColumnName")]
        told = [dict(zip(columns, row, strict=True)) for row in beats]
        assert [(row["Computer"], row["ComputerIP"]) for row in told] == [
            (name, "127.0.0.1") for name in ("fw01", "ids01", "plain01")
        ]


def test_a_stop_stores_what_tcp_senders_have_sent(tmp_path: Path) -> None:
    """More than is stored at once is on its way when the server is told to stop."""
    count = 30_000
    lines = b"".join(b"<13>Nov 26 15:00:00 h a[%d]: m\n" % number for number in range(count))
    with running(tmp_path, "--syslog", "127.0.0.1:0") as ready, ExitStack() as senders:
        sender = senders.enter_context(socket.create_connection(("127.0.0.1", port(ready))))
        sender.sendall(lines)
        time.sleep(0.05)
    with running(tmp_path) as ready:
        ((stored, distinct),) = rows(ready, "Syslog | summarize count(), dcount(ProcessID, 4)")
    assert stored == count
    assert distinct > count * 0.95
