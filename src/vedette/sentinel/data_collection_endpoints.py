"""Data collection endpoints: where senders of records are told to go; all of them lead to this server.

https://learn.microsoft.com/rest/api/monitor/data-collection-endpoints/create
"""

import hashlib
from typing import Any
from urllib.parse import urlsplit

from vedette.access.public_names import is_public_name
from vedette.arm.call import Call
from vedette.arm.context import Context
from vedette.arm.resource import PATCHED_METHODS, Body, Resource
from vedette.core.errors import InvalidInput
from vedette.state.documents import Document
from vedette.state.store import Transaction

DATA_COLLECTION_ENDPOINT = "Microsoft.Insights/dataCollectionEndpoints"
_ACCESS = ("Enabled", "Disabled", "SecuredByPerimeter")
_KINDS = ("Linux", "Windows")
_PUBLIC_SUFFIX = "ingest.monitor.azure.com"


def ingestion_endpoint(base: str, resource_id: str) -> str:
    """The address that records are sent to: this server's, as the caller knows it (`base`), or, for one who knows it by
    Azure's names, one of these."""
    if not is_public_name(urlsplit(base).hostname or ""):
        return base
    name = resource_id.rpartition("/")[2].lower()
    return f"https://{name}-{hashlib.sha256(resource_id.lower().encode()).hexdigest()[:4]}.{_PUBLIC_SUFFIX}"


def new_immutable_id(context: Context, prefix: str) -> str:
    """`dcr-` or `dce-` and 32 hexadecimal digits."""
    return f"{prefix}-{context.new_id().replace('-', '').lower()}"


def _validate(_context: Context, _call: Call, body: Body) -> Body:
    kind = body.get("kind")
    if kind not in (None, "", *_KINDS):
        raise InvalidInput(
            "InvalidPayload", f"'kind' is '{kind}'; an endpoint's is {' or '.join(_KINDS)}.", target="kind"
        )
    rules = body["properties"].get("networkAcls")
    access = rules.get("publicNetworkAccess", "Enabled") if isinstance(rules, dict) else "Enabled"
    if rules is not None and (not isinstance(rules, dict) or access not in _ACCESS):
        raise InvalidInput(
            "InvalidPayload",
            f"'properties.networkAcls.publicNetworkAccess' must be one of: {', '.join(_ACCESS)}.",
            target="properties.networkAcls.publicNetworkAccess",
        )
    return body


def _fill(context: Context, _call: Call, _transaction: Transaction, body: Body, existing: Document | None) -> Body:
    known: dict[str, Any] = existing.body["properties"] if existing else {}
    filled = {
        "immutableId": known.get("immutableId") or new_immutable_id(context, "dce"),
        "networkAcls": body["properties"].get("networkAcls")
        or known.get("networkAcls")
        or {"publicNetworkAccess": "Enabled"},
        "provisioningState": "Succeeded",
    }
    return body | {"properties": body["properties"] | filled}


def _show(_context: Context, call: Call, document: Document) -> Body:
    address = {"endpoint": ingestion_endpoint(call.base, document.id)}
    places = dict.fromkeys(("configurationAccess", "logsIngestion", "metricsIngestion"), address)
    return document.body | {"properties": document.body["properties"] | places}


DATA_COLLECTION_ENDPOINTS = Resource(
    DATA_COLLECTION_ENDPOINT,
    key="dataCollectionEndpointName",
    read_only=frozenset(
        {
            "immutableId",
            "configurationAccess",
            "logsIngestion",
            "metricsIngestion",
            "provisioningState",
            "privateLinkScopedResources",
            "failoverConfiguration",
            "metadata",
        }
    ),
    tracked=True,
    methods=PATCHED_METHODS,
    validate=_validate,
    fill=_fill,
    show=_show,
)
