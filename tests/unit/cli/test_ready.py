"""Which server a command speaks to."""

from pathlib import Path

import pytest

from vedette.cli.ready import READY_FILE_VARIABLE, find_server
from vedette.core.errors import Unavailable


def test_the_option_wins_over_the_environment(ready_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(READY_FILE_VARIABLE, "/nowhere/ready.json")
    assert find_server(ready_file.parent).ready_file == ready_file


def test_the_environment_names_a_ready_file(ready_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(READY_FILE_VARIABLE, str(ready_file))
    assert find_server(None).workspace_name == "workspace"


def test_without_either_it_is_the_default_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(READY_FILE_VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Unavailable, match=r"No server is running on the data directory '\.vedette'.* vedette up$"):
        find_server(None)


def test_what_to_do_names_the_directory(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=f"Start one with: vedette up --data {tmp_path}"):
        find_server(tmp_path)


@pytest.mark.parametrize("content", ["", "[]", "{}", "not json"])
def test_a_damaged_ready_file_is_named(ready_file: Path, content: str) -> None:
    ready_file.write_text(content)
    with pytest.raises(Unavailable, match=r"ready\.json' cannot be read as a server's ready file"):
        find_server(ready_file.parent)
