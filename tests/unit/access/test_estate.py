"""The estate is made once and kept."""

import base64
import json
from pathlib import Path

import pytest

from vedette.access.estate import ensure_estate
from vedette.core.errors import VedetteError
from vedette.core.ids import new_id


def test_the_estate_is_the_same_after_a_restart(tmp_path: Path) -> None:
    first = ensure_estate(tmp_path / "estate.json", new_id)
    assert ensure_estate(tmp_path / "estate.json", new_id) == first
    assert (tmp_path / "estate.json").stat().st_mode & 0o777 == 0o600


def test_two_servers_share_nothing(tmp_path: Path) -> None:
    one, two = ensure_estate(tmp_path / "one.json", new_id), ensure_estate(tmp_path / "two.json", new_id)
    assert one.primary_shared_key != two.primary_shared_key
    assert one.client_secret != two.client_secret
    assert len({one.tenant_id, one.subscription_id, one.workspace_id, one.client_id, one.client_object_id}) == 5


def test_its_keys_are_what_the_collector_expects(tmp_path: Path) -> None:
    estate = ensure_estate(tmp_path / "estate.json", new_id)
    assert len(base64.b64decode(estate.primary_shared_key, validate=True)) == 64
    assert estate.primary_shared_key != estate.secondary_shared_key
    assert estate.client_secret[0].isalpha()
    assert estate.workspace_resource_id == (
        f"/subscriptions/{estate.subscription_id}/resourceGroups/{estate.resource_group}"
        f"/providers/Microsoft.OperationalInsights/workspaces/{estate.workspace_name}"
    )


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"tenant_id": 1}'])
def test_a_damaged_estate_is_named_and_not_replaced(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "estate.json"
    path.write_text(damage)
    with pytest.raises(VedetteError, match=r"estate\.json") as refused:
        ensure_estate(path, new_id)
    assert refused.value.code == "EstateUnreadable"
    assert path.read_text() == damage


def test_what_a_newer_release_adds_is_not_in_the_way(tmp_path: Path) -> None:
    estate = ensure_estate(tmp_path / "estate.json", new_id)
    kept = json.loads((tmp_path / "estate.json").read_text())
    (tmp_path / "estate.json").write_text(json.dumps({**kept, "region": "eastus"}))
    assert ensure_estate(tmp_path / "estate.json", new_id) == estate
