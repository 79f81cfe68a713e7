"""A session of msgraph-sdk, run by the Python that has it: `msgraph_session.py READY`. Says what it found, as JSON.

https://github.com/microsoftgraph/msgraph-sdk-python
"""

import asyncio
import json
import ssl
import sys
from pathlib import Path
from typing import Any

import httpx
from azure.identity import ClientSecretCredential
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.models.alert import Alert as LegacyAlert
from msgraph.generated.models.alert_status import AlertStatus as LegacyStatus
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.security.alert import Alert
from msgraph.generated.models.security.alert_classification import AlertClassification
from msgraph.generated.models.security.alert_status import AlertStatus
from msgraph.generated.models.security.incident import Incident
from msgraph.generated.models.security.incident_status import IncidentStatus
from msgraph.generated.models.security_vendor_information import SecurityVendorInformation


def client(ready: dict[str, str]) -> GraphServiceClient:
    """A client of the server, which is asked by the name that it has."""
    credential = ClientSecretCredential(
        ready["tenant_id"],
        ready["client_id"],
        ready["client_secret"],
        authority=ready["https"],
        disable_instance_discovery=True,
        connection_verify=ready["ca"],
    )
    host = ready["https"].removeprefix("https://").partition(":")[0]
    provider = AzureIdentityAuthenticationProvider(
        credential, scopes=["https://graph.microsoft.com/.default"], allowed_hosts=[host]
    )
    web = httpx.AsyncClient(verify=ssl.create_default_context(cafile=ready["ca"]), trust_env=False)
    adapter = GraphRequestAdapter(provider, client=web)
    adapter.base_url = f"{ready['https']}/v1.0"
    return GraphServiceClient(request_adapter=adapter)


async def main(ready: dict[str, str]) -> dict[str, Any]:
    """What the client finds and changes."""
    graph = client(ready)
    alerts = graph.security.alerts_v2
    found = await alerts.get(_asked(alerts, filter="title eq 'web01 beats'", count=True))
    assert found is not None
    assert found.value
    alert = found.value[0]
    changed = await alerts.by_alert_id(str(alert.id)).patch(
        Alert(status=AlertStatus.InProgress, classification=AlertClassification.TruePositive, assigned_to="sdk")
    )
    assert changed is not None
    incidents = graph.security.incidents
    incident = await incidents.by_incident_id(str(alert.incident_id)).get(
        _asked(incidents.by_incident_id("1"), expand=["alerts"])
    )
    assert incident is not None
    resolved = await incidents.by_incident_id(str(alert.incident_id)).patch(
        Incident(status=IncidentStatus.Resolved, custom_tags=["sdk"])
    )
    assert resolved is not None
    legacy = graph.security.alerts
    first = await legacy.get(_asked(legacy, filter="vendorInformation/provider eq 'Azure Sentinel'", top=1))
    assert first is not None
    await legacy.by_alert_id(str(alert.id)).patch(
        LegacyAlert(
            status=LegacyStatus.Resolved,
            vendor_information=SecurityVendorInformation(provider="Azure Sentinel", vendor="Microsoft"),
        )
    )
    last = await alerts.by_alert_id(str(alert.id)).get()
    assert last is not None
    scores = await graph.security.secure_scores.get()
    try:
        await alerts.by_alert_id("nobody").get()
        refused = ""
    except ODataError as error:
        refused = str(error.error.code) if error.error else ""
    return {
        "count": found.odata_count,
        "severity": str(alert.severity),
        "evidence": sorted(type(each).__name__ for each in alert.evidence or ()),
        "source": str(alert.service_source),
        "changed": [str(changed.status), str(changed.classification), changed.assigned_to],
        "incident": [incident.display_name, [each.id == alert.id for each in incident.alerts or ()]],
        "resolved": [str(resolved.status), resolved.custom_tags],
        "pages": [len(first.value or ()), bool(first.odata_next_link)],
        "last": str(last.status),
        "scores": [] if scores is None else scores.value,
        "refused": refused,
    }


def _asked(builder: Any, **options: Any) -> RequestConfiguration[Any]:
    """The query options of a request builder, whose class for them is named after it."""
    name = f"{type(builder).__name__}GetQueryParameters"
    return RequestConfiguration(query_parameters=getattr(builder, name)(**options))


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(json.loads(Path(sys.argv[1]).read_text())))))
