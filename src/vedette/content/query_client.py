"""Speaks the query API of this server or of Azure: tokens, and waiting where it is asked too much.

https://learn.microsoft.com/azure/azure-monitor/logs/api/overview
"""

import threading
import time
from typing import Any, Final, cast

import httpx

from vedette.content.credentials import Credential, refused
from vedette.core.errors import Unavailable

AZURE_QUERY: Final = "https://api.loganalytics.azure.com"
QUERY_TIMEOUT: Final = httpx.Timeout(630.0, connect=10.0)
"""The longest that the API lets a query run, and the answer's way back."""

_TRIES = 5
_LONGEST_PAUSE = 60.0
_EARLY = 300.0  # seconds before its end at which a token is replaced


class QueryClient:
    """Asks one query endpoint; its methods may be called from any thread."""

    def __init__(self, http: httpx.Client, endpoint: str, credential: Credential) -> None:
        self._http = http
        self.endpoint = endpoint.rstrip("/")
        self._credential = credential
        self._signing_in = threading.Lock()
        self._token = ""
        self._until = 0.0

    def query(self, workspace_id: str, text: str, timespan: str | None = None) -> dict[str, Any]:
        """The answer as it was sent. `timespan` is an ISO 8601 duration or interval. Raises Refused, Unavailable."""
        body = {"query": text} if timespan is None else {"query": text, "timespan": timespan}
        url = f"{self.endpoint}/v1/workspaces/{workspace_id}/query"
        for left in reversed(range(_TRIES)):
            headers = {"Authorization": f"Bearer {self._bearer()}", "Prefer": "wait=600"}
            try:
                answer = self._http.post(url, json=body, headers=headers)
            except httpx.TransportError as error:
                told = str(error) or type(error).__name__
                raise Unavailable("ConnectionFailed", f"{self.endpoint} cannot be reached: {told}.") from error
            if answer.is_success:
                return cast("dict[str, Any]", answer.json())
            if answer.status_code != 429 or not left:
                raise refused(answer)
            time.sleep(_pause(answer, _TRIES - left))
        raise AssertionError

    def _bearer(self) -> str:
        with self._signing_in:
            if not self._token or time.monotonic() > self._until:
                given = self._credential.token(self._http, f"{self.endpoint}/.default")
                self._token = given.text
                self._until = time.monotonic() + max(0.0, given.seconds - _EARLY)
            return self._token


def _pause(answer: httpx.Response, turn: int) -> float:
    said = answer.headers.get("retry-after", "")
    return min(float(said), _LONGEST_PAUSE) if said.isdigit() else min(0.5 * 2**turn, _LONGEST_PAUSE)
