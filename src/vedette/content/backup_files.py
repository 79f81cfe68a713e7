"""A workspace's configuration as files: a folder, or a tar archive of the same files, with a list and checksums.

`workspace.json` says which workspace it is of; each other file holds the resources of one item, or the children of one.
Nothing is believed before all of it is checked: of what is damaged nothing is read.
"""

import hashlib
import os
import re
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import orjson

from vedette.content.bodies import as_list, as_mapping
from vedette.content.item import Item, Source
from vedette.content.kinds import KINDS
from vedette.core.backup_archive import FIRST, FORMAT, LAST, MOST_FILES, Part, is_plain, read_archive, write_archive
from vedette.core.errors import Conflict, InvalidInput, Unsupported
from vedette.core.whole_files import sync_directory

WORKSPACE = "workspace.json"
_KINDS = {kind.name: kind for kind in KINDS}
_NOT_OF_NAME = re.compile(r"[^A-Za-z0-9]+")
_LARGEST = 256_000_000  # bytes of a file
_MODE = 0o600


@dataclass(frozen=True, slots=True)
class Origin:
    """The workspace that a backup is of: its place, its id as the query API has it, its tenant, where it stands."""

    endpoint: str
    tenant: str
    subscription: str
    group: str
    name: str
    customer_id: str
    location: str


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds, and when it was made."""

    origin: Origin
    created: str
    items: tuple[Item, ...]


def is_archive(path: Path) -> bool:
    """Whether a backup of this name is an archive; any other is a folder."""
    return path.suffix.lower() == ".tar"


def write_backup(path: Path, origin: Origin, items: Iterable[Item], created: str, version: str) -> int:
    """Write a backup whole or not at all; gives the number of its files. Raises Conflict where something is there."""
    if path.exists() and (is_archive(path) or not path.is_dir() or any(path.iterdir())):
        raise Conflict("FileExists", f"'{path}' exists already. Choose another name, or remove it.")
    files = {WORKSPACE: _json(asdict(origin)), **_files(items)}
    partial = path.with_name(f".{path.absolute().name}.{os.getpid()}.partial")
    partial.parent.mkdir(parents=True, exist_ok=True)
    try:
        if is_archive(path):
            _write_archive(partial, files, created, version)
            os.link(partial, path)
        else:
            _write_folder(partial, files, created, version)
            partial.replace(path)
        sync_directory(path.absolute().parent)
    finally:
        if partial.is_dir():
            shutil.rmtree(partial)
        partial.unlink(missing_ok=True)
    return len(files)


def read_backup(path: Path) -> Backup:
    """A backup, checked to its last byte. Raises InvalidInput with the name of the file that is wrong."""
    if path.is_dir():
        created, files = _checked_folder(path)
        return _backup(path, created, files)
    with tempfile.TemporaryDirectory(prefix="vedette-restore-") as folder:
        into = Path(folder)
        try:
            with path.open("rb") as archive:
                found = read_archive(archive, into)
        except FileNotFoundError as error:
            raise InvalidInput("NoBackup", f"There is no backup '{path}'.") from error
        return _backup(path, found.created, {name: (into / name).read_bytes() for name in found.files})


def holds_a_workspace(path: Path) -> bool:
    """Whether a backup is of a workspace's configuration, by its list alone, not of a whole server."""
    if path.is_dir():
        return (path / WORKSPACE).is_file()
    with path.open("rb") as file:
        return f'"{WORKSPACE}"'.encode() in file.read(4096)


def _files(items: Iterable[Item]) -> dict[str, bytes]:
    groups: dict[tuple[str, str, str], list[Item]] = defaultdict(list)
    for item in items:
        groups[item.kind.folder, item.kind.name, item.parent or item.name].append(item)
    if len(groups) > MOST_FILES - 1:
        raise InvalidInput("BackupTooLarge", f"The workspace has {len(groups)} things; a backup holds {MOST_FILES}.")
    files: dict[str, bytes] = {}
    for (folder, kind, name), group in sorted(groups.items()):
        digest = hashlib.sha256(name.casefold().encode()).hexdigest()[:8]
        plain = _NOT_OF_NAME.sub("_", name).strip("_")[:60] or "item"
        told = sorted((_told(each) for each in group), key=lambda each: str(each["name"]).casefold())
        files[f"{folder}/{kind}-{plain}-{digest}.json"] = _json({"items": told})
    return files


def _told(item: Item) -> dict[str, Any]:
    parent = {"parent": item.parent} if item.parent else {}
    return {"kind": item.kind.name, "name": item.name, **parent, "body": dict(item.body)}


def _json(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _write_archive(path: Path, files: Mapping[str, bytes], created: str, version: str) -> None:
    parts = [Part(name, len(content), [content]) for name, content in files.items()]
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, _MODE)
    with os.fdopen(descriptor, "wb") as file:
        for piece in write_archive(parts, created, version):
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())


def _write_folder(path: Path, files: Mapping[str, bytes], created: str, version: str) -> None:
    """The same files as the archive has, its list and its checksums too."""
    path.mkdir(mode=0o700)
    listed = [{"name": name, "bytes": len(content)} for name, content in files.items()]
    head = orjson.dumps({"format": FORMAT, "version": version, "created": created, "files": listed})
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in {FIRST: head, **files}.items()}
    for name, content in {FIRST: head, **files, LAST: orjson.dumps(sums)}.items():
        target = path / name
        target.parent.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, _MODE)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())


def _checked_folder(path: Path) -> tuple[str, dict[str, bytes]]:
    """What a folder holds, when its list and its checksums say so of each file, and no other is there."""
    head_text = _content(path, FIRST)
    head, sums = _object(FIRST, head_text), _object(LAST, _content(path, LAST))
    if isinstance(head.get("format"), int) and head["format"] > FORMAT:
        reason = f"A newer release of Vedette wrote '{path}', in format {head['format']}."
        raise Unsupported("BackupFormatTooNew", reason)
    _check_sum(FIRST, head_text, sums)
    files: dict[str, bytes] = {}
    for entry in as_list(head.get("files")):
        name = as_mapping(entry).get("name")
        if not isinstance(name, str) or not is_plain(name) or name in files or len(files) >= MOST_FILES:
            raise _damaged(f"it lists a file that cannot be in it: {str(entry)[:200]}")
        files[name] = _content(path, name)
        _check_sum(name, files[name], sums)
    present = {each.relative_to(path).as_posix() for each in path.rglob("*") if not each.is_dir() or each.is_symlink()}
    strange = sorted(present - files.keys() - {FIRST, LAST})
    if strange:
        raise _damaged(f"'{strange[0]}' is in it and not in its list")
    return str(head.get("created") or ""), files


def _content(path: Path, name: str) -> bytes:
    target = path / name
    inside = [target, *(each for each in target.parents if path in each.parents)]
    if any(each.is_symlink() for each in inside):
        raise _damaged(f"'{name}' is a link")
    try:
        if target.stat().st_size > _LARGEST:
            raise _damaged(f"'{name}' is too large")
        return target.read_bytes()
    except OSError as error:
        raise _damaged(f"'{name}' cannot be read: {error.strerror}") from error


def _check_sum(name: str, content: bytes, sums: Mapping[str, Any]) -> None:
    if sums.get(name) != hashlib.sha256(content).hexdigest():
        raise _damaged(f"the checksum of '{name}' is wrong")


def _backup(path: Path, created: str, files: Mapping[str, bytes]) -> Backup:
    if WORKSPACE not in files:
        raise InvalidInput("NotOfWorkspace", f"'{path}' is no backup of a workspace's configuration.")
    told = _object(WORKSPACE, files[WORKSPACE])
    try:
        origin = Origin(**{name: str(value) for name, value in told.items()})
    except TypeError as error:
        raise _damaged(f"'{WORKSPACE}' does not say which workspace it is of") from error
    items = [each for name, text in files.items() if name != WORKSPACE for each in _items(path, name, text)]
    return Backup(origin, created, tuple(items))


def _items(path: Path, name: str, text: bytes) -> list[Item]:
    return [_item(path / name, name, as_mapping(each)) for each in as_list(_object(name, text).get("items"))]


def _item(source: Path, name: str, told: Mapping[str, Any]) -> Item:
    kind = _KINDS.get(str(told.get("kind")))
    if kind is None or not isinstance(told.get("name"), str) or not isinstance(told.get("body"), dict):
        raise _damaged(f"'{name}' holds something that is no resource")
    body = cast("dict[str, Any]", told["body"])
    return Item(kind, str(told["name"]), body, str(told.get("parent") or ""), Source(source))


def _object(name: str, text: bytes) -> dict[str, Any]:
    try:
        value: Any = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise _damaged(f"'{name}' is no JSON: {error}") from error
    if not isinstance(value, dict):
        raise _damaged(f"'{name}' is no JSON object")
    return cast("dict[str, Any]", value)


def _damaged(reason: str) -> InvalidInput:
    return InvalidInput("BackupDamaged", f"The backup is damaged: {reason}. Nothing was restored.")


def check_items(items: Sequence[Item]) -> None:
    """Raises InvalidInput for a child whose parent is not there."""
    parents = {(each.kind.name, each.name.casefold()) for each in items}
    for each in items:
        if each.kind.parent and (each.kind.parent, each.parent.casefold()) not in parents:
            raise _damaged(f"{each.kind.name} '{each.name}' is of '{each.parent}', which is not in it")
