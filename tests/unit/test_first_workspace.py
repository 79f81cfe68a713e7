"""The workspace that a data directory begins with: made once, then whatever its users make of it, across restarts."""

from pathlib import Path

from vedette.access.addresses import make_addresses
from vedette.access.estate import ensure_estate
from vedette.access.workspaces import new_shared_key, put_shared_keys
from vedette.core.ids import new_id
from vedette.core.settings import Settings
from vedette.sentinel.onboarding_states import is_onboarded
from vedette.server.composition import compose

ADDRESSES = make_addresses("127.0.0.1", https_port=8443, http_port=8080, proxy_port=3128)


def test_a_directory_of_an_earlier_release_keeps_its_keys(tmp_path: Path) -> None:
    estate = ensure_estate(tmp_path / "estate.json", new_id)
    with compose(Settings(tmp_path), ADDRESSES) as services:
        (workspace,) = services.workspaces.all()
        assert (workspace.id, workspace.resource_id) == (estate.workspace_id, estate.workspace_resource_id)
        assert (workspace.primary_key, workspace.secondary_key) == (
            estate.primary_shared_key,
            estate.secondary_shared_key,
        )
        assert is_onboarded(services.state, workspace.resource_id)


def test_what_users_changed_stays_changed(tmp_path: Path) -> None:
    renewed = new_shared_key()
    with compose(Settings(tmp_path), ADDRESSES) as services:
        place = services.estate.workspace_resource_id
        with services.state.transaction() as transaction:
            put_shared_keys(transaction, place, renewed, renewed)
            transaction.delete(f"{place}/providers/Microsoft.SecurityInsights/onboardingStates/default")
    with compose(Settings(tmp_path), ADDRESSES) as services:
        (workspace,) = services.workspaces.all()
        assert workspace.primary_key == renewed
        assert not is_onboarded(services.state, place)
        with services.state.transaction() as transaction:
            transaction.delete(place)
    with compose(Settings(tmp_path), ADDRESSES) as services:
        assert services.workspaces.all() == ()
