"""OpenTelemetry log records as rows of OTelLogs.

https://opentelemetry.io/docs/specs/otel/logs/data-model/
https://learn.microsoft.com/azure/azure-monitor/reference/tables/otellogs
"""

import base64
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import orjson

from vedette.formats.rows import Row, TableRow

if TYPE_CHECKING:
    from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
    from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
    from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord

OTEL_LOGS: Final = "OTelLogs"
DEPTH: Final = 32

_RESOURCE = {
    "service.name": "ServiceName",
    "service.namespace": "ServiceNamespace",
    "service.instance.id": "ServiceInstanceId",
    "service.version": "ServiceVersion",
    "deployment.environment": "DeploymentEnvironmentName",
    "deployment.environment.name": "DeploymentEnvironmentName",
    "k8s.container.name": "K8sContainerName",
    "k8s.namespace.name": "K8sNamespaceName",
    "k8s.pod.name": "K8sPodName",
}
_RECORD = {
    "client.address": "ClientIP",
    "session.id": "SessionId",
    "enduser.id": "EndUserId",
    "user.id": "UserId",
}
_AFTER_THE_LAST = 253_402_300_800_000_000_000  # nanoseconds from 1970 to the year 10000


class TooDeep(ValueError):
    """A value lies in more than DEPTH others."""


def otlp_rows(request: "ExportLogsServiceRequest", received: datetime) -> Iterator[TableRow]:
    """The rows of a request. Raises TooDeep."""
    for resource in request.resource_logs:
        attributes = _attributes(resource.resource.attributes)
        about = {column: str(attributes[name]) for name, column in _RESOURCE.items() if attributes.get(name)}
        namespace, service = about.get("ServiceNamespace"), about.get("ServiceName", "")
        about["RoleName"] = f"{namespace}.{service}" if namespace else service
        for scope in resource.scope_logs:
            own = {"ScopeName": scope.scope.name, "ScopeVersion": scope.scope.version}
            for record in scope.log_records:
                row = about | own | _record(record, received) | {"ResourceAttributes": attributes or None}
                yield TableRow(OTEL_LOGS, {name: value for name, value in row.items() if value not in (None, "")})


def _record(record: "LogRecord", received: datetime) -> Row:
    attributes = _attributes(record.attributes)
    named = {column: str(attributes[name]) for name, column in _RECORD.items() if attributes.get(name)}
    if record.event_name:
        attributes.setdefault("event.name", record.event_name)
    body = _value(record.body)
    return named | {
        "TimeGenerated": _instant(record.time_unix_nano) or _instant(record.observed_time_unix_nano) or received,
        "Body": body if isinstance(body, str) or body is None else orjson.dumps(body).decode(),
        "SeverityNumber": record.severity_number or None,
        "SeverityText": record.severity_text,
        "SeverityLevel": _severity_level(record.severity_number),
        "TraceId": record.trace_id.hex(),
        "SpanId": record.span_id.hex(),
        "DroppedAttributesCount": min(record.dropped_attributes_count, 2**31 - 1),
        "Attributes": attributes or None,
    }


def _severity_level(number: int) -> int | None:
    """Application Insights' levels: 0 verbose, 1 information, 2 warning, 3 error, 4 critical."""
    return max(0, (number - 1) // 4 - 1) if 1 <= number <= 24 else None


def _instant(nanoseconds: int) -> datetime | None:
    if not 0 < nanoseconds < _AFTER_THE_LAST:
        return None
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest // 1000)


def _attributes(pairs: "Iterable[KeyValue]", depth: int = 0) -> dict[str, Any]:
    return {pair.key: _value(pair.value, depth) for pair in pairs}


def _value(value: "AnyValue", depth: int = 0) -> Any:
    """The value as JSON has it, bytes in base64."""
    if depth > DEPTH:
        raise TooDeep(f"A value lies in more than {DEPTH} others.")
    kind = value.WhichOneof("value")
    match kind:
        case "array_value":
            return [_value(each, depth + 1) for each in value.array_value.values]
        case "kvlist_value":
            return _attributes(value.kvlist_value.values, depth + 1)
        case "bytes_value":
            return base64.b64encode(value.bytes_value).decode()
        case None:
            return None
        case _:
            return getattr(value, kind)
