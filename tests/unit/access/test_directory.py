"""The directory keeps no secret in the clear."""

import base64
import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from vedette.access.directory import Directory
from vedette.access.directory_objects import MEMBERSHIP, DirectoryObject, Kind, membership_id
from vedette.access.directory_upgrade import upgrade_directory
from vedette.access.principals import Principal, PrincipalKind
from vedette.access.secret_hashes import hash_secret, matches_secret
from vedette.core.clock import SystemClock, VirtualClock
from vedette.state.store import StateStore

TENANT = "11111111-1111-1111-1111-111111111111"
APP = "aaaaaaaa-0000-0000-0000-000000000001"
OBJECT = "bbbbbbbb-0000-0000-0000-000000000001"


def filled(state: StateStore) -> Directory:
    directory = Directory(state, TENANT, SystemClock())
    directory.ensure_service_principal(application_id=APP, object_id=OBJECT, name="first", secret="correct horse")
    return directory


def secret_state(directory: Directory, secret: str) -> str:
    holders = (directory.application(APP), directory.service_principal_of(APP))
    return directory.secret_state([each for each in holders if each is not None], secret)


def test_a_service_principal_is_found_by_its_application_in_any_casing(state: StateStore) -> None:
    assert filled(state).service_principal(APP.upper()) == Principal(OBJECT, APP, "first", TENANT)
    assert filled(state).service_principal("cccccccc-0000-0000-0000-000000000001") is None


def test_its_secret_is_checked(state: StateStore) -> None:
    directory = filled(state)
    assert secret_state(directory, "correct horse") == "valid"
    assert secret_state(directory, "correct horse ") == "unknown"
    assert secret_state(directory, "") == "unknown"
    assert directory.secret_state((), "correct horse") == "unknown"


def test_making_it_again_changes_nothing(state: StateStore) -> None:
    directory = filled(state)
    again = directory.ensure_service_principal(application_id=APP, object_id="other", name="x", secret="other")
    assert again.object_id == OBJECT
    assert secret_state(directory, "correct horse") == "valid"
    assert secret_state(directory, "other") == "unknown"


@pytest.mark.parametrize(
    ("starts", "ends", "expected"),
    [
        ("2023-01-01T00:00:00Z", "2025-01-01T00:00:00Z", "valid"),
        ("2023-01-01T00:00:00Z", "2024-01-01T00:00:00Z", "expired"),
        ("2024-01-01T00:00:01Z", None, "unknown"),
        (None, None, "valid"),
    ],
)
@pytest.mark.parametrize("hint", ["sec", None])
def test_a_secret_is_good_in_its_time(
    state: StateStore, starts: str | None, ends: str | None, hint: str | None, expected: str
) -> None:
    directory = Directory(state, TENANT, VirtualClock(datetime(2024, 1, 1, tzinfo=UTC)))
    credential = {"keyId": "k", "startDateTime": starts, "endDateTime": ends, "hint": hint}
    holder = DirectoryObject(
        OBJECT, Kind.APPLICATION, {"passwordCredentials": [credential]}, {"k": hash_secret("secret")}
    )
    assert directory.secret_state((holder,), "secret") == expected
    assert directory.secret_state((holder,), "second") == "unknown"
    assert directory.secret_state((holder,), "other") == "unknown"


def test_the_secret_of_two_that_is_good_counts(state: StateStore) -> None:
    directory = Directory(state, TENANT, VirtualClock(datetime(2024, 1, 1, tzinfo=UTC)))
    over, good = (
        {"keyId": name, "startDateTime": None, "endDateTime": ends, "hint": "sec"}
        for name, ends in (("over", "2023-01-01T00:00:00Z"), ("good", None))
    )
    hashed = hash_secret("secret")
    holders = [
        DirectoryObject(OBJECT, Kind.APPLICATION, {"passwordCredentials": [over]}, {"over": hashed}),
        DirectoryObject(OBJECT, Kind.SERVICE_PRINCIPAL, {"passwordCredentials": [good]}, {"good": hashed}),
    ]
    assert directory.secret_state(holders, "secret") == "valid"
    assert directory.secret_state(holders[:1], "secret") == "expired"


def test_no_file_holds_the_secret(state: StateStore, tmp_path: Path) -> None:
    filled(state)
    assert all(b"correct horse" not in path.read_bytes() for path in tmp_path.iterdir())


def test_equal_secrets_have_different_hashes() -> None:
    one, two = hash_secret("s"), hash_secret("s")
    assert one != two
    assert matches_secret(one, "s")
    assert matches_secret(two, "s")


def test_a_scrypt_hash_of_an_earlier_release_still_matches() -> None:
    salt = b"0123456789abcdef"
    key = hashlib.scrypt(b"s", salt=salt, n=2**14, r=8, p=1)
    old = f"scrypt$16384$8$1${base64.b64encode(salt).decode()}${base64.b64encode(key).decode()}"
    assert matches_secret(old, "s")
    assert not matches_secret(old, "t")


def test_a_directory_of_an_earlier_release_is_brought_forward(state: StateStore) -> None:
    hashed = hash_secret("correct horse")
    kept = {"appId": APP, "objectId": OBJECT, "displayName": "first", "secrets": [{"hash": hashed, "created": "x"}]}
    with state.transaction() as transaction:
        transaction.put(
            id=f"/tenants/{TENANT}/servicePrincipals/{APP}",
            type="Vedette.Directory/servicePrincipals",
            scope=f"/tenants/{TENANT}",
            name=APP,
            body={"properties": kept},
        )
    directory = Directory(state, TENANT, SystemClock())
    for _ in range(2):
        upgrade_directory(state, directory)
        assert directory.service_principal(APP) == Principal(OBJECT, APP, "first", TENANT)
        assert secret_state(directory, "correct horse") == "valid"
    assert len(state.list("Vedette.Directory/servicePrincipals")) == 1


def test_managed_identities_are_objects_with_the_resources_own_ids(state: StateStore) -> None:
    directory = Directory(state, TENANT, SystemClock())
    identity = directory.managed_identity("/subscriptions/s/resourceGroups/g/providers/M.X/y/machine")
    assert (identity.kind, identity.name) == (PrincipalKind.MANAGED_IDENTITY, "machine")
    assert directory.managed_identity("/SUBSCRIPTIONS/s/resourceGroups/g/providers/M.X/y/machine") == identity


def test_groups_reach_through_groups_and_survive_circles(state: StateStore) -> None:
    directory = filled(state)
    for group, member in (("g1", OBJECT), ("g2", "g1"), ("g3", "g2"), ("g1", "g3")):
        with state.transaction() as transaction:
            transaction.put(
                id=membership_id(TENANT, group, member),
                type=MEMBERSHIP,
                scope=f"/tenants/{TENANT}/directory/{group}",
                name=member,
                body={"groupId": group, "memberId": member},
            )
    assert directory.groups_of(OBJECT) == {"g1", "g2", "g3"}
    assert set(directory.members_of("g2", transitive=True)) == {"g1", "g3", OBJECT}
    assert directory.members_of("g2") == ["g1"]
    standing = directory.standing(OBJECT)
    assert standing is not None
    assert standing.principal.groups == {"g1", "g2", "g3"}
