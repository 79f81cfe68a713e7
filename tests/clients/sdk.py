"""The public SDKs, pointed at a live server as their own documentation says: an authority, an endpoint, a CA."""

import base64
import hashlib
import hmac
import json
import ssl
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, TypeVar

import httpx
from azure.identity import ClientSecretCredential
from azure.mgmt.loganalytics import LogAnalyticsManagementClient
from azure.mgmt.securityinsight import SecurityInsightsMgmtClient
from azure.monitor.query import LogsQueryClient, LogsQueryResult

Ready = Mapping[str, str]
Client = TypeVar("Client")
COLLECTOR = "/api/logs?api-version=2016-04-01"


def credential(ready: Ready) -> ClientSecretCredential:
    """The service principal that is Owner."""
    return ClientSecretCredential(
        ready["tenant_id"],
        ready["client_id"],
        ready["client_secret"],
        authority=ready["https"],
        disable_instance_discovery=True,
        connection_verify=ready["ca"],
    )


def logs_query_client(ready: Ready) -> LogsQueryClient:
    return LogsQueryClient(credential(ready), endpoint=ready["https"], connection_verify=ready["ca"], retry_total=0)


def management_client(kind: Callable[..., Client], ready: Ready) -> Client:
    """A client of the management plane, for the subscription."""
    return kind(
        credential(ready),
        ready["subscription_id"],
        base_url=ready["https"],
        credential_scopes=[f"{ready['https']}/.default"],
        connection_verify=ready["ca"],
        retry_total=0,
    )


def security_insights(ready: Ready) -> SecurityInsightsMgmtClient:
    return management_client(SecurityInsightsMgmtClient, ready)


def rows(ready: Ready, text: str) -> list[list[Any]]:
    """The rows of a query, all time, through the SDK."""
    answer = logs_query_client(ready).query_workspace(ready["workspace_id"], text, timespan=None)
    assert isinstance(answer, LogsQueryResult)
    return [list(row) for row in answer.tables[0].rows]


def web(ready: Ready) -> httpx.Client:
    """Plain HTTP requests, for what no SDK would send."""
    context = ssl.create_default_context(cafile=ready["ca"])
    return httpx.Client(base_url=ready["https"], verify=context, trust_env=False, timeout=60)


def bearer(ready: Ready) -> dict[str, str]:
    token = credential(ready).get_token(f"{ready['https']}/.default").token
    return {"Authorization": f"Bearer {token}"}


def signed(ready: Ready, log_type: str, body: bytes, **headers: str) -> dict[str, str]:
    """The headers of a Data Collector post of this body; `headers` are put in before the signature is made.

    https://learn.microsoft.com/azure/azure-monitor/logs/data-collector-api#authorization
    """
    sent = {"Content-Type": "application/json", "x-ms-date": format_datetime(datetime.now(UTC), usegmt=True)} | headers
    text = f"POST\n{len(body)}\n{sent['Content-Type']}\nx-ms-date:{sent['x-ms-date']}\n/api/logs"
    key = base64.b64decode(ready["primary_shared_key"])
    signature = base64.b64encode(hmac.digest(key, text.encode(), hashlib.sha256)).decode()
    return {"Log-Type": log_type, "Authorization": f"SharedKey {ready['workspace_id']}:{signature}"} | sent


def collect(ready: Ready, log_type: str, records: list[dict[str, Any]], **headers: str) -> None:
    """Post records, signed, and insist on the empty 200."""
    body = json.dumps(records).encode()
    with web(ready) as client:
        answer = client.post(COLLECTOR, content=body, headers=signed(ready, log_type, body, **headers))
    assert (answer.status_code, answer.content) == (200, b""), answer.text


def log_analytics(ready: Ready) -> LogAnalyticsManagementClient:
    return management_client(LogAnalyticsManagementClient, ready)
