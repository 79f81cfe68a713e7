"""The files of the web console: where they are, and one of them as an answer.

`make console` leaves each file beside a copy of it that is compressed; the wheel has the compressed ones only. A file
is read when it is asked for, piece by piece, and none is kept in memory.
"""

import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse

import vedette

INDEX: Final = "index.html"

_PACKAGE = Path(vedette.__file__).parent
_FOLDERS = (_PACKAGE / "_data" / "console", _PACKAGE.parent.parent / "console" / "dist")  # in the wheel; in a checkout
_TYPES: Final[Mapping[str, str]] = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".map": "application/json; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
_SEGMENT = re.compile(r"[A-Za-z0-9_@-][A-Za-z0-9._@-]*")
_LONGEST: Final = 200  # characters; a file system refuses to look for a name of 256
_HASHED = re.compile(r"assets/.*-[A-Za-z0-9_-]{8}\.[a-z0-9]+")  # as Vite names what it builds
_FOR_EVER: Final = "public, max-age=31536000, immutable"
_ASK_FIRST: Final = "no-cache"  # kept, but asked after each time
_PIECE: Final = 64 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class ConsoleFile:
    """A file of the console by its name, such as `assets/index-Dk3x9a_1.js`, and where it is, perhaps compressed."""

    name: str
    path: Path
    is_compressed: bool


def is_asset(name: str) -> bool:
    """Whether a name can only be a file's: everything else is a page of the console, which it draws itself."""
    return name.startswith("assets/") or Path(name).suffix.lower() in _TYPES


def find_file(name: str) -> ConsoleFile | None:
    """The file of that name, which never leads out of the console's folder."""
    if len(name) > _LONGEST or not all(map(_SEGMENT.fullmatch, name.split("/"))):
        return None
    for folder in _FOLDERS:
        plain, compressed = folder / name, folder / f"{name}.gz"
        found = ConsoleFile(name, compressed, True) if _is_newer(compressed, plain) else None
        if found is None and plain.is_file():
            found = ConsoleFile(name, plain, False)
        if found is not None and found.path.resolve().is_relative_to(folder.resolve()):
            return found
    return None


def answer_file(request: Request, file: ConsoleFile, headers: Mapping[str, str]) -> Response:
    """The file with these headers and those of its own: compressed as it is kept, or inflated for a client that does
    not take that; 304 where the client has it."""
    etag = _etag(file)
    own = {
        **headers,
        "Cache-Control": _FOR_EVER if _HASHED.fullmatch(file.name) else _ASK_FIRST,
        "Content-Type": _TYPES.get(Path(file.name).suffix.lower(), "application/octet-stream"),
        "ETag": etag,
        "Vary": "Accept-Encoding",
    }
    if _has_already(request, etag):
        return Response(status_code=304, headers=own)
    if not file.is_compressed:
        return FileResponse(file.path, headers=own)
    if _takes_gzip(request):
        return FileResponse(file.path, headers={**own, "Content-Encoding": "gzip"})
    own |= {"Content-Length": str(_trailer(file.path)[1]), "Last-Modified": _modified(file.path)}
    if request.method == "HEAD":
        return Response(headers=own)
    return StreamingResponse(_inflated(file.path), headers=own)


def _is_newer(compressed: Path, plain: Path) -> bool:
    """Whether the compressed copy is there and of what the file holds now."""
    if not compressed.is_file():
        return False
    return not plain.is_file() or compressed.stat().st_mtime_ns >= plain.stat().st_mtime_ns


def _etag(file: ConsoleFile) -> str:
    """Of what the file holds where it is compressed, for gzip ends with a checksum, else of its time and size. Weak, as
    the same tag is given with and without the compression (RFC 9110 §8.8.1)."""
    if file.is_compressed:
        checksum, length = _trailer(file.path)
        return f'W/"{checksum:08x}-{length:x}"'
    stat = file.path.stat()
    return f'W/"{stat.st_mtime_ns:x}-{stat.st_size:x}"'


def _trailer(path: Path) -> tuple[int, int]:
    """The checksum and the length of what was compressed: the last eight bytes (RFC 1952 §2.3.1)."""
    with path.open("rb") as file:
        file.seek(-8, 2)
        last = file.read(8)
    return int.from_bytes(last[:4], "little"), int.from_bytes(last[4:], "little")


def _inflated(path: Path) -> Iterator[bytes]:
    inflating = zlib.decompressobj(wbits=31)
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            while piece:
                yield inflating.decompress(piece, _PIECE)
                piece = inflating.unconsumed_tail
    yield inflating.flush()


def _modified(path: Path) -> str:
    return formatdate(path.stat().st_mtime, usegmt=True)


def _has_already(request: Request, etag: str) -> bool:
    return etag in (each.strip() for each in request.headers.get("if-none-match", "").split(","))


def _takes_gzip(request: Request) -> bool:
    """Whether the client says so; a quality of 0 says that it does not (RFC 9110 §12.5.3)."""
    for each in request.headers.get("accept-encoding", "").lower().split(","):
        name, _, quality = each.partition(";")
        if name.strip() in ("gzip", "x-gzip", "*"):
            return quality.strip().replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
