"""A data collection rule as this server understands it: streams, destinations, and the flows between them.

What is published of it and means nothing here is kept in the document and left alone.
https://learn.microsoft.com/azure/azure-monitor/data-collection/data-collection-rule-structure
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

from vedette.core.errors import InvalidInput
from vedette.kql.types import ScalarType
from vedette.logs.streams import CUSTOM, MICROSOFT, WORKSPACE_TABLE, is_agent_stream, table_of_output, table_of_stream

DATA_COLLECTION_RULE: Final = "Microsoft.Insights/dataCollectionRules"
WORKSPACE_TRANSFORMS: Final = "WorkspaceTransforms"
KINDS: Final = (
    "Linux",
    "Windows",
    "All",
    "Direct",
    "AgentDirectToStore",
    "AgentSettings",
    "PlatformTelemetry",
    WORKSPACE_TRANSFORMS,
)
_PLATFORM_TELEMETRY = "PlatformTelemetry"  # whose streams are metrics of resource types
_WITHOUT_FLOWS = frozenset({"AgentSettings", WORKSPACE_TRANSFORMS})
_SENT_BY_AGENTS = frozenset({"AgentDirectToStore", _PLATFORM_TELEMETRY})

TRANSFORM: Final = "transformKql"
LOG_ANALYTICS: Final = "logAnalytics"
_DESTINATIONS = (
    LOG_ANALYTICS,
    "monitoringAccounts",
    "eventHubs",
    "eventHubsDirect",
    "storageBlobsDirect",
    "storageTablesDirect",
    "storageAccounts",
    "microsoftFabric",
    "azureDataExplorer",
)
_ONE_DESTINATION = "azureMonitorMetrics"

_DATA_SOURCES = (
    "performanceCounters",
    "windowsEventLogs",
    "syslog",
    "extensions",
    "logFiles",
    "iisLogs",
    "windowsFirewallLogs",
    "prometheusForwarder",
    "platformTelemetry",
    "etwProviders",
    "otelLogs",
    "otelMetrics",
    "otelTraces",
)

_TYPES: Mapping[str, ScalarType] = {
    "string": ScalarType.string,
    "int": ScalarType.int,
    "long": ScalarType.long,
    "real": ScalarType.real,
    "boolean": ScalarType.bool,
    "datetime": ScalarType.datetime,
    "dynamic": ScalarType.dynamic,
}

Columns = Mapping[str, ScalarType]


@dataclass(frozen=True, slots=True)
class Flow:
    """Streams that go, transformed by `transform`, to a table of each workspace in `workspaces` (ARM ids, in lower
    case). `elsewhere` are the kinds of destinations that are not workspaces. `output` is the output stream."""

    streams: tuple[str, ...]
    workspaces: tuple[str, ...]
    elsewhere: tuple[str, ...]
    transform: str
    output: str | None


@dataclass(frozen=True, slots=True)
class CollectionRule:
    """A rule: what its own streams have for columns, its workspaces by the name of the destination, and its flows."""

    kind: str | None
    streams: Mapping[str, Columns]
    workspaces: Mapping[str, str]
    flows: tuple[Flow, ...]


@dataclass(slots=True)
class Problems:
    """What is wrong with a rule, each with its place, told together."""

    found: list[dict[str, str]] = field(default_factory=list[dict[str, str]])

    def add(self, code: str, message: str, target: str) -> None:
        """Note one."""
        self.found.append({"code": code, "message": message, "target": target})

    def raise_any(self) -> None:
        """Raises InvalidInput (InvalidPayload) with all of them as `details`."""
        if self.found:
            raise InvalidInput("InvalidPayload", "Data collection rule is invalid", details=self.found)


def parse_rule(kind: Any, properties: Mapping[str, Any], problems: Problems) -> CollectionRule:
    """The rule that properties describe; what is wrong with them goes into `problems`, and is left out."""
    kind = _kind(kind, problems)
    streams = _streams(properties.get("streamDeclarations"), problems)
    workspaces, others = _destinations(properties.get("destinations"), problems)
    _check_sources(properties.get("dataSources"), kind, streams, problems)
    if properties.get("transformations"):
        problems.add(
            "InvalidTransform", "Multi-stage transformations are not supported here.", "properties.transformations"
        )
    flows = tuple(_flows(properties.get("dataFlows"), kind, streams, workspaces, others, problems))
    if not flows and not problems.found and kind not in _WITHOUT_FLOWS:
        problems.add("InvalidDataFlow", "'Data Flows' must not be empty.", "properties.dataFlows")
    rule = CollectionRule(kind, streams, workspaces, flows)
    if kind == WORKSPACE_TRANSFORMS:
        _check_workspace_transforms(properties, rule, problems)
    return rule


def _kind(kind: Any, problems: Problems) -> str | None:
    if kind is None or kind == "":
        return None
    text = kind.strip().lower() if isinstance(kind, str) else ""
    known = next((each for each in KINDS if each.lower() == text), None)
    if known is None:
        problems.add(
            "InvalidKind", f"'{kind}' is not a kind of data collection rule. Kinds are: {', '.join(KINDS)}.", "kind"
        )
    return known


def _streams(declared: Any, problems: Problems) -> dict[str, Columns]:
    streams: dict[str, Columns] = {}
    for name, declaration in _object(declared, "properties.streamDeclarations", problems).items():
        target = f"properties.streamDeclarations.{name}"
        if not name.startswith(CUSTOM):
            problems.add(
                "InvalidStream", f"The name of a declared stream begins with '{CUSTOM}'; '{name}' does not.", target
            )
        columns = _object(declaration, target, problems).get("columns")
        streams[name] = dict(_columns(columns, f"{target}.columns", problems))
    return streams


def _columns(declared: Any, target: str, problems: Problems) -> Iterator[tuple[str, ScalarType]]:
    columns = _list(declared, target, problems)
    if not columns:
        problems.add("InvalidStreamDeclaration", "'Columns' must not be empty.", target)
    seen: set[str] = set()
    for index, column in enumerate(columns):
        place = f"{target}[{index}]"
        given = _object(column, place, problems)
        name, type = given.get("name"), given.get("type")
        if not isinstance(name, str) or not name.strip():
            problems.add("InvalidStreamDeclaration", "A column needs a 'name'.", f"{place}.name")
            continue
        if name in seen:
            problems.add("InvalidStreamDeclaration", f"There are two columns '{name}'.", f"{place}.name")
        seen.add(name)
        scalar = _TYPES.get(type.lower()) if isinstance(type, str) else None
        if scalar is None:
            problems.add(
                "InvalidStreamDeclaration",
                f"The type of the column '{name}' is '{type}'; it must be one of: {', '.join(_TYPES)}.",
                f"{place}.type",
            )
            continue
        yield name, scalar


def _destinations(declared: Any, problems: Problems) -> tuple[dict[str, str], dict[str, str]]:
    """The workspaces' ids, and the kinds of all other destinations, each by name."""
    workspaces: dict[str, str] = {}
    others: dict[str, str] = {}
    by_kind = _object(declared, "properties.destinations", problems)
    for kind, index, given in _each_destination(by_kind, problems):
        target = f"properties.destinations.{kind}" + ("" if index is None else f"[{index}]")
        name = given.get("name")
        if not isinstance(name, str) or not name:
            problems.add("InvalidDestination", "A destination needs a 'name'.", f"{target}.name")
            continue
        if name in workspaces or name in others:
            problems.add("InvalidDestination", f"There are two destinations '{name}'.", f"{target}.name")
        resource_id = given.get("workspaceResourceId")
        if kind != LOG_ANALYTICS:
            others[name] = kind
        elif isinstance(resource_id, str) and resource_id:
            workspaces[name] = resource_id.rstrip("/").lower()
        else:
            problems.add(
                "InvalidDestination", "'Workspace Resource Id' must not be empty.", f"{target}.workspaceResourceId"
            )
    return workspaces, others


def _each_destination(
    by_kind: Mapping[str, Any], problems: Problems
) -> Iterator[tuple[str, int | None, Mapping[str, Any]]]:
    for kind in _DESTINATIONS:
        target = f"properties.destinations.{kind}"
        for index, given in enumerate(_list(by_kind.get(kind), target, problems)):
            yield kind, index, _object(given, f"{target}[{index}]", problems)
    if by_kind.get(_ONE_DESTINATION) is not None:
        yield (
            _ONE_DESTINATION,
            None,
            _object(by_kind[_ONE_DESTINATION], f"properties.destinations.{_ONE_DESTINATION}", problems),
        )


def _check_sources(declared: Any, kind: str | None, streams: Mapping[str, Columns], problems: Problems) -> None:
    """Data sources are what agents read. Their names must differ, and their streams be known."""
    sources = _object(declared, "properties.dataSources", problems)
    names: set[str] = set()
    for type in _DATA_SOURCES:
        for index, source in enumerate(_list(sources.get(type), f"properties.dataSources.{type}", problems)):
            target = f"properties.dataSources.{type}[{index}]"
            given = _object(source, target, problems)
            name = given.get("name")
            if isinstance(name, str) and name in names:
                problems.add("InvalidDataSource", f"There are two data sources '{name}'.", f"{target}.name")
            names.add(str(name))
            for position, stream in enumerate(_texts(given.get("streams"), f"{target}.streams", problems)):
                _check_stream(stream, kind, streams, f"{target}.streams[{position}]", problems)


def _flows(
    declared: Any,
    kind: str | None,
    streams: Mapping[str, Columns],
    workspaces: Mapping[str, str],
    others: Mapping[str, str],
    problems: Problems,
) -> Iterator[Flow]:
    for index, each in enumerate(_list(declared, "properties.dataFlows", problems)):
        target = f"properties.dataFlows[{index}]"
        given = _object(each, target, problems)
        before = len(problems.found)
        flow = _flow(given, kind, streams, workspaces, others, target, problems)
        if len(problems.found) == before:
            yield flow


def _flow(
    given: Mapping[str, Any],
    kind: str | None,
    streams: Mapping[str, Columns],
    workspaces: Mapping[str, str],
    others: Mapping[str, str],
    target: str,
    problems: Problems,
) -> Flow:
    named = _texts(given.get("streams"), f"{target}.streams", problems)
    if not named:
        problems.add("InvalidDataFlow", "'Streams' must not be empty.", f"{target}.streams")
    for stream in named:
        _check_stream(stream, kind, streams, target, problems)
    destinations = _texts(given.get("destinations"), f"{target}.destinations", problems)
    if not destinations:
        problems.add("InvalidDataFlow", "'Destinations' must not be empty.", f"{target}.destinations")
    for name in destinations:
        if name not in workspaces and name not in others:
            problems.add("InvalidDataFlow", f"'DataFlows' destination name is unknown: {name}.", target)
    for name in ("transform", "builtInTransform"):
        if given.get(name):
            problems.add("InvalidTransform", f"'{name}' is not supported here; '{TRANSFORM}' is.", f"{target}.{name}")
    transform, output = given.get(TRANSFORM) or "", given.get("outputStream") or None
    if not isinstance(transform, str):
        problems.add("InvalidTransform", f"'{TRANSFORM}' must be text.", f"{target}.{TRANSFORM}")
        transform = ""
    if transform.strip() not in ("", "source") and len(named) > 1:
        problems.add("InvalidDataFlow", "A data flow with a transformation has a single stream.", f"{target}.streams")
    elsewhere = tuple(others[name] for name in destinations if name in others)
    if elsewhere and kind not in _SENT_BY_AGENTS and any(stream in streams for stream in named):
        problems.add(
            "InvalidDestination",
            f"Records are delivered to destinations of the kind '{LOG_ANALYTICS}' here, not to '{elsewhere[0]}'.",
            f"{target}.destinations",
        )
    _check_output(output, named, kind, target, problems)
    ids = tuple(dict.fromkeys(workspaces[name] for name in destinations if name in workspaces))
    return Flow(tuple(named), ids, elsewhere, transform, output if isinstance(output, str) else None)


def _check_stream(
    stream: str, kind: str | None, streams: Mapping[str, Columns], target: str, problems: Problems
) -> None:
    if stream in streams:
        return
    if kind == WORKSPACE_TRANSFORMS:
        if not stream.startswith(WORKSPACE_TABLE) or table_of_stream(stream) is None:
            problems.add(
                "InvalidStream",
                f"'Streams' stream '{stream}' must be '{WORKSPACE_TABLE}' and the name of an Azure table.",
                target,
            )
        return
    if stream.startswith(CUSTOM):
        problems.add("InvalidStream", f"'Streams' stream '{stream}' is not declared in 'streamDeclarations'.", target)
    elif kind != _PLATFORM_TELEMETRY and not is_agent_stream(stream):
        problems.add(
            "InvalidStream",
            f"'Streams' stream '{stream}' must be a custom stream or '{MICROSOFT}' and the name of an Azure table.",
            target,
        )


def _check_output(output: Any, streams: list[str], kind: str | None, target: str, problems: Problems) -> None:
    place = f"{target}.outputStream"
    if output is None:
        if kind != WORKSPACE_TRANSFORMS and any(
            stream.startswith(CUSTOM) and table_of_output(stream) is None for stream in streams
        ):
            problems.add("InvalidDataFlow", "A data flow of a custom stream needs an 'outputStream'.", place)
        return
    if not isinstance(output, str) or table_of_output(output) is None:
        problems.add(
            "InvalidOutputStream",
            f"'Output Stream' is '{output}'; it must be '{CUSTOM}' and the name of a custom table (ending in _CL), or "
            f"'{MICROSOFT}' and the name of an Azure table.",
            place,
        )


def _check_workspace_transforms(properties: Mapping[str, Any], rule: CollectionRule, problems: Problems) -> None:
    if any(_object(properties.get("dataSources"), "properties.dataSources", problems).values()):
        problems.add(
            "InvalidDataSource", "'Data Sources' of a workspace transformation must be empty.", "properties.dataSources"
        )
    if len(rule.workspaces) != 1:
        problems.add(
            "InvalidDestination",
            "A workspace transformation has one destination, the workspace that it is for.",
            "properties.destinations.logAnalytics",
        )
    streams = [stream for flow in rule.flows for stream in flow.streams]
    for stream in sorted({each for each in streams if streams.count(each) > 1}):
        problems.add("InvalidDataFlow", f"There are two data flows of the stream '{stream}'.", "properties.dataFlows")


def _object(value: Any, target: str, problems: Problems) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        problems.add("InvalidProperty", "This must be a JSON object.", target)
        return {}
    return cast("dict[str, Any]", value)


def _list(value: Any, target: str, problems: Problems) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        problems.add("InvalidProperty", "This must be a JSON array.", target)
        return []
    return cast("list[Any]", value)


def _texts(value: Any, target: str, problems: Problems) -> list[str]:
    texts: list[str] = []
    for index, each in enumerate(_list(value, target, problems)):
        if isinstance(each, str) and each:
            texts.append(each)
        else:
            problems.add("InvalidProperty", "This must be text.", f"{target}[{index}]")
    return texts
