"""Dedicated clusters: written down for scripts that make one; no workspace is ever put into it.

https://learn.microsoft.com/rest/api/loganalytics/clusters
"""

from email.utils import format_datetime

from vedette.arm.call import Call
from vedette.arm.context import Context
from vedette.arm.resource import PATCHED_METHODS, Body, Resource, readable
from vedette.arm.shapes import any_text, anything, fields, one_of, one_of_numbers, truth, whole
from vedette.state.documents import Document
from vedette.state.store import Transaction

CLUSTER = "Microsoft.OperationalInsights/clusters"
_SMALLEST = 100

_sku = fields(
    {
        "name": one_of("CapacityReservation"),
        "capacity": one_of_numbers(_SMALLEST, 200, 300, 400, 500, 1000, 2000, 5000, 10000, 25000, 50000),
    },
    required=("name", "capacity"),
)
_key_vault = fields({"keyVaultUri": any_text, "keyName": any_text, "keyVersion": any_text, "keyRsaSize": whole})
_properties = fields(
    {
        "keyVaultProperties": _key_vault,
        "billingType": one_of("Cluster", "Workspaces"),
        "isDoubleEncryptionEnabled": truth,
        "isAvailabilityZonesEnabled": truth,
    },
    others=anything,
)


def _validate(_context: Context, _call: Call, body: Body) -> Body:
    return body | {"sku": _sku("sku", body.get("sku")), "properties": _properties("properties", body["properties"])}


def _fill(context: Context, call: Call, _transaction: Transaction, body: Body, existing: Document | None) -> Body:
    now = format_datetime(context.clock.now(), usegmt=True)
    known = existing.body["properties"] if existing else {}
    defaults = {"billingType": "Cluster", "isDoubleEncryptionEnabled": False, "isAvailabilityZonesEnabled": False}
    own = {
        "clusterId": known.get("clusterId") or context.new_id(),
        "provisioningState": "Succeeded",
        "createdDate": known.get("createdDate", now),
        "lastModifiedDate": now,
        "associatedWorkspaces": [],
        "capacityReservationProperties": {"lastSkuUpdate": now, "minCapacity": _SMALLEST},
    }
    identity = body.get("identity") or {"type": "SystemAssigned"}
    return body | {
        "properties": defaults | body["properties"] | own,
        "identity": identity,
    }


CLUSTERS = Resource(
    CLUSTER,
    key="clusterName",
    methods=PATCHED_METHODS,
    tracked=True,
    visible=readable(CLUSTER),
    read_only=frozenset(
        {
            "clusterId",
            "provisioningState",
            "createdDate",
            "lastModifiedDate",
            "associatedWorkspaces",
            "capacityReservationProperties",
        }
    ),
    validate=_validate,
    fill=_fill,
    created_status=200,
)
