"""The rows that a change of an indicator writes: one of ThreatIntelligenceIndicator, and in ThreatIntelIndicators one
for each observable of its pattern.

https://learn.microsoft.com/azure/azure-monitor/reference/tables/threatintelligenceindicator and …/threatintelindicators
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from vedette.access.workspaces import Workspace
from vedette.core.instants import instant_of
from vedette.formats.stix_pattern import Comparison
from vedette.intelligence.graph_columns import graph_columns
from vedette.intelligence.stix_indicator import comparisons, stix_indicator

LEGACY_TABLE = "ThreatIntelligenceIndicator"
TABLE = "ThreatIntelIndicators"

_MANAGED = "Management API"
_MOST_OBSERVABLES = 100
_MOST_PORT = 2**31 - 1
_WHOLE = re.compile(r"\d{1,18}", re.ASCII)
_TEXTS: Mapping[tuple[str, str], str] = {
    ("domain-name", "value"): "DomainName",
    ("url", "value"): "Url",
    ("email-addr", "value"): "EmailSenderAddress",
    ("email-message", "from_ref.value"): "EmailSenderAddress",
    ("email-message", "from_ref.display_name"): "EmailSenderName",
    ("email-message", "sender_ref.value"): "EmailSenderAddress",
    ("email-message", "to_refs.value"): "EmailRecipient",
    ("email-message", "subject"): "EmailSubject",
    ("file", "name"): "FileName",
    ("file", "parent_directory_ref.path"): "FilePath",
    ("file", "mime_type"): "FileType",
    ("directory", "path"): "FilePath",
    ("mutex", "name"): "FileMutexName",
    ("network-traffic", "extensions.http-request-ext.request_header.User-Agent"): "UserAgent",
}
_ADDRESSES: Mapping[tuple[str, str], tuple[str, str]] = {
    ("ipv4-addr", "value"): ("NetworkIP", "NetworkCidrBlock"),
    ("ipv6-addr", "value"): ("NetworkIP", "NetworkCidrBlock"),
    ("domain-name", "resolves_to_refs.value"): ("NetworkIP", "NetworkCidrBlock"),
    ("network-traffic", "src_ref.value"): ("NetworkSourceIP", "NetworkSourceCidrBlock"),
    ("network-traffic", "dst_ref.value"): ("NetworkDestinationIP", "NetworkDestinationCidrBlock"),
    ("email-message", "received_lines"): ("EmailSourceIpAddress", "EmailSourceIpAddress"),
}
_NUMBERS: Mapping[tuple[str, str], str] = {
    ("network-traffic", "src_port"): "NetworkSourcePort",
    ("network-traffic", "dst_port"): "NetworkDestinationPort",
    ("autonomous-system", "number"): "NetworkSourceAsn",
    ("file", "size"): "FileSize",
}
_PROTOCOLS = {"icmp": 1, "tcp": 6, "udp": 17, "ipv6-icmp": 58}
_HASH_TYPES = {"md5": "MD5", "sha-1": "SHA1", "sha1": "SHA1", "sha-256": "SHA256", "sha256": "SHA256"} | {
    "sha-512": "SHA512",
    "sha512": "SHA512",
    "ssdeep": "CTPH",
}
_KILL_CHAIN = {
    "reconnaissance": "KillChainReconnaissance",
    "weaponization": "KillChainWeaponization",
    "delivery": "KillChainDelivery",
    "exploitation": "KillChainExploitation",
    "command-and-control": "KillChainC2",
    "actions-on-objectives": "KillChainActions",
}
_MARKINGS = {  # https://docs.oasis-open.org/cti/stix/v2.1/os/stix-v2.1-os.html#_yd3ar14ekwrs
    "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": "white",
    "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": "green",
    "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": "amber",
    "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": "red",
}


def legacy_row(name: str, body: Mapping[str, Any], now: datetime, *, is_deleted: bool) -> dict[str, Any]:
    """The row of ThreatIntelligenceIndicator for an indicator's document."""
    properties: Mapping[str, Any] = body["properties"]
    found = comparisons(properties)
    row: dict[str, Any] = {
        "TimeGenerated": now,
        "Action": "alert",
        "Active": not is_deleted and is_active(properties, now),
        "AdditionalInformation": orjson.dumps(properties.get("extensions") or {}).decode(),
        "ConfidenceScore": _real(properties.get("confidence")),
        "Description": properties.get("description") or properties.get("displayName") or "",
        "ExpirationDateTime": _instant(properties.get("validUntil")),
        "ExternalIndicatorId": properties["externalId"],
        "IndicatorId": name,
        "IndicatorProvider": properties["source"],
        "SourceSystem": properties["source"],
        "Tags": orjson.dumps(properties.get("threatIntelligenceTags") or []).decode(),
        "ThreatType": next(iter(properties.get("threatTypes") or []), ""),
        "TrafficLightProtocolLevel": traffic_light(properties),
    }
    for phase in properties.get("killChainPhases") or []:
        column = _KILL_CHAIN.get(str(phase.get("phaseName", "")).lower())
        if column is not None:
            row[column] = True
    for comparison in reversed(found):  # of several for one column the first one counts
        row |= _columns(comparison)
    return row | graph_columns(body["graph"]) if "graph" in body else row


def observable_rows(
    workspace: Workspace,
    tenant_id: str,
    name: str,
    body: Mapping[str, Any],
    now: datetime,
    *,
    is_deleted: bool,
) -> list[dict[str, Any]]:
    """The rows of ThreatIntelIndicators; one without an observable for a pattern that has none."""
    properties: Mapping[str, Any] = body["properties"]
    row: dict[str, Any] = {
        "TimeGenerated": now,
        "AdditionalFields": {"TLPLevel": traffic_light(properties)},
        "AzureTenantId": tenant_id,
        "Confidence": properties.get("confidence"),
        "Created": _instant(properties["created"]),
        "Data": body.get("stix") or stix_indicator(properties),
        "Id": name,
        "IsActive": not is_deleted and is_active(properties, now),
        "IsDeleted": is_deleted,
        "LastUpdateMethod": body.get("method") or _MANAGED,
        "Modified": _instant(properties.get("modified") or properties["lastUpdatedTimeUtc"]),
        "Pattern": properties["pattern"],
        "Revoked": bool(properties.get("revoked")),
        "SourceSystem": properties["source"],
        "Tags": orjson.dumps(properties.get("threatIntelligenceTags") or []).decode(),
        "ValidFrom": _instant(properties.get("validFrom")),
        "ValidUntil": _instant(properties.get("validUntil")),
        "WorkspaceId": workspace.id,
    }
    seen = observables(comparisons(properties))
    if not seen:
        return [row]
    return [row | {"ObservableKey": key, "ObservableValue": value} for key, value in seen]


def observables(found: Sequence[Comparison]) -> list[tuple[str, str]]:
    """What a pattern asks to be equal to something: `("ipv4-addr:value", "198.51.100.7")`, each once."""
    pairs = (
        (f"{each.object}:{'.'.join(_quoted(step) for step in each.path)}", value)
        for each in found
        if each.operator in ("=", "IN", "ISSUBSET") and not each.is_negated
        for value in each.values
    )
    return list(dict.fromkeys(pairs))[:_MOST_OBSERVABLES]


def is_active(properties: Mapping[str, Any], now: datetime) -> bool:
    """Whether an indicator counts at an instant: it is not revoked and its validity has not ended."""
    end = _instant(properties.get("validUntil"))
    return not properties.get("revoked") and (end is None or end > now)


def traffic_light(properties: Mapping[str, Any]) -> str:
    """The level of the traffic light protocol that an indicator's markings, or its labels, name; "" for none."""
    for marking in properties.get("objectMarkingRefs") or []:
        if marking in _MARKINGS:
            return _MARKINGS[marking]
    for label in (*(properties.get("labels") or []), *(properties.get("threatIntelligenceTags") or [])):
        prefix, _, level = str(label).lower().partition(":")
        if prefix == "tlp" and level in ("white", "green", "amber", "red"):
            return level
    return ""


def _columns(comparison: Comparison) -> dict[str, Any]:
    """The columns of the legacy table that a comparison fills."""
    if comparison.operator not in ("=", "IN", "ISSUBSET") or comparison.is_negated:
        return {}
    value = comparison.values[0]
    steps = [step for step in comparison.path if not step.startswith("[")]
    place = (comparison.object, ".".join(steps))
    if place in _TEXTS:
        return {_TEXTS[place]: value}
    if place in _ADDRESSES:
        address, block = _ADDRESSES[place]
        return {block if "/" in value else address: value}
    if place in _NUMBERS and _WHOLE.fullmatch(value) and int(value) <= _MOST_PORT:
        return {_NUMBERS[place]: int(value)}
    if place == ("network-traffic", "protocols") and value.lower() in _PROTOCOLS:
        return {"NetworkProtocol": _PROTOCOLS[value.lower()]}
    if comparison.object == "file" and steps[0] == "hashes" and len(steps) == 2:
        return {"FileHashType": _HASH_TYPES.get(steps[1].lower(), steps[1]), "FileHashValue": value}
    return {}


def _quoted(step: str) -> str:
    return f"'{step}'" if "-" in step else step


def _real(value: Any) -> float | None:
    return None if value is None else float(value)


def _instant(text: Any) -> datetime | None:
    return instant_of(text) if text else None
