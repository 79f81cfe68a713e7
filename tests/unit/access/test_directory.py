"""The directory keeps no secret in the clear."""

from pathlib import Path

from vedette.access.directory import Directory, hash_secret, matches_secret
from vedette.access.principals import Principal
from vedette.core.clock import SystemClock
from vedette.state.store import StateStore

TENANT = "11111111-1111-1111-1111-111111111111"
APP = "aaaaaaaa-0000-0000-0000-000000000001"
OBJECT = "bbbbbbbb-0000-0000-0000-000000000001"


def filled(state: StateStore) -> Directory:
    directory = Directory(state, TENANT, SystemClock())
    directory.ensure_service_principal(application_id=APP, object_id=OBJECT, name="first", secret="correct horse")
    return directory


def test_a_service_principal_is_found_by_its_application_in_any_casing(state: StateStore) -> None:
    assert filled(state).service_principal(APP.upper()) == Principal(OBJECT, APP, "first", TENANT)
    assert filled(state).service_principal("cccccccc-0000-0000-0000-000000000001") is None


def test_its_secret_is_checked(state: StateStore) -> None:
    directory = filled(state)
    assert directory.has_secret(APP, "correct horse")
    assert not directory.has_secret(APP, "correct horse ")
    assert not directory.has_secret(APP, "")
    assert not directory.has_secret("cccccccc-0000-0000-0000-000000000001", "correct horse")


def test_making_it_again_changes_nothing(state: StateStore) -> None:
    directory = filled(state)
    again = directory.ensure_service_principal(application_id=APP, object_id="other", name="x", secret="other")
    assert again.object_id == OBJECT
    assert directory.has_secret(APP, "correct horse")
    assert not directory.has_secret(APP, "other")


def test_no_file_holds_the_secret(state: StateStore, tmp_path: Path) -> None:
    filled(state)
    assert all(b"correct horse" not in path.read_bytes() for path in tmp_path.iterdir())


def test_equal_secrets_have_different_hashes() -> None:
    one, two = hash_secret("s"), hash_secret("s")
    assert one != two
    assert matches_secret(one, "s")
    assert matches_secret(two, "s")
