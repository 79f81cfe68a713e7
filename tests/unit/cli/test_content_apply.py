"""What `vedette content` asks before it applies files, of somebody at a terminal."""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result
from tests.unit.content.memory_endpoint import WORKSPACE, MemoryEndpoint

from vedette.cli.commands import content_apply
from vedette.cli.content_targets import Target
from vedette.content.kinds import SAVED_SEARCH

SEARCH = "id: {0}\nname: Search {0}\nquery: T\n"


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> MemoryEndpoint:
    """An endpoint that the commands speak to, called at a terminal."""
    endpoint = MemoryEndpoint()

    @contextmanager
    def targets(_asked: object) -> Generator[list[Target]]:
        yield [Target(WORKSPACE, endpoint.client())]

    monkeypatch.setattr(content_apply, "targets", targets)
    monkeypatch.setattr(
        content_apply, "sys", SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True), exit=sys.exit)
    )
    return endpoint


def import_(*arguments: object, answer: str = "") -> Result:
    return CliRunner().invoke(content_apply.import_, [str(each) for each in arguments], input=answer)


def test_an_import_shows_what_it_would_delete_before_it_asks(endpoint: MemoryEndpoint, tmp_path: Path) -> None:
    for name in ("a", "b\x1b[2J"):
        (tmp_path / f"{name[0]}.yaml").write_text(SEARCH.format(name[0]).replace("Search b", r'"Search \e[2J"'))
    first = import_(tmp_path)
    assert (first.exit_code, "?" in first.output) == (0, False)
    (tmp_path / "b.yaml").unlink()
    (tmp_path / "c.yaml").write_text(SEARCH.format("c"))
    refused = import_(tmp_path, "--prune", answer="n\n")
    assert refused.exit_code == 1
    shown, asked, _ = refused.output.partition("Apply this to")
    assert asked
    assert r"- HuntingQuery Search \x1b[2J" in shown
    assert "Search c" not in shown
    assert WORKSPACE.path(SAVED_SEARCH, "b") in endpoint.resources
    assert import_(tmp_path, "--prune", answer="y\n").exit_code == 0
    assert WORKSPACE.path(SAVED_SEARCH, "b") not in endpoint.resources
    (tmp_path / "c.yaml").unlink()
    done = import_(tmp_path, "--prune", "--yes")
    assert (done.exit_code, "Apply this to" in done.output) == (0, False)
