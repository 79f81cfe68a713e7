"""The HTTP action: a request that leaves this server, to hosts that its settings name, made again by its policy.

https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-actions-triggers#http-action
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode, urljoin, urlsplit

from vedette.automation.workflows.definition import part
from vedette.automation.workflows.http_bodies import check_headers, received, sent_body
from vedette.automation.workflows.outcomes import Done, Later, failed
from vedette.automation.workflows.records import CREDENTIAL_HEADERS, Record
from vedette.automation.workflows.retry_policy import RETRIED, again, read_policy
from vedette.core.egress import Answer, send
from vedette.core.errors import InvalidInput, TooLarge, Unavailable
from vedette.core.outside_hosts import shown
from vedette.core.settings import EgressSettings
from vedette.expressions.errors import ExpressionError
from vedette.expressions.values import Json, text_of

SECONDS = 120.0
"""https://learn.microsoft.com/azure/logic-apps/logic-apps-limits-and-config#http-limits"""
_METHODS = frozenset({"GET", "PUT", "POST", "PATCH", "DELETE", "HEAD", "OPTIONS"})
_POLL = timedelta(seconds=10)
_MOST_REDIRECTS = 5


@dataclass(frozen=True, slots=True)
class Request:
    """What an HTTP action sends."""

    method: str
    uri: str
    headers: dict[str, str]
    body: Any = None


def request_of(record: Record) -> Request:
    """The request of an action's inputs. Raises ExpressionError."""
    inputs = part(record.inputs)
    method = text_of(inputs.get("method") or "GET").upper()
    if method not in _METHODS:
        raise ExpressionError(f"The method '{method[:20]}' is not one of {', '.join(sorted(_METHODS))}.")
    queries = {name: text_of(value) for name, value in part(inputs.get("queries")).items()}
    uri = text_of(inputs.get("uri"))
    if queries:
        uri += ("&" if "?" in uri else "?") + urlencode(queries, quote_via=quote)
    headers = {name: text_of(value) for name, value in part(inputs.get("headers")).items()}
    if inputs.get("cookie"):
        headers["Cookie"] = text_of(inputs["cookie"])
    check_headers(headers, "ascii")
    return Request(method, uri, headers, inputs.get("body"))


def authenticated(request: Request, authentication: Json) -> Request:
    """The request with what shows who sends it. Raises ExpressionError for a kind that there is not here."""
    kind = text_of(authentication.get("type")).lower()
    match kind:
        case "":
            return request
        case "basic":
            pair = f"{text_of(authentication.get('username'))}:{text_of(authentication.get('password'))}"
            value = "Basic " + base64.b64encode(pair.encode()).decode()
        case "raw":
            value = text_of(authentication.get("value"))
        case _:
            raise ExpressionError(
                f"Authentication of type '{text_of(authentication.get('type'))[:40]}' is not supported for this host: "
                "there is Basic and Raw, and ManagedServiceIdentity for this server's own management API."
            )
    return Request(request.method, request.uri, {**request.headers, "Authorization": value}, request.body)


def carry_out(record: Record, action: Json, settings: EgressSettings, now: datetime) -> Done | Later:
    """Make the request, once; what failed in passing is made again later. Raises ExpressionError."""
    policy = read_policy(part(record.inputs).get("retryPolicy"))
    request = authenticated(request_of(record), part(part(record.inputs).get("authentication")))
    polling = record.state.get("poll")
    if polling:
        headers = headers_for_next(request.headers, request.uri, polling)
        request = Request("GET", polling, {k: v for k, v in headers.items() if k.lower() != "content-type"})
    try:
        answer = _exchanged(request, settings)
    except (InvalidInput, TooLarge) as error:
        return failed(error.code, error.message)
    except Unavailable as error:
        return again(record, policy, now, error.code, error.message, None)
    outputs = {
        "statusCode": answer.status,
        "headers": _plain(answer.headers),
        "body": received(answer.body, answer.headers),
    }
    if answer.status in RETRIED:
        return again(record, policy, now, _status_code(answer.status), _answered(request, answer.status), outputs)
    if answer.status == HTTPStatus.ACCEPTED and _is_asynchronous(action, answer.headers):
        pause = answer.headers.get("retry-after", "")
        wait = timedelta(seconds=min(int(pause), 3600)) if pause.isdecimal() else _POLL
        return Later(now + wait, {**record.state, "poll": urljoin(request.uri, answer.headers["location"])})
    if answer.status >= HTTPStatus.BAD_REQUEST:
        return failed(_status_code(answer.status), _answered(request, answer.status), outputs)
    return Done(outputs, code=_status_code(answer.status))


def _exchanged(request: Request, settings: EgressSettings) -> Answer:
    headers = dict(request.headers)
    content = sent_body(request.body, headers)
    seconds = min(settings.seconds, SECONDS)
    method, uri = request.method, request.uri
    for _ in range(_MOST_REDIRECTS + 1):
        answer = send(method, uri, settings, headers=headers, body=content or b"", seconds=seconds)
        place = answer.headers.get("location")
        if method not in ("GET", "HEAD") or place is None or not 300 <= answer.status < 400:
            return answer
        sent_on = urljoin(uri, place)
        headers = headers_for_next(headers, uri, sent_on)
        uri = sent_on
    raise Unavailable("EgressFailed", f"'{shown(uri)}' is redirected too often.")


def headers_for_next(headers: Mapping[str, str], uri: str, following: str) -> dict[str, str]:
    """What is sent to the address that an answer names: what shows who asks is for no other host, port or scheme."""
    one, other = urlsplit(uri), urlsplit(following)
    if (one.scheme, one.netloc) == (other.scheme, other.netloc):
        return dict(headers)
    return {name: value for name, value in headers.items() if name.lower() not in CREDENTIAL_HEADERS}


def _is_asynchronous(action: Json, headers: Mapping[str, str]) -> bool:
    options = str(action.get("operationOptions") or "").lower()
    return bool(headers.get("location")) and "disableasyncpattern" not in options


def _plain(headers: Mapping[str, str]) -> Json:
    return {name.title() if name.islower() else name: value for name, value in headers.items()}


def _status_code(status: int) -> str:
    try:
        return HTTPStatus(status).phrase.replace(" ", "").replace("-", "") if status != 200 else "OK"
    except ValueError:
        return str(status)


def _answered(request: Request, status: int) -> str:
    return f"The server answered {request.method} with {status} ({_status_code(status)})."
