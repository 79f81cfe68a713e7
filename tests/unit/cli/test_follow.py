"""Files that grow, are renamed and are cut off, read each byte once."""

import os
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from vedette.cli import follow
from vedette.cli.follow import Follower, Place


def read(follower: Follower, *, once: bool = False) -> bytes:
    return b"".join(piece.data for piece in follower.read(to_the_end=once))


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def test_whole_lines_as_they_come(tmp_path: Path) -> None:
    path = tmp_path / "log"
    follower = Follower(path, None)
    assert read(follower) == b""
    append(path, b"one\ntw")
    assert read(follower) == b"one\n"
    assert read(follower) == b""
    append(path, b"o\nthree")
    assert read(follower) == b"two\n"
    assert read(follower, once=True) == b"three"


def test_a_renamed_file_is_read_to_its_end_and_then_its_successor(tmp_path: Path) -> None:
    path = tmp_path / "log"
    append(path, b"a\n")
    follower = Follower(path, None, settle=0.0)
    assert read(follower) == b"a\n"
    append(path, b"b\nlast")
    path.rename(tmp_path / "log.1")
    append(path, b"c\n")
    assert read(follower) == b"b\nlastc\n"


def test_a_renamed_file_that_is_still_written_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "log"
    append(path, b"a\n")
    follower = Follower(path, None, settle=60.0)
    path.rename(tmp_path / "log.1")
    append(path, b"new\n")
    patient = Follower(tmp_path / "log.1", None, settle=60.0)
    assert read(patient) == b"a\n"
    assert read(follower) == b"new\n"
    path.rename(tmp_path / "log.2")
    append(path, b"newest\n")
    append(tmp_path / "log.2", b"late\n")
    assert read(follower) == b"late\n"
    assert read(follower) == b""


def test_a_file_that_is_cut_off_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "log"
    append(path, b"a long first line\n")
    follower = Follower(path, None)
    assert read(follower) == b"a long first line\n"
    os.truncate(path, 0)
    append(path, b"b\n")
    assert read(follower) == b"b\n"
    path.write_bytes(b"as long or longer than before\n")
    assert read(follower) == b"as long or longer than before\n"


def test_going_on_from_a_place_after_a_rotation_while_nobody_read(tmp_path: Path) -> None:
    path = tmp_path / "log"
    append(path, b"a\nb\n")
    (piece,) = Follower(path, None).read()
    append(path, b"c\n")
    path.rename(tmp_path / "log.1")
    append(path, b"d\n")
    assert read(Follower(path, piece.end, settle=0.0), once=True) == b"c\nd\n"
    (tmp_path / "log.1").unlink()
    assert read(Follower(path, piece.end), once=True) == b"d\n"


def test_a_piece_is_found_again_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "log"
    append(path, b"a\nb\n")
    (piece,) = Follower(path, None).read()
    append(path, b"c\n")
    path.rename(tmp_path / "log.1")
    again = Follower(path, None).reread(piece.start, piece.end.offset)
    assert again is not None
    assert (again.data, again.start) == (piece.data, piece.start)
    append(path, b"other\n")
    assert Follower(path, None).reread(Place(path.stat().st_ino, 0, 3, "no such"), 4) is None


def test_lines_longer_than_a_piece(tmp_path: Path) -> None:
    path = tmp_path / "log"
    append(path, b"x" * (follow.BATCH_BYTES + 10) + b"\nshort\n")
    pieces = list(Follower(path, None).read())
    assert [len(piece.data) for piece in pieces] == [follow.BATCH_BYTES, 17]


@given(st.lists(st.tuples(st.sampled_from(["append", "rotate", "restart"]), st.binary(max_size=20)), max_size=20))
def test_every_byte_once_whatever_happens(tmp_path_factory: object, steps: list[tuple[str, bytes]]) -> None:
    folder = tmp_path_factory.mktemp("follow")  # pyright: ignore
    path = folder / "log"
    written, rotation = b"", 0
    append(path, b"first\n")
    written += b"first\n"
    follower = Follower(path, None, settle=-1.0)
    (piece,) = follower.read()
    seen, at = piece.data, piece.end
    for what, data in steps:
        match what:
            case "append":
                append(path, data)
                written += data
            case "rotate":
                rotation += 1
                path.rename(folder / f"log.{rotation}")
                append(path, b"%d\n" % rotation)
                written += b"%d\n" % rotation
            case _:
                follower = Follower(path, at, settle=-1.0)
        for piece in follower.read():
            seen, at = seen + piece.data, piece.end
    for piece in follower.read(to_the_end=True):
        seen += piece.data
    assert seen == written
