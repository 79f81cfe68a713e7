"""Backup archives: what is written is read, and nothing else is: cut anywhere, changed anywhere, or made by others."""

import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.core.backup_archive import FIRST, LAST, Part, is_plain, read_archive, write_archive
from vedette.core.errors import InvalidInput, Unsupported

FILES = {"estate.json": b'{"a":1}', "tls/server.pem": b"pem" * 700, "logs.duckdb": bytes(range(256)) * 8, "empty": b""}


def archive(files: dict[str, bytes] = FILES) -> bytes:
    parts = [Part(name, len(content), [content[:100], content[100:]]) for name, content in files.items()]
    return b"".join(write_archive(parts, "2024-03-01T12:00:00+00:00", "0.1.0"))


def repacked(change: Callable[[list[tuple[tarfile.TarInfo, bytes]]], None]) -> bytes:
    """The archive after a change to its members, as any tar program would write it."""
    with tarfile.open(fileobj=io.BytesIO(archive())) as source:
        members = [(member, _content(source, member)) for member in source]
    change(members)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as target:
        for member, content in members:
            member.size = len(content)
            target.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def _content(source: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = source.extractfile(member)
    assert file is not None
    return file.read()


def refused(packed: bytes, into: Path | None = None) -> str:
    with pytest.raises(InvalidInput) as raised:
        read_archive(io.BytesIO(packed), into)
    assert raised.value.code == "BackupDamaged"
    return raised.value.message


def test_what_is_written_is_read_for_its_owner_only(tmp_path: Path) -> None:
    found = read_archive(io.BytesIO(archive()), tmp_path)
    assert found.files == {name: len(content) for name, content in FILES.items()}
    assert {
        file.relative_to(tmp_path).as_posix(): file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()
    } == FILES
    assert {file.stat().st_mode & 0o777 for file in tmp_path.rglob("*") if file.is_file()} == {0o600}
    assert (tmp_path / "tls").stat().st_mode & 0o777 == 0o700


def test_any_tar_program_reads_it() -> None:
    with tarfile.open(fileobj=io.BytesIO(archive())) as source:
        assert source.getnames() == [FIRST, *FILES, LAST]


def test_cut_off_anywhere_it_is_refused() -> None:
    packed = archive()
    last = packed.rindex(b"}") + 1  # what follows the checksums is padding
    for length in [*range(0, last, 97), last - 1]:
        refused(packed[:length])


@given(st.integers(min_value=0), st.integers(1, 255))
def test_a_changed_byte_is_noticed_or_means_nothing(position: int, mask: int) -> None:
    packed = bytearray(archive())
    packed[position % len(packed)] ^= mask
    try:
        found = read_archive(io.BytesIO(packed), None)
    except (InvalidInput, Unsupported):
        return
    assert found.files == {name: len(content) for name, content in FILES.items()}


def test_a_member_that_is_a_link_a_device_or_elsewhere_is_refused(tmp_path: Path) -> None:
    def link(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
        members[1][0].type, members[1][0].linkname = tarfile.SYMTYPE, "/etc/passwd"
        members[1] = (members[1][0], b"")

    def device(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
        members[1][0].type = tarfile.CHRTYPE
        members[1] = (members[1][0], b"")

    def rename(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
        members[1][0].name = "../estate.json"

    def add(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
        members.insert(2, (tarfile.TarInfo("more"), b"more"))

    def swap(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
        members[1], members[2] = members[2], members[1]

    for change in (link, device, rename, add, swap):
        into = tmp_path / change.__name__
        into.mkdir()
        refused(repacked(change), into)
    assert not list(tmp_path.rglob("passwd"))


@pytest.mark.parametrize("name", ["../up", "/etc/passwd", "a/../b", "a//b", "", ".", "a\\b", "a\0b", FIRST, "x" * 1001])
def test_names_outside_of_a_data_directory_are_refused_where_they_are_listed(name: str) -> None:
    assert not is_plain(name)

    def lists(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
        head = orjson.loads(members[0][1])
        head["files"][0]["name"] = name
        members[0] = (members[0][0], orjson.dumps(head))
        members[1][0].name = name or "x"

    assert "cannot be in a data directory" in refused(repacked(lists))


def test_too_many_files_and_a_newer_format_are_refused() -> None:
    def many(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
        head = orjson.loads(members[0][1])
        head["files"] = [{"name": f"f{number}", "bytes": 0} for number in range(10_001)]
        members[0] = (members[0][0], orjson.dumps(head))

    assert "at most 10000" in refused(repacked(many))

    def newer(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
        members[0] = (members[0][0], orjson.dumps({"format": 2}))

    with pytest.raises(Unsupported, match="newer release"):
        read_archive(io.BytesIO(repacked(newer)), None)


def test_a_part_that_is_not_as_long_as_it_says_breaks_the_archive_off() -> None:
    for length in (2, 4):
        with pytest.raises(ValueError, match="3 bytes"):
            list(write_archive([Part("a", length, [b"abc"])], "", ""))
