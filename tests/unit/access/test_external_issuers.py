"""What a token of another tenant may say of groups: its own, and neither this tenant's nor those of a third."""

import base64

import pytest

from vedette.access.directory import Directory
from vedette.access.directory_objects import DirectoryObject, Kind, put_object
from vedette.access.external_issuers import ExternalIssuers
from vedette.access.principals import Principal
from vedette.core.clock import SystemClock
from vedette.state.store import StateStore

TENANTS = ("aaaaaaaa-0000-4000-8000-000000000001", "aaaaaaaa-0000-4000-8000-000000000002")
ISSUERS = tuple(f"https://login.example.com/{tenant}/v2.0" for tenant in TENANTS)
GROUP, OTHER = "bbbbbbbb-0000-4000-8000-000000000001", "bbbbbbbb-0000-4000-8000-000000000002"
MORE = "bbbbbbbb-0000-4000-8000-000000000003"


@pytest.fixture
def directory(state: StateStore) -> Directory:
    return Directory(state, "aaaaaaaa-0000-4000-8000-00000000000f", SystemClock())


@pytest.fixture
def issuers(state: StateStore, directory: Directory) -> ExternalIssuers:
    return ExternalIssuers(ISSUERS, state, directory)


def caller(issuers: ExternalIssuers, tenant: int, *groups: object) -> Principal:
    oid = f"cccccccc-0000-4000-8000-00000000000{tenant}"
    return issuers.principal({"iss": ISSUERS[tenant], "tid": TENANTS[tenant], "oid": oid, "groups": list(groups)})


def test_groups_are_those_of_the_tokens_own_tenant(issuers: ExternalIssuers) -> None:
    assert caller(issuers, 0, GROUP.upper(), OTHER).groups == {GROUP, OTHER}
    assert caller(issuers, 1, GROUP).groups == set()
    assert caller(issuers, 1, OTHER, MORE).groups == {MORE}
    assert caller(issuers, 0, GROUP, MORE).groups == {GROUP}
    assert caller(issuers, 0, "no-guid", 7, None).groups == set()


def test_a_group_of_this_directory_is_nobodys_to_name(
    state: StateStore, directory: Directory, issuers: ExternalIssuers
) -> None:
    group = DirectoryObject(GROUP, Kind.GROUP, {"displayName": "admins"}, {})
    with state.transaction() as transaction:
        put_object(transaction, directory.tenant_id, group)
    assert caller(issuers, 0, GROUP, OTHER).groups == {OTHER}


def test_no_more_groups_are_taken_than_a_token_may_have(issuers: ExternalIssuers) -> None:
    many = [f"dddddddd-0000-4000-8000-{number:012x}" for number in range(250)]
    assert len(caller(issuers, 0, *many).groups) == 200


@pytest.mark.parametrize("payload", [b"[" * 10_000, b'{"iss": ["x"]}', b'{"iss": {}}', b"1"])
def test_what_is_no_token_is_of_no_issuer(issuers: ExternalIssuers, payload: bytes) -> None:
    encoded = base64.urlsafe_b64encode(payload).rstrip(b"=").decode()
    assert not issuers.issued(f"eyJhbGciOiJSUzI1NiJ9.{encoded}.AAAA")
