"""Speaks the query API of this server or of Azure: tokens, and waiting where it is asked too much.

https://learn.microsoft.com/azure/azure-monitor/logs/api/overview
"""

import time
from typing import Any, Final, cast

import httpx

from vedette.content.credentials import Bearer, Credential, refused, unreachable
from vedette.content.pauses import pause

AZURE_QUERY: Final = "https://api.loganalytics.azure.com"
QUERY_TIMEOUT: Final = httpx.Timeout(630.0, connect=10.0)
"""The longest that the API lets a query run, and the answer's way back."""

_TRIES = 5
_LONGEST_PAUSE = 60.0


class QueryClient:
    """Asks one query endpoint; its methods may be called from any thread."""

    def __init__(self, http: httpx.Client, endpoint: str, credential: Credential) -> None:
        self._http = http
        self.endpoint = endpoint.rstrip("/")
        self._bearer = Bearer(http, self.endpoint, credential)

    def query(self, workspace_id: str, text: str, timespan: str | None = None) -> dict[str, Any]:
        """The answer as it was sent. `timespan` is an ISO 8601 duration or interval. Raises Refused, Unavailable."""
        body = {"query": text} if timespan is None else {"query": text, "timespan": timespan}
        url = f"{self.endpoint}/v1/workspaces/{workspace_id}/query"
        for left in reversed(range(_TRIES)):
            headers = {"Authorization": f"Bearer {self._bearer.text()}", "Prefer": "wait=600"}
            try:
                answer = self._http.post(url, json=body, headers=headers)
            except httpx.TransportError as error:
                raise unreachable(self.endpoint, error) from error
            if answer.is_success:
                return cast("dict[str, Any]", answer.json())
            if answer.status_code != 429 or not left:
                raise refused(answer)
            time.sleep(pause(_TRIES - left, answer.headers, start=1.0, longest=_LONGEST_PAUSE))
        raise AssertionError
