"""A script of a template run apart: without a network but this server, without files but its own, for so long only.

Linux namespaces keep it in: a network of its own whose one way out is a socket that this process listens at, a view of
processes that has only its own, and a file system that is read-only. docs/deployments.md says what that is worth.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from vedette.core.errors import Unsupported, VedetteError

MEMORY: Final = 2 * 1024**3
_LARGEST_FILE: Final = 256 * 1024**2
_LARGEST_LOG: Final = 4 * 1024**2
_LARGEST_OUTPUT: Final = 1024**2
_LOOK: Final = 0.2  # seconds between looks whether the script is to go on
_LAUNCHER: Final = Path(__file__).with_name("script_launcher.py")
_TOKEN_PORT: Final = 8090
_TRUSTED: Final = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE")
"""How programs are told whose certificates to trust: those in `ca.pem` beside the script."""

Token = Callable[[str], Mapping[str, Any]]
"""Gives the answer of an identity endpoint for a resource. Raises VedetteError."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a script ended. `output` is what it wrote to `$AZ_SCRIPTS_OUTPUT_PATH`, "" for nothing."""

    code: int
    log: str
    output: str
    timed_out: bool = False


@dataclass(frozen=True, slots=True)
class Script:
    """What is to be run, with the files that it finds beside itself; `seconds` is how long it may take."""

    content: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    beside: Mapping[str, bytes]
    seconds: float


def require_sandbox() -> str:
    """The program that makes namespaces. Raises Unsupported where there is none, or where it may not."""
    program = shutil.which("unshare")
    if program is None or not sys.platform.startswith("linux"):
        raise Unsupported(
            "OperationNotSupported", "Scripts are run apart with Linux namespaces: there is no 'unshare'."
        )
    tried = subprocess.run([*_namespaces(program), "true"], capture_output=True, text=True, check=False, timeout=30)
    if tried.returncode:
        raise Unsupported(
            "OperationNotSupported",
            f"Scripts are run apart with Linux namespaces, which this system does not allow: {tried.stderr.strip()}.",
        )
    return program


def run_script(
    script: Script, server: str, token: Token | None, hidden: Sequence[Path], check: Callable[[], None]
) -> Ended:
    """Run a script and wait for its end. `server` is this server's https address; with `token` the script has an
    identity. `check` raises where it is not to go on, and ends it. Raises Unsupported."""
    program = require_sandbox()
    with tempfile.TemporaryDirectory(prefix="vedette-script-") as place:
        directory = Path(place) / "work"
        directory.mkdir()
        (directory / "script.sh").write_text(script.content)
        for name, content in script.beside.items():
            (directory / name).write_bytes(content)
        port = urlsplit(server).port or 443
        listener = _Ways(Path(place) / "way.sock", port, token)
        try:
            told = Path(place) / "told.json"
            told.write_text(json.dumps(_config(script, directory, listener.path, port, token, server, hidden)))
            return _run(program, told, Path(place) / "log", directory / "outputs.json", script.seconds, check)
        finally:
            listener.close()


def _namespaces(program: str) -> list[str]:
    apart = (
        "--user",
        "--map-root-user",
        "--net",
        "--pid",
        "--mount",
        "--ipc",
        "--fork",
        "--kill-child",
        "--mount-proc",
    )
    return [program, *apart, "--"]


def _config(
    script: Script,
    directory: Path,
    way: Path,
    port: int,
    token: Token | None,
    server: str,
    hidden: Sequence[Path],
) -> dict[str, object]:
    environment = {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "HOME": str(directory),
        "TMPDIR": str(directory),
        "LANG": "C.UTF-8",
        "AZ_SCRIPTS_OUTPUT_PATH": str(directory / "outputs.json"),
        "AZ_SCRIPTS_PATH_OUTPUT_DIRECTORY": str(directory),
        "AZURE_CONFIG_DIR": str(directory / ".azure"),
        "VEDETTE_URL": server,
        **dict.fromkeys(_TRUSTED, str(directory / "ca.pem")),
        **script.environment,
    }
    ports = {str(port): "server"}
    if token is not None:
        ports[str(_TOKEN_PORT)] = "token"
        environment |= {"IDENTITY_ENDPOINT": f"http://127.0.0.1:{_TOKEN_PORT}/msi/token", "IDENTITY_HEADER": "script"}
    return {
        "directory": str(directory),
        "hidden": [str(each) for each in hidden],
        "socket": str(way),
        "ports": ports,
        "command": ["bash", "script.sh", *script.arguments],
        "environment": environment,
        "memory": MEMORY,
        "file": _LARGEST_FILE,
    }


def _run(program: str, told: Path, log: Path, output: Path, seconds: float, check: Callable[[], None]) -> Ended:
    command = [*_namespaces(program), sys.executable, "-I", str(_LAUNCHER), str(told)]
    with log.open("wb") as file:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT, start_new_session=True, env={}
        )
        timed_out = False
        try:
            waited = 0.0
            while process.poll() is None:
                check()
                with suppress(subprocess.TimeoutExpired):
                    process.wait(_LOOK)
                waited += _LOOK
                timed_out = waited >= seconds
                if timed_out or log.stat().st_size > 2 * _LARGEST_LOG:
                    break
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    with log.open("rb") as file:
        text = file.read(_LARGEST_LOG).decode(errors="replace")
    return Ended(process.returncode, text, _read_output(output), timed_out)


def _read_output(path: Path) -> str:
    """What the script left, where that is a file of its own of a fitting size."""
    if path.is_symlink() or not path.is_file() or path.stat().st_size > _LARGEST_OUTPUT:
        return ""
    return path.read_text(encoding="utf-8", errors="replace")


class _Ways:
    """Listens at the socket that leads out of a script's network: to this server, and to tokens of its identity."""

    def __init__(self, path: Path, port: int, token: Token | None) -> None:
        self.path = path
        self._port = port
        self._token = token
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Close the way."""
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                caller, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(caller,), daemon=True).start()

    def _serve(self, caller: socket.socket) -> None:
        with suppress(OSError), caller:
            way = b""
            while not way.endswith(b"\n") and len(way) < 16 and (read := caller.recv(1)):
                way += read
            if way == b"server\n":
                self._pass_on(caller)
            elif way == b"token\n" and self._token is not None:
                caller.sendall(_answer(self._token, caller.recv(65536).decode(errors="replace")))

    def _pass_on(self, caller: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", self._port)) as server:
            back = threading.Thread(target=_pump, args=(server, caller), daemon=True)
            back.start()
            _pump(caller, server)
            back.join()


def _answer(token: Token, request: str) -> bytes:
    """The answer to a request of an identity endpoint."""
    target = request.split(" ", 2)[1] if request.count(" ") > 1 else "/"
    asked = parse_qs(urlsplit(target).query).get("resource", [""])[0]
    status, told = "200 OK", dict[str, Any]()
    try:
        told |= token(asked)
    except VedetteError as error:
        status, told = "400 Bad Request", {"error": error.code, "error_description": error.message}
    body = json.dumps(told).encode()
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        "Connection: close\r\n\r\n"
    )
    return head.encode() + body


def _pump(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while data := one.recv(65536):
            other.sendall(data)
        other.shutdown(socket.SHUT_WR)
