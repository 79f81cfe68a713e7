"""Signs Data Collector posts as the SDKs do."""

import base64
import hashlib
import hmac
from datetime import datetime
from email.utils import format_datetime
from typing import Any

import httpx
import orjson
from starlette.testclient import TestClient

from vedette.api.services import Services

PATH = "/api/logs"


def signed_headers(services: Services, body: bytes, log_type: str, *, key: str, date: datetime) -> dict[str, str]:
    """The headers of a post that the workspace accepts."""
    stamp = format_datetime(date, usegmt=True)
    text = f"POST\n{len(body)}\napplication/json\nx-ms-date:{stamp}\n{PATH}"
    digest = hmac.new(base64.b64decode(key), text.encode(), hashlib.sha256).digest()
    return {
        "Authorization": f"SharedKey {services.estate.workspace_id}:{base64.b64encode(digest).decode()}",
        "Content-Type": "application/json",
        "Log-Type": log_type,
        "x-ms-date": stamp,
    }


def post(
    client: TestClient,
    services: Services,
    content: Any,
    log_type: str,
    *,
    key: str | None = None,
    headers: dict[str, str] | None = None,
    query: str = "?api-version=2016-04-01",
) -> httpx.Response:
    """Post records (or raw bytes), signed; `headers` replace or add, an empty key takes the primary one."""
    body = content if isinstance(content, bytes) else orjson.dumps(content)
    signed = signed_headers(
        services, body, log_type, key=key or services.estate.primary_shared_key, date=services.wall_clock.now()
    )
    return client.post(f"{PATH}{query}", content=body, headers={**signed, **(headers or {})})
