"""`vedette policy diagnostics`: files, a template, and what is deployed, with nothing written a second time."""

import json
from collections.abc import Mapping
from pathlib import Path

from tests.clients.command import vedette
from tests.clients.sdk import Ready

VAULTS = ("--type", "Microsoft.KeyVault/vaults", "--type", "microsoft.logic/workflows")


def written(folder: Path) -> Mapping[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*.json")}


def test_files_are_written_once_and_checked(server: Ready, tmp_path: Path) -> None:
    def run(*more: str) -> int:
        return vedette(
            server, tmp_path, "policy", "diagnostics", *VAULTS, "--out", "out", "--template", "t.json", *more
        ).returncode

    assert run("--check") == 1
    assert run() == 0
    before = written(tmp_path)
    assert len(before) == 2 * 3 + 1 + 1  # and ready.json
    assert (run(), run("--check")) == (0, 0)
    own = tmp_path / "ready.json"
    assert {path: at for path, at in written(tmp_path).items() if path != own} == {
        path: at for path, at in before.items() if path != own
    }
    path = tmp_path / "out/Apply-Diag-Settings-LA-Microsoft.KeyVault-vaults/azurepolicy.json"
    path.write_bytes(path.read_text().encode("utf-16"))  # says the same
    assert run("--check") == 0
    assert run("--check", "--dedicated") == 1
    refused = vedette(server, tmp_path, "policy", "diagnostics", "--template", "t", "--target", "storage", "--target",
                      "event-hub")  # fmt: skip
    assert refused.returncode == 2
    assert "one --target" in refused.stderr


def test_what_is_deployed_is_compared(server: Ready, tmp_path: Path) -> None:
    def run(*more: str) -> tuple[int, str]:
        done = vedette(server, tmp_path, "policy", "diagnostics", *VAULTS, "--deploy", *more)
        return done.returncode, done.stdout + done.stderr

    code, said = run("--check")
    assert (code, said.count("is missing")) == (1, 3)
    code, said = run()
    assert (code, said.count("written: ")) == (0, 3), said
    assert run() == (0, "Nothing has changed.\n")
    assert run("--check") == (0, "Nothing differs.\n")
    code, said = run("--check", "--logs-only")
    assert code == 1
    assert "differs at description, parameters.metricsEnabled" in said
    code, said = run("--logs-only")
    assert (code, said.count("written: ")) == (0, 3), said


def test_the_types_of_a_server(server: Ready, tmp_path: Path) -> None:
    done = vedette(server, tmp_path, "policy", "diagnostics", "--refresh", "types.json")
    assert done.returncode == 0, done.stderr
    types = {each["type"].lower(): each for each in json.loads((tmp_path / "types.json").read_text())}
    assert types["microsoft.operationalinsights/workspaces"]["logs"][0]["category"] == "Audit"
    done = vedette(server, tmp_path, "policy", "diagnostics", "--types", "types.json", "--out", "out")
    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "out").iterdir())) >= len(types) - 1
    done = vedette(server, tmp_path, "policy", "diagnostics", "--from", "out", "--template", "t.json")
    assert done.returncode == 0, done.stderr
    assert (
        len(json.loads((tmp_path / "t.json").read_text())["resources"]) == len(list((tmp_path / "out").iterdir())) + 1
    )
