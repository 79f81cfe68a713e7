"""Debian's PostgreSQL, started for a test session on loopback, in a directory of its own."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from pwd import getpwnam

import psycopg

USER, PASSWORD = "vedette", "s3cret-of-the-database"
_START_SECONDS = 30
_numbers = count()


def programs() -> Path | None:
    """The directory of initdb and postgres; None where PostgreSQL is not installed."""
    found = shutil.which("initdb")
    if found is not None and shutil.which("postgres") is not None:
        return Path(found).resolve().parent
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return debian[-1].parent if debian else None


class Cluster:
    """A running server; `schema_url` gives each test a place of its own."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{port}/postgres"

    def schema_url(self) -> str:
        """The URL of a new and empty schema."""
        name = f"place_{next(_numbers)}"
        self.execute(f"CREATE SCHEMA {name}")
        return f"{self.url}?options=-csearch_path%3D{name}"

    def execute(self, statement: str) -> None:
        """Run a statement as somebody who is not Vedette."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A server for as long as the block lasts; it syncs nothing, for it need not outlive the machine."""
    directory = programs()
    assert directory is not None
    home = Path(tempfile.mkdtemp(prefix="vedette-postgresql-"))
    try:
        as_user = _as_unprivileged(home)
        (home / "password").write_text(PASSWORD)
        (home / "password").chmod(0o644)
        initdb = [str(directory / "initdb"), "-D", str(home / "data"), "-U", USER, "-E", "UTF8", "--locale=C.UTF-8"]
        initdb += ["--auth=scram-sha-256", f"--pwfile={home / 'password'}", "--no-sync", "--no-instructions"]
        subprocess.run([*as_user, *initdb], check=True, capture_output=True, cwd=home)
        port = _free_port()
        settings = [f"port={port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={home}", "fsync=off"]
        settings += ["max_connections=60", "shared_buffers=16MB", "autovacuum=off", "full_page_writes=off"]
        command = [str(directory / "postgres"), "-D", str(home / "data")]
        command += [part for setting in settings for part in ("-c", setting)]
        with (home / "log").open("wb") as log:
            server = subprocess.Popen([*as_user, *command], stdout=log, stderr=log, cwd=home)
        try:
            running = Cluster(port)
            _wait_for(running, server, home / "log")
            yield running
        finally:
            server.terminate()
            try:
                server.wait(5)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _as_unprivileged(home: Path) -> list[str]:
    """PostgreSQL refuses to run as root: what to put before its commands."""
    if os.getuid() != 0:
        return []
    user = next(each for each in map(_user, ("postgres", "nobody")) if each is not None)
    os.chown(home, user.pw_uid, user.pw_gid)
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--pdeathsig", "QUIT"]


def _user(name: str):
    try:
        return getpwnam(name)
    except KeyError:
        return None


def _wait_for(running: Cluster, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            running.execute("SELECT 1")
            return
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(log.read_text()) from None
            time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]
