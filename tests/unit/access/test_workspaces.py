"""Workspaces are found by either of their names."""

from pathlib import Path

from vedette.access.estate import ensure_estate
from vedette.access.workspaces import workspaces_of
from vedette.core.ids import new_id


def test_lookup_in_any_casing(tmp_path: Path) -> None:
    estate = ensure_estate(tmp_path / "estate.json", new_id)
    workspaces = workspaces_of(estate)
    (workspace,) = workspaces.all()
    assert workspaces.by_id(estate.workspace_id.upper()) == workspace
    assert workspaces.by_resource_id(f"{estate.workspace_resource_id.upper()}/") == workspace
    assert workspaces.by_id(new_id()) is None
    assert workspaces.by_resource_id(f"{estate.workspace_resource_id}x") is None
    assert workspace.primary_key == estate.primary_shared_key
