"""What is wrong is said in the envelope of the API that was called, and leaves nothing behind."""

import base64
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from tests.clients.sdk import COLLECTOR, Ready, bearer, collect, rows, signed, web

BODY = json.dumps([{"user": "ann"}]).encode()
NOBODY = "00000000-0000-0000-0000-000000000000"


def late(ready: Ready, table: str) -> tuple[bytes, dict[str, str]]:
    date = format_datetime(datetime.now(UTC) - timedelta(minutes=16), usegmt=True)
    return BODY, signed(ready, table, BODY, **{"x-ms-date": date})


def unsigned(ready: Ready, table: str) -> tuple[bytes, dict[str, str]]:
    headers = signed(ready, table, BODY)
    del headers["Authorization"]
    return BODY, headers


def wrongly_signed(ready: Ready, table: str) -> tuple[bytes, dict[str, str]]:
    forged = {**ready, "primary_shared_key": base64.b64encode(b"another key").decode()}
    return BODY, signed(forged, table, BODY)


def signed_for_another_body(ready: Ready, table: str) -> tuple[bytes, dict[str, str]]:
    return BODY + b" ", signed(ready, table, BODY)


def unknown_workspace(ready: Ready, table: str) -> tuple[bytes, dict[str, str]]:
    return BODY, signed({**ready, "workspace_id": NOBODY}, table, BODY)


def without_log_type(ready: Ready, _table: str) -> tuple[bytes, dict[str, str]]:
    headers = signed(ready, "", BODY)
    del headers["Log-Type"]
    return BODY, headers


def body(content: bytes) -> Callable[[Ready, str], tuple[bytes, dict[str, str]]]:
    return lambda ready, table: (content, signed(ready, table, content))


def headed(**headers: str) -> Callable[[Ready, str], tuple[bytes, dict[str, str]]]:
    return lambda ready, table: (BODY, signed(ready, table, BODY, **headers))


@pytest.mark.parametrize(
    ("made", "status", "code"),
    [
        pytest.param(unsigned, 403, "InvalidAuthorization", id="no signature"),
        pytest.param(wrongly_signed, 403, "InvalidAuthorization", id="a wrong signature"),
        pytest.param(signed_for_another_body, 403, "InvalidAuthorization", id="a signature for another length"),
        pytest.param(late, 403, "InvalidAuthorization", id="a date 16 minutes ago"),
        pytest.param(unknown_workspace, 400, "InvalidCustomerId", id="an unknown workspace"),
        pytest.param(without_log_type, 400, "MissingLogType", id="no log type"),
        pytest.param(headed(**{"Content-Type": "text/csv"}), 400, "UnsupportedContentType", id="csv"),
        pytest.param(body(b""), 400, "InvalidDataFormat", id="an empty body"),
        pytest.param(body(b"user=ann"), 400, "InvalidDataFormat", id="not JSON"),
        pytest.param(body(b'[{"user": "ann"}, {"user": '), 400, "InvalidDataFormat", id="half of a body"),
        pytest.param(body(b'[{"user": "ann"}, 7]'), 400, "InvalidDataFormat", id="not records"),
        pytest.param(body(b'[{"user": "\xff"}]'), 400, "InvalidDataFormat", id="not UTF-8"),
        pytest.param(body(b'[{"a": ' + b"[" * 5000 + b"]" * 5000 + b"}]"), 400, "InvalidDataFormat", id="too deep"),
        pytest.param(body(b'[{"user": "ann"}, {"tenant": "x"}]'), 400, "InvalidDataFormat", id="a reserved property"),
        pytest.param(body(b'[{"user": "ann"}, {"RawData": "x"}]'), 400, "InvalidDataFormat", id="another"),
    ],
)
def test_a_post_that_is_refused_says_why_and_stores_nothing(
    server: Ready, made: Callable[[Ready, str], tuple[bytes, dict[str, str]]], status: int, code: str
) -> None:
    table = f"Refused{uuid4().hex}"
    collect(server, table, [{"user": "before"}])
    content, headers = made(server, table)
    with web(server) as client:
        answer = client.post(COLLECTOR, content=content, headers=headers)
    assert answer.status_code == status
    told = answer.json()
    assert set(told) == {"Error", "Message"}
    assert told["Error"] == code
    assert told["Message"].endswith(".")
    assert rows(server, f"{table}_CL | project user_s") == [["before"]]
    assert "tenant_s" not in [name for (name,) in rows(server, f"{table}_CL | getschema | project ColumnName")]


def test_31_megabytes_are_refused_as_the_documentation_says(server: Ready) -> None:
    table = f"Large{uuid4().hex}"
    content = b'[{"user": "' + b"x" * (31 * 1024 * 1024) + b'"}]'
    with web(server) as client:
        answer = client.post(COLLECTOR, content=content, headers=signed(server, table, content))
    assert answer.status_code == 404
    assert set(answer.json()) == {"Error", "Message"}
    assert queried(server, f"{table}_CL").status_code == 400


def queried(ready: Ready, text: Any, headers: dict[str, str] | None = None) -> httpx.Response:
    with web(ready) as client:
        return client.post(
            f"/v1/workspaces/{ready['workspace_id']}/query",
            json={"query": text},
            headers=bearer(ready) if headers is None else headers,
        )


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("print 1 | wehre x == 1", "SYN", id="a typo in an operator"),
        pytest.param("print x = 1 | where strlenn('a') == 1", "SEM", id="a typo in a function"),
        pytest.param("NoSuchTable", "SEM", id="an unknown table"),
        pytest.param("print 'unfinished", "SYN", id="an unfinished string"),
        pytest.param("", "SYN", id="nothing"),
        pytest.param("; DROP TABLE x", "SYN", id="SQL"),
    ],
)
def test_a_query_with_a_mistake_says_which_and_where(server: Ready, text: str, code: str) -> None:
    answer = queried(server, text)
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error["code"] == "BadArgumentError"
    finding = error["innererror"]["innererror"]
    assert finding["code"].startswith(code)
    assert finding["line"] == 1
    assert finding["message"]


@pytest.mark.parametrize("content", [b"", b"query=1", b"[]", b'{"query": 7}', b'{"timespan": "P1D"}'])
def test_a_query_request_that_is_none_is_refused(server: Ready, content: bytes) -> None:
    with web(server) as client:
        headers = bearer(server) | {"Content-Type": "application/json"}
        answer = client.post(f"/v1/workspaces/{server['workspace_id']}/query", content=content, headers=headers)
    assert answer.status_code == 400
    assert set(answer.json()["error"]) >= {"code", "message"}


def claims(ready: Ready) -> tuple[dict[str, Any], dict[str, Any], RSAKey]:
    """The header and claims of a good token, and the key that the server signs with."""
    key = RSAKey.import_key((Path(ready["ca"]).parents[1] / "tokens.key").read_bytes())
    token = jwt.decode(bearer(ready)["Authorization"].partition(" ")[2], key, algorithms=["RS256"])
    return dict(token.header), dict(token.claims), key


def expired(ready: Ready) -> str:
    header, told, key = claims(ready)
    now = int(time.time())
    return jwt.encode(header, told | {"iat": now - 7200, "nbf": now - 7200, "exp": now - 3600}, key)


def foreign(ready: Ready) -> str:
    header, told, _key = claims(ready)
    return jwt.encode(header, told, RSAKey.generate_key(2048))


def foreign_issuer(ready: Ready) -> str:
    header, told, key = claims(ready)
    return jwt.encode(header, told | {"iss": f"https://sts.windows.net/{NOBODY}/", "tid": NOBODY}, key)


def another_audience(ready: Ready) -> str:
    header, told, key = claims(ready)
    return jwt.encode(header, told | {"aud": "https://vault.azure.net"}, key)


def unprotected(ready: Ready) -> str:
    _header, told, _key = claims(ready)
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in ({"alg": "none"}, told)]
    return (b".".join(parts) + b".").decode()


@pytest.mark.parametrize("made", [expired, foreign, foreign_issuer, another_audience, unprotected])
@pytest.mark.parametrize("plane", ["query", "management"])
def test_a_token_that_does_not_verify_is_refused(server: Ready, made: Callable[[Ready], str], plane: str) -> None:
    headers = {"Authorization": f"Bearer {made(server)}"}
    answer = queried(server, "print 1", headers) if plane == "query" else managed(server, headers)
    assert answer.status_code == 401
    error = answer.json()["error"]
    assert "Token" in error["code"]
    assert error["message"]
    assert answer.headers["www-authenticate"].startswith("Bearer ")


def managed(ready: Ready, headers: dict[str, str]) -> httpx.Response:
    path = (
        f"/subscriptions/{ready['subscription_id']}/resourceGroups/{ready['resource_group']}/providers"
        f"/Microsoft.OperationalInsights/workspaces/{ready['workspace_name']}/providers/Microsoft.SecurityInsights"
        "/alertRules?api-version=2024-03-01"
    )
    with web(ready) as client:
        return client.get(path, headers=headers)


def test_no_token_is_refused_on_every_plane(server: Ready) -> None:
    for answer in (queried(server, "print 1", {}), managed(server, {})):
        assert answer.status_code == 401
        assert answer.json()["error"]["code"] == "AuthenticationFailed"
    with web(server) as client:
        for path in ("/vedette/status", "/vedette/clock", "/subscriptions?api-version=2022-12-01", "/nowhere"):
            assert client.get(path).status_code == 401, path
