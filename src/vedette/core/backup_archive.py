"""The file that a backup is: a tar archive that begins with a list of its files and ends with their checksums.

Whoever reads it knows before the first byte what is to come, and after the last whether all of it came: an archive that
was cut off has no checksums. Names are plain relative paths; only regular files are in it.
"""

import hashlib
import os
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final, cast

import orjson

from vedette.core.errors import InvalidInput, Unsupported

FORMAT: Final = 1
FIRST: Final = "backup.json"
LAST: Final = "checksums.json"
MOST_FILES: Final = 10_000

_LIST_BYTES: Final = 16_000_000
_PIECE: Final = 1 << 20
_BLOCK: Final = tarfile.BLOCKSIZE


@dataclass(frozen=True, slots=True)
class Part:
    """A file of the archive: its name, its length, and its bytes in pieces, read when they are asked for."""

    name: str
    length: int
    pieces: Iterable[bytes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Found:
    """What an archive says of itself."""

    created: str
    version: str
    files: Mapping[str, int]


def write_archive(parts: Iterable[Part], created: str, version: str) -> Iterator[bytes]:
    """The archive in pieces. Raises ValueError when a part is shorter or longer than it says."""
    parts = list(parts)
    listed = [{"name": part.name, "bytes": part.length} for part in parts]
    head = orjson.dumps({"format": FORMAT, "version": version, "created": created, "files": listed})
    digests = {FIRST: hashlib.sha256(head).hexdigest()}
    yield _header(FIRST, len(head)) + head + _padding(len(head))
    for part in parts:
        digest = hashlib.sha256()
        length = 0
        yield _header(part.name, part.length)
        for piece in part.pieces:
            digest.update(piece)
            length += len(piece)
            yield piece
        if length != part.length:
            raise ValueError(f"'{part.name}' has {length} bytes and not {part.length}")
        yield _padding(length)
        digests[part.name] = digest.hexdigest()
    tail = orjson.dumps(digests)
    yield _header(LAST, len(tail)) + tail + _padding(len(tail)) + bytes(2 * _BLOCK)


def read_archive(file: IO[bytes], into: Path | None) -> Found:
    """Check an archive to its last byte; with `into`, an empty directory, also lay its files there, for the owner only.

    Raises InvalidInput (BackupDamaged) for whatever is not exactly what `write_archive` writes, and Unsupported
    (BackupFormatTooNew). What was laid down before that is no restored backup.
    """
    try:
        with tarfile.open(fileobj=file, mode="r|", bufsize=_PIECE) as archive:
            return _read(archive, into)
    except (tarfile.TarError, EOFError, orjson.JSONDecodeError, UnicodeError) as error:
        raise _damaged(f"it cannot be read: {error}") from error


def _read(archive: tarfile.TarFile, into: Path | None) -> Found:
    members = iter(archive)
    head = _small(archive, members, FIRST)
    found = _found(_object(head, FIRST))
    digests = {FIRST: hashlib.sha256(head).hexdigest()}
    for name, length in found.files.items():
        member = next(members, None)
        if member is None:
            raise _damaged(f"it ends before '{name}'")
        _check_member(member, name, length)
        digests[name] = _copied(archive, member, into)
    told = _object(_small(archive, members, LAST), LAST)
    if next(members, None) is not None:
        raise _damaged("something follows its end")
    wrong = [name for name, digest in digests.items() if told.get(name) != digest]
    if wrong or told.keys() != digests.keys():
        raise _damaged(f"the checksum of '{wrong[0] if wrong else LAST}' is wrong")
    return found


def _small(archive: tarfile.TarFile, members: Iterator[tarfile.TarInfo], name: str) -> bytes:
    member = next(members, None)
    if member is None:
        raise _damaged(f"it ends before '{name}': it was cut off, or is no backup")
    if member.size > _LIST_BYTES:
        raise _damaged(f"'{name}' is too long")
    _check_member(member, name, member.size)
    return b"".join(_pieces(archive, member))


def _check_member(member: tarfile.TarInfo, name: str, length: int) -> None:
    if member.type not in (tarfile.REGTYPE, tarfile.AREGTYPE) or member.issparse():
        raise _damaged(f"'{member.name[:200]}' is no regular file")
    if member.name != name or member.size != length:
        raise _damaged(f"'{member.name[:200]}' of {member.size} bytes is where '{name}' of {length} should be")


def _pieces(archive: tarfile.TarFile, member: tarfile.TarInfo) -> Iterator[bytes]:
    file = archive.extractfile(member)
    assert file is not None
    left = member.size
    while left:
        piece = file.read(min(_PIECE, left))
        if not piece:
            raise _damaged(f"it ends inside '{member.name}'")
        left -= len(piece)
        yield piece


def _copied(archive: tarfile.TarFile, member: tarfile.TarInfo, into: Path | None) -> str:
    digest = hashlib.sha256()
    if into is None:
        for piece in _pieces(archive, member):
            digest.update(piece)
        return digest.hexdigest()
    target = into / member.name
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        for piece in _pieces(archive, member):
            digest.update(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def _object(text: bytes, name: str) -> dict[str, Any]:
    value: Any = orjson.loads(text)
    if not isinstance(value, dict):
        raise _damaged(f"'{name}' is no JSON object")
    return cast("dict[str, Any]", value)


def _found(head: Mapping[str, Any]) -> Found:
    match head:
        case {"format": int(format)} if format > FORMAT:
            raise Unsupported(
                "BackupFormatTooNew",
                f"The backup has format {format}, which a newer release of Vedette wrote; this one reads {FORMAT}.",
            )
        case {"format": int(), "version": str(version), "created": str(created), "files": list()}:
            return Found(created, version, _files(head["files"]))
        case _:
            raise _damaged(f"'{FIRST}' does not say what is in it")


def _files(listed: list[Any]) -> dict[str, int]:
    if len(listed) > MOST_FILES:
        raise _damaged(f"it lists {len(listed)} files; at most {MOST_FILES} are taken")
    files: dict[str, int] = {}
    for entry in listed:
        match entry:
            case {"name": str(name), "bytes": int(length)} if length >= 0 and is_plain(name) and name not in files:
                files[name] = length
            case _:
                raise _damaged(f"it lists a file that cannot be in a data directory: {str(entry)[:200]}")
    return files


def is_plain(name: str) -> bool:
    """Whether a name is that of a file within the data directory, whatever the file system."""
    return (
        0 < len(name.encode(errors="replace")) <= 1000
        and name not in (FIRST, LAST)
        and name.isprintable()
        and "\\" not in name
        and all(part.strip(". ") for part in name.split("/"))
    )


def _header(name: str, length: int) -> bytes:
    entry = tarfile.TarInfo(name)
    entry.size = length
    entry.mode = 0o600
    return entry.tobuf(tarfile.PAX_FORMAT)


def _padding(length: int) -> bytes:
    return bytes(-length % _BLOCK)


def _damaged(reason: str) -> InvalidInput:
    return InvalidInput("BackupDamaged", f"The backup is damaged: {reason}.")
