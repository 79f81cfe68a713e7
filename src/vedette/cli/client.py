"""Speaks to the running server over its public APIs: the token endpoint, the query API, the Data Collector."""

import base64
import hashlib
import hmac
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

import httpx

from vedette.cli.ready import Server
from vedette.content.refused import Refused
from vedette.core.errors import Unavailable

_CONNECT_SECONDS = 10.0
_QUERY_SECONDS = 630.0  # the longest that the query API lets a query run, and the answer's way back
_UPLOAD_SECONDS = 1800.0  # of a file that is taken in as it comes
_COLLECTOR_PATH = "/api/logs"
_COLLECTOR_VERSION = "2016-04-01"
_JSON = "application/json"


class Client:
    """Connections to one server. Nothing is retried: what fails is said."""

    def __init__(self, server: Server, http: httpx.Client) -> None:
        self.server = server
        self._http = http
        self._token: str | None = None

    def get(self, path: str, params: Mapping[str, str] | None = None) -> dict[str, Any]:
        """The JSON object at a path, asked for with a token. Raises Refused and Unavailable."""
        return self._json(self._send("GET", path, headers=self._bearer(), params=dict(params) if params else None))

    def send(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Send a change with a token; gives the JSON object answered, empty where none is. Raises Refused and
        Unavailable."""
        sent: dict[str, Any] = {} if body is None else {"json": body}
        answer = self._send(method, path, headers=self._bearer(), **sent)
        return self._json(answer) if answer.content else {}

    def put_file(self, url: str, content: bytes) -> None:
        """Send a file to an address of the server's that is signed. Raises Refused and Unavailable."""
        address = url.removeprefix(self.server.https)
        headers = {"Content-Type": "application/octet-stream", "x-ms-blob-type": "BlockBlob"}
        self._send("PUT", address, headers=headers, content=content, timeout=_UPLOAD_SECONDS)

    def backup(self) -> Iterator[bytes]:
        """The server's backup in pieces. Raises Refused and Unavailable."""
        try:
            with self._http.stream("POST", "/vedette/backup", headers=self._bearer()) as answer:
                if not answer.is_success:
                    answer.read()
                    raise _refused(answer)
                yield from answer.iter_bytes()
        except httpx.HTTPError as error:
            raise Unavailable(
                "ConnectionFailed", f"The backup was cut off: {error or type(error).__name__}."
            ) from error

    def lines(self, path: str, body: Mapping[str, Any], last_event_id: str) -> Iterator[str]:
        """The lines of a stream of events that a POST begins, as they come. Raises Refused and Unavailable."""
        headers = self._bearer() | {"Accept": "text/event-stream"}
        headers |= {"Last-Event-ID": last_event_id} if last_event_id else {}
        try:
            with self._http.stream("POST", path, headers=headers, json=body) as answer:
                if not answer.is_success:
                    answer.read()
                    raise _refused(answer)
                yield from answer.iter_lines()
        except httpx.ConnectError as error:
            raise Unavailable("NoServer", _unreachable(self.server, error)) from error

    def query(self, text: str, timespan: str | None) -> dict[str, Any]:
        """The query API's answer, as it was sent. Raises Refused and Unavailable."""
        path = f"/v1/workspaces/{self.server.workspace_id}/query"
        headers = self._bearer() | {"Prefer": "wait=600"}
        return self._json(self._send("POST", path, headers=headers, json={"query": text, "timespan": timespan}))

    def explain(self, text: str, timespan: str | None) -> dict[str, Any]:
        """How the server would run a query. Raises Refused and Unavailable."""
        path = f"/vedette/workspaces/{self.server.workspace_id}/explain"
        return self._json(self._send("POST", path, headers=self._bearer(), json={"query": text, "timespan": timespan}))

    def explain_policies(self, resource: str, assignment: str) -> dict[str, Any]:
        """Why a resource complies with policies or not. Raises Refused and Unavailable."""
        asked = {"resource": resource} | ({"assignment": assignment} if assignment else {})
        return self._json(self._send("GET", f"/vedette/policy/explain?{urlencode(asked)}", headers=self._bearer()))

    def post_records(self, log_type: str, body: bytes, now: datetime, headers: Mapping[str, str]) -> None:
        """Send one signed Data Collector post; it is on the server's disk on return. Raises Refused and Unavailable."""
        date = format_datetime(now, usegmt=True)
        signed = f"POST\n{len(body)}\n{_JSON}\nx-ms-date:{date}\n{_COLLECTOR_PATH}"
        key = base64.b64decode(self.server.primary_shared_key)
        signature = base64.b64encode(hmac.digest(key, signed.encode(), hashlib.sha256)).decode()
        own = {
            "Authorization": f"SharedKey {self.server.workspace_id}:{signature}",
            "Content-Type": _JSON,
            "Log-Type": log_type,
            "x-ms-date": date,
        }
        path = f"{_COLLECTOR_PATH}?api-version={_COLLECTOR_VERSION}"
        self._send("POST", path, headers={**headers, **own}, content=body)

    def post_rows(self, table: str, body: bytes, request_id: str) -> None:
        """Store rows of a table of the server's own schema; they are on its disk on return. Raises Refused and
        Unavailable."""
        path = f"/vedette/workspaces/{self.server.workspace_id}/tables/{table}/rows"
        headers = self._bearer() | {"Content-Type": _JSON, "x-ms-client-request-id": request_id}
        self._send("POST", path, headers=headers, content=body)

    def post_lines(self, table: str, body: bytes, origin: Mapping[str, str], request_id: str) -> None:
        """Store lines of text in a custom table, each a row; `origin` is put into the columns that it names.

        They are on the server's disk on return. Raises Refused and Unavailable.
        """
        path = f"/vedette/workspaces/{self.server.workspace_id}/tables/{table}/lines"
        headers = self._bearer() | {"Content-Type": "text/plain", "x-ms-client-request-id": request_id}
        self._send("POST", path, headers=headers, params=dict(origin), content=body)

    def _bearer(self) -> dict[str, str]:
        if self._token is None:
            form = {
                "grant_type": "client_credentials",
                "client_id": self.server.client_id,
                "client_secret": self.server.client_secret,
                "scope": f"{self.server.https}/.default",
            }
            answer = self._send("POST", f"/{self.server.tenant_id}/oauth2/v2.0/token", data=form)
            self._token = str(self._json(answer)["access_token"])
        return {"Authorization": f"Bearer {self._token}"}

    def _send(self, method: str, path: str, **request: Any) -> httpx.Response:
        try:
            answer = self._http.request(method, path, **request)
        except httpx.ConnectError as error:
            raise Unavailable("NoServer", _unreachable(self.server, error)) from error
        except httpx.HTTPError as error:
            reason = str(error) or type(error).__name__
            raise Unavailable("ConnectionFailed", f"The connection to {self.server.https} failed: {reason}.") from error
        if not answer.is_success:
            raise _refused(answer)
        return answer

    def _json(self, answer: httpx.Response) -> dict[str, Any]:
        told = answer.json()
        if not isinstance(told, dict):
            raise Unavailable("NotVedette", f"What answers at {answer.url} is not a Vedette server.")
        return told


@contextmanager
def connected(server: Server) -> Iterator[Client]:
    """A client of that server, which trusts its CA alone and goes through no proxy. Raises Unavailable."""
    try:
        context = ssl.create_default_context(cafile=server.ca)
    except OSError as error:
        raise Unavailable("NoServer", f"The server's CA '{server.ca}' cannot be read: {error.strerror}.") from error
    timeout = httpx.Timeout(_QUERY_SECONDS, connect=_CONNECT_SECONDS)
    with httpx.Client(base_url=server.https, verify=context, timeout=timeout, trust_env=False) as http:
        yield Client(server, http)


def _unreachable(server: Server, error: httpx.ConnectError) -> str:
    return (
        f"No server answers at {server.https} ({error}). Its ready file '{server.ready_file}' is there, so it was cut "
        "off rather than stopped. Start it again with: vedette up"
    )


def _refused(answer: httpx.Response) -> Refused:
    """The answer's error, in whichever of the APIs' envelopes it came."""
    try:
        body = answer.json()
    except ValueError:
        body = None
    match body:
        case {"error": {"code": str(code), "message": str(message)}}:
            pass
        case {"Error": str(code), "Message": str(message)}:
            pass
        case {"error": str(code), "error_description": str(message)}:
            pass
        case _:
            code, message = f"HTTP{answer.status_code}", f"The server answered {answer.status_code} {answer.url.path}."
    return Refused(answer.status_code, code, message, body if isinstance(body, dict) else {})
