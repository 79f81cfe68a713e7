"""The data directory: private, whole files, one holder."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from vedette.access.data_directory import DataDirectoryLock, make_data_directory
from vedette.core.errors import Conflict
from vedette.core.whole_files import write_whole


def test_a_new_data_directory_is_its_owners_only(tmp_path: Path) -> None:
    make_data_directory(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700


def test_files_are_private_and_leave_nothing_beside_them(tmp_path: Path) -> None:
    previous = os.umask(0)
    try:
        write_whole(tmp_path / "secret", b"one")
        write_whole(tmp_path / "secret", b"two")
    finally:
        os.umask(previous)
    assert (tmp_path / "secret").read_bytes() == b"two"
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


def test_a_link_left_in_the_way_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "victim").write_text("safe")
    (tmp_path / "secret").symlink_to(tmp_path / "victim")
    write_whole(tmp_path / "secret", b"new")
    assert (tmp_path / "victim").read_text() == "safe"
    assert (tmp_path / "secret").read_bytes() == b"new"


def test_a_second_holder_is_refused_by_name(tmp_path: Path) -> None:
    lock = DataDirectoryLock(tmp_path)
    lock.announce("https://127.0.0.1:8443")
    with pytest.raises(Conflict) as refused:
        DataDirectoryLock(tmp_path)
    assert refused.value.code == "DataDirectoryInUse"
    assert str(os.getpid()) in refused.value.message
    assert "https://127.0.0.1:8443" in refused.value.message
    assert str(tmp_path) in refused.value.message
    lock.release()
    DataDirectoryLock(tmp_path).release()


def test_the_lock_ends_with_its_process(tmp_path: Path) -> None:
    script = (
        "import os, signal, sys; from pathlib import Path; from vedette.access.data_directory import DataDirectoryLock;"
        "lock = DataDirectoryLock(Path(sys.argv[1])); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
    assert json.loads((tmp_path / "lock").read_text())["pid"] != os.getpid()
    DataDirectoryLock(tmp_path).release()
