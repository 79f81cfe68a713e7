"""Conditions over what Graph shows: what the store answers is what holds when each object is looked at."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.access.workspaces import Workspace
from vedette.arm.odata import parse_filter
from vedette.core.clock import SystemClock
from vedette.core.ids import new_id
from vedette.detect.entity_documents import ENTITY
from vedette.graph_security.collections import NEWEST_ALERTS, Tenant
from vedette.graph_security.conditions import holds
from vedette.graph_security.evidence import evidence_of
from vedette.graph_security.listing import Asked, listed, number
from vedette.state.documents import Document
from vedette.state.store import StateStore

RESOURCE_ID = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.OperationalInsights/workspaces/ws"
WORKSPACE = Workspace("cccccccc-0000-4000-8000-000000000003", "ws", RESOURCE_ID, "", "")
ALERTS = [
    {
        "severity": severity,
        "status": status,
        "productName": product,
        "alertDisplayName": f"Alert {number % 3}",
        "timeGenerated": f"2024-05-{number % 20 + 1:02}T00:00:00Z",
        "tactics": ["Execution"][: number % 2],
    }
    for number, (severity, status, product) in enumerate(
        (severity, status, product)
        for severity in ("High", "Low", "Informational")
        for status in ("New", "InProgress", "Resolved", "Dismissed", "Unknown")
        for product in ("Azure Sentinel", "Microsoft Cloud App Security", "Somebody's")
    )
]


@pytest.fixture(scope="module")
def tenant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tenant]:
    state = StateStore(f"sqlite:///{tmp_path_factory.mktemp('state')}/state.db", SystemClock(), new_id)
    with state.transaction() as transaction:
        for number, properties in enumerate(ALERTS):
            id = f"{RESOURCE_ID}/providers/{ENTITY}/a{number}"
            body: dict[str, Any] = {"kind": "SecurityAlert", "properties": properties}
            transaction.put(id=id, type=ENTITY, scope=RESOURCE_ID, name=f"a{number}", body=body)
        body = {"kind": "Account", "properties": {"accountName": "ana"}}
        transaction.put(id=f"{RESOURCE_ID}/providers/{ENTITY}/e", type=ENTITY, scope=RESOURCE_ID, name="e", body=body)
    yield Tenant(state, "tenant", WORKSPACE.id, {RESOURCE_ID.lower(): WORKSPACE})
    state.close()


SIMPLE = st.sampled_from(
    [
        "severity eq 'high'",
        "severity ne 'LOW'",
        "severity in ('low','nonsense')",
        "severity eq 'nonsense'",
        "status eq 'new'",
        "status eq 'resolved'",
        "status eq 'dismissed'",
        "status ne 'unknown'",
        "serviceSource eq 'unknown'",
        "vendorInformation/provider eq 'MCAS'",
        "vendorInformation/provider ne 'Azure Sentinel'",
        "title eq 'alert 1'",
        "contains(title,'2')",
        "createdDateTime ge 2024-05-10T00:00:00Z",
        "createdDateTime lt 2024-05-05",
        "createdDateTime eq null",
        "assignedTo eq null",
        "category eq 'Execution'",
    ]
)
FILTERS = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("not ({})".format, inner),
    ),
    max_leaves=5,
)


@settings(max_examples=60, deadline=None)
@given(text=FILTERS, legacy=st.booleans(), top=st.integers(1, 50))
def test_pages_hold_what_the_condition_holds_for(tenant: Tenant, text: str, legacy: bool, top: int) -> None:
    collection = tenant.legacy_alerts() if legacy else tenant.alerts()
    where = parse_filter(text)
    every = [collection.show(each, True) for each in tenant.state.list(ENTITY, order=NEWEST_ALERTS) if each.name != "e"]
    wanted = [each["id"] for each in every if holds(where, each)]
    found: list[str] = []
    asked = Asked(where, NEWEST_ALERTS, top)
    while True:
        page = listed(collection, asked)
        found += [each["id"] for each in page.values]
        if page.after is None and page.offset is None:
            break
        asked = Asked(where, NEWEST_ALERTS, top, offset=page.offset or 0, after=page.after)
    assert found == wanted
    assert number(collection, where) == len(wanted)


@pytest.mark.parametrize(
    ("kind", "properties", "type", "told"),
    [
        ("Account", {"accountName": "ana", "sid": "S-1-5"}, "userEvidence", ("userAccount", "userSid", "S-1-5")),
        ("File", {"fileName": "x.exe", "directory": "C:\\"}, "fileEvidence", ("fileDetails", "filePath", "C:\\")),
        ("Process", {"processId": "0x1f"}, "processEvidence", ("processId", 31)),
        ("Process", {"processId": "none"}, "processEvidence", ("processId", None)),
        ("FileHash", {"algorithm": "SHA256", "hashValue": "ab"}, "fileHashEvidence", ("value", "ab")),
        ("AzureResource", {"resourceId": f"{RESOURCE_ID}"}, "azureResourceEvidence", ("resourceName", "ws")),
        ("RegistryKey", {"hive": "HKLM", "key": "a\\b"}, "registryKeyEvidence", ("registryKey", "a\\b")),
        ("CloudApplication", {"appId": "11394", "appName": "Box"}, "cloudApplicationEvidence", ("appId", 11394)),
        (
            "MailMessage",
            {"p1Sender": "a@b.example"},
            "analyzedMessageEvidence",
            ("p1Sender", "domainName", "b.example"),
        ),
        ("MailCluster", {"networkMessageIds": "x"}, "mailClusterEvidence", ("networkMessageIds", ["x"])),
        ("Nic", {"macAddress": "00:11"}, "nicEvidence", ("macAddress", "00:11")),
    ],
)
def test_evidence_of_an_entity(kind: str, properties: dict[str, Any], type: str, told: tuple[Any, ...]) -> None:
    now = SystemClock().now()
    document = Document("/e", ENTITY, "/", "e", "", {"kind": kind, "properties": properties}, now, now)
    evidence: Any = evidence_of(document, "2024-05-01T00:00:00Z")
    assert evidence["@odata.type"] == f"#microsoft.graph.security.{type}"
    *path, value = told
    for key in path:
        evidence = evidence[key]
    assert evidence == value
