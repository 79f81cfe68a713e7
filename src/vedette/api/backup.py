"""A backup of the running server as a download: everything in its data directory, as of one instant.

The instant is cut while neither store writes: the documents are copied there and then, for they are small; of the logs
it is enough to note how long their files are, for they only grow until the next checkpoint, which waits for the end of
the download. Ingestion and queries go on meanwhile. Documents that PostgreSQL keeps are in the archive as the file that
SQLite would keep them in; `vedette up --state` moves them back.
"""

import os
import shutil
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import anyio
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from vedette import __version__
from vedette.api.acts import who_of
from vedette.api.authentication import authenticate, authorize
from vedette.api.request_addresses import address_of
from vedette.api.services import Services
from vedette.core.acting import Act, current_act
from vedette.core.backup_archive import Part, is_plain, write_archive
from vedette.core.errors import Conflict, InvalidInput, Unavailable
from vedette.engine.engine import StoredFile

# Whoever holds a backup holds the key that signs tokens, and could act in anyone's name: an action that the built-in
# role Contributor, which may do nearly everything, is denied as it is denied the making of role assignments.
ACTION: Final = "Microsoft.Authorization/vedetteBackups/write"

_STATE: Final = "state.db"
_LOGS: Final = "logs.duckdb"
_NOT_KEPT: Final = ("lock", "ready.json", "state.json", "audit.head")
_COPY: Final = ".backup."
_PIECE: Final = 1 << 20
_WAITING_BYTES: Final = 4_000_000_000  # of the write-ahead log, which a slow download keeps from its checkpoint


def routes(services: Services) -> list[BaseRoute]:
    """`POST /vedette/backup`."""
    one = anyio.CapacityLimiter(1)

    async def backup(request: Request) -> Response:
        principal = await authenticate(request, services)
        authorize(services, principal, action=ACTION, scope=services.estate.subscription_resource_id)
        if one.borrowed_tokens:
            raise Conflict("BackupInProgress", "Another backup is being made. Wait for its end.")
        who = who_of(principal, address_of(request))
        act = current_act() or Act(who, services.clock.now(), method="POST")
        named = replace(act, operation=ACTION, resource_id=services.estate.subscription_resource_id)
        return _Download(services, one, named)

    return [Route("/vedette/backup", backup, methods=["POST"])]


class _Download(Response):
    media_type = "application/x-tar"

    def __init__(self, services: Services, one: anyio.CapacityLimiter, act: Act) -> None:
        super().__init__(headers={"Content-Disposition": 'attachment; filename="vedette-backup.tar"'})
        del self.headers["content-length"]
        self._services = services
        self._one = one
        self._act = act

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the archive as it is made; a client that goes away ends it."""
        request = Request(scope, receive)
        async with self._one:
            await run_sync(self._services.audit.ended, self._act, self.status_code)  # nothing is sent that is not told
            pieces = archive(self._services)
            try:
                piece = await run_sync(next, pieces)
                await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
                while piece is not None and not await request.is_disconnected():
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
                    piece = await run_sync(next, pieces, None)
                await send({"type": "http.response.body", "body": b""})
            finally:
                with anyio.CancelScope(shield=True):
                    await run_sync(pieces.close)


def archive(services: Services) -> Generator[bytes]:
    """The archive in pieces; closing the generator lets checkpoints run again."""
    data = services.settings.data
    for left in data.glob(f"{_COPY}*"):
        shutil.rmtree(left)  # of a server that was killed
    with ExitStack() as stack:
        stack.enter_context(services.logs.without_checkpoints())
        copy = Path(stack.enter_context(TemporaryDirectory(prefix=_COPY, dir=data))) / _STATE
        with services.state.transaction() as transaction:
            logs = services.logs.cut()
            transaction.copy_to(copy)
        parts = [
            *_small_files(data),
            Part(_STATE, copy.stat().st_size, _file_pieces(copy)),
            *(_log_part(services, file) for file in logs),
        ]
        yield from write_archive(parts, services.wall_clock.now().isoformat(), __version__)


def _small_files(data: Path) -> list[Part]:
    """Everything but the stores: the estate, keys, certificates, and what else is written whole or not at all."""
    files = sorted(file for file in data.rglob("*") if file.is_file() and not file.is_symlink())
    names = [(file.relative_to(data).as_posix(), file) for file in files]
    return [_small_part(name, file) for name, file in names if _is_kept(name)]


def _is_kept(name: str) -> bool:
    """Not what is only of this process, is half written, or belongs to the stores."""
    return (
        name not in _NOT_KEPT
        and not name.startswith((_STATE, _LOGS))
        and not any(part.startswith(".") for part in name.split("/"))
    )


def _small_part(name: str, file: Path) -> Part:
    if not is_plain(name):
        raise InvalidInput("BackupImpossible", f"The data directory has a file that no backup can hold: {name!r}.")
    content = file.read_bytes()
    return Part(name, len(content), [content])


def _file_pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def _log_part(services: Services, file: StoredFile) -> Part:
    return Part(file.name, file.bytes, _log_pieces(services, file))


def _log_pieces(services: Services, file: StoredFile) -> Iterator[bytes]:
    for start in range(0, file.bytes, _PIECE):
        if services.logs.waiting_bytes() > _WAITING_BYTES:
            raise Unavailable("BackupTooSlow", "The backup is read too slowly for all that is being stored meanwhile.")
        yield os.pread(file.descriptor, min(_PIECE, file.bytes - start), start)
