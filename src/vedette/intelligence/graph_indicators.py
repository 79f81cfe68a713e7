"""Microsoft Graph's tiIndicators: what one may hold, and the indicator that it is to Sentinel.

https://learn.microsoft.com/graph/api/resources/tiindicator
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import Any, Final, cast

from vedette.core.errors import InvalidInput
from vedette.core.instants import arm_time, instant_of
from vedette.intelligence.stix_indicator import comparisons, parsed_pattern

SENTINEL: Final = "Azure Sentinel"
REQUIRED: Final = ("action", "description", "expirationDateTime", "targetProduct", "threatType", "tlpLevel")
REQUIRED_OF_CHANGES: Final = ("expirationDateTime", "targetProduct")
READ_ONLY: Final = frozenset({"id", "azureTenantId", "ingestedDateTime"})

_ENUMS: Final[Mapping[str, Sequence[str]]] = {
    "action": ("unknown", "allow", "block", "alert"),
    "diamondModel": ("unknown", "adversary", "capability", "infrastructure", "victim"),
    "fileHashType": ("unknown", "sha1", "sha256", "md5", "authenticodeHash256", "lsHash", "ctph"),
    "targetProduct": (SENTINEL, "Microsoft Defender ATP", "Microsoft Sentinel"),
    "threatType": (
        *("Botnet", "C2", "CryptoMining", "Darknet", "DDoS", "MaliciousUrl", "Malware", "Phishing", "Proxy", "PUA"),
        "WatchList",
    ),
    "tlpLevel": ("unknown", "white", "green", "amber", "red"),
}
_KILL_CHAIN: Final = ("Actions", "C2", "Delivery", "Exploitation", "Installation", "Reconnaissance", "Weaponization")
_STRINGS: Final = (
    *("additionalInformation", "description", "externalId", "knownFalsePositives", "domainName", "url", "userAgent"),
    *("emailEncoding", "emailLanguage", "emailRecipient", "emailSenderAddress", "emailSenderName"),
    *("emailSourceDomain", "emailSourceIpAddress", "emailSubject", "emailXMailer", "fileHashValue", "fileMutexName"),
    *("fileName", "filePacker", "filePath", "fileType", "networkCidrBlock", "networkDestinationCidrBlock"),
    *("networkSourceCidrBlock", "networkIPv4", "networkIPv6", "networkDestinationIPv4", "networkDestinationIPv6"),
    *("networkSourceIPv4", "networkSourceIPv6"),
)
_LISTS: Final = ("activityGroupNames", "killChain", "malwareFamilyNames", "tags")
_TIMES: Final = ("expirationDateTime", "lastReportedDateTime", "fileCompileDateTime", "fileCreatedDateTime")
_INTEGERS: Final[Mapping[str, tuple[int, int]]] = {
    "confidence": (0, 100),
    "severity": (0, 5),
    "fileSize": (0, 2**63 - 1),
    "networkDestinationAsn": (0, 2**32 - 1),
    "networkDestinationPort": (0, 65_535),
    "networkPort": (0, 65_535),
    "networkProtocol": (-1, 255),
    "networkSourceAsn": (0, 2**32 - 1),
    "networkSourcePort": (0, 65_535),
}
_BOOLEANS: Final = ("isActive", "passiveOnly")
NAMES: Final = tuple(
    sorted({*READ_ONLY, *_ENUMS, *_STRINGS, *_LISTS, *_TIMES, *_INTEGERS, *_BOOLEANS, "vendorInformation"})
)
"""Every property of the published type."""

_UPDATABLE: Final = frozenset(
    {
        *("action", "activityGroupNames", "additionalInformation", "confidence", "description", "diamondModel"),
        *("expirationDateTime", "externalId", "isActive", "killChain", "knownFalsePositives", "lastReportedDateTime"),
        *("malwareFamilyNames", "passiveOnly", "severity", "tags", "tlpLevel"),
    }
)
"""https://learn.microsoft.com/graph/api/tiindicator-update"""

_DEFAULTS: Final[Mapping[str, Any]] = {
    "isActive": True,
    "severity": 3,
    "activityGroupNames": [],
    "killChain": [],
    "malwareFamilyNames": [],
    "tags": [],
}
_LONGEST_DESCRIPTION: Final = 100
_LONGEST: Final = 8_000
_MOST_ITEMS: Final = 200
_MOST_UNKNOWN: Final = 20
_HASHES: Final = {
    "sha1": "'SHA-1'",
    "sha256": "'SHA-256'",
    "md5": "MD5",
    "ctph": "SSDEEP",
    "lshash": "LSHASH",
    "authenticodehash256": "'AUTHENTICODE-256'",
}
_PATTERNS: Final = (
    ("networkIPv4", "ipv4-addr:value"),
    ("networkIPv6", "ipv6-addr:value"),
    ("networkDestinationIPv4", "network-traffic:dst_ref.value"),
    ("networkDestinationIPv6", "network-traffic:dst_ref.value"),
    ("networkSourceIPv4", "network-traffic:src_ref.value"),
    ("networkSourceIPv6", "network-traffic:src_ref.value"),
    ("networkDestinationCidrBlock", "network-traffic:dst_ref.value"),
    ("networkSourceCidrBlock", "network-traffic:src_ref.value"),
    ("domainName", "domain-name:value"),
    ("url", "url:value"),
    ("emailSenderAddress", "email-message:from_ref.value"),
    ("emailSenderName", "email-message:from_ref.display_name"),
    ("emailSourceDomain", "x-email-message:source_domain"),
    ("emailSourceIpAddress", "email-message:received_lines"),
    ("emailSubject", "email-message:subject"),
    ("emailRecipient", "email-message:to_refs.value"),
    ("emailEncoding", "x-email-message:encoding"),
    ("emailLanguage", "x-email-message:language"),
    ("emailXMailer", "x-email-message:x_mailer"),
    ("fileName", "file:name"),
    ("filePath", "directory:path"),
    ("fileMutexName", "mutex:name"),
    ("filePacker", "x-file:packer"),
    ("fileType", "file:mime_type"),
    ("fileSize", "file:size"),
    ("fileCompileDateTime", "x-file:compiled"),
    ("fileCreatedDateTime", "file:ctime"),
    ("networkPort", "network-traffic:dst_port"),
    ("networkDestinationPort", "network-traffic:dst_port"),
    ("networkSourcePort", "network-traffic:src_port"),
    ("networkProtocol", "network-traffic:protocols[*]"),
    ("networkDestinationAsn", "autonomous-system:number"),
    ("networkSourceAsn", "autonomous-system:number"),
    ("userAgent", "network-traffic:extensions.'http-request-ext'.request_header.'User-Agent'"),
)
_ADDRESSES: Final = {"IPv4": IPv4Address, "IPv6": IPv6Address}


def typed(sent: Any) -> dict[str, Any]:
    """The properties as they are sent, those without a value left out. Raises InvalidInput for a value of another type
    than its property's, for which the whole request is refused."""
    if not isinstance(sent, dict):
        raise InvalidInput("BadRequest", "A tiIndicator is a JSON object.")
    known = {name.lower(): name for name in NAMES}
    found: dict[str, Any] = {}
    unknown: dict[str, Any] = {}
    for name, value in cast("dict[str, Any]", sent).items():
        if name.startswith("@") or "@odata" in name or value is None:
            continue
        own = known.get(name.lower())
        (unknown if own is None else found)[own or name] = value if own is None else _typed(own, value)
    if len(unknown) > _MOST_UNKNOWN or not all(_is_plain(each) for each in (*unknown, *unknown.values())):
        raise InvalidInput("BadRequest", "The indicator has properties that a tiIndicator does not have.")
    return found | unknown


def _typed(name: str, value: Any) -> Any:
    if name in _TIMES:
        return _instant(name, value)
    if name in _LISTS:
        items = cast("list[Any]", value) if isinstance(value, list) else None
        if items is None or len(items) > _MOST_ITEMS or not all(_is_plain(each) for each in items):
            raise _wrong_type(name, f"a collection of at most {_MOST_ITEMS} strings")
        return [str(each) for each in items]
    if name in _INTEGERS:
        if isinstance(value, bool) or not isinstance(value, int):
            raise _wrong_type(name, "a whole number")
        return value
    if name in _BOOLEANS:
        if not isinstance(value, bool):
            raise _wrong_type(name, "true or false")
        return value
    if name == "vendorInformation":
        return value
    if not isinstance(value, str) or len(value) > _LONGEST:
        raise _wrong_type(name, f"a string of at most {_LONGEST} characters")
    return value


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int | float | bool) and len(str(value)) <= _LONGEST


def _instant(name: str, value: Any) -> str:
    try:
        return arm_time(instant_of(str(value)))
    except (ValueError, OverflowError) as error:
        raise _wrong_type(name, "a date and time such as 2024-01-01T00:00:00Z") from error


def _wrong_type(name: str, kind: str) -> InvalidInput:
    return InvalidInput("BadRequest", f"Invalid value for property '{name}': it is {kind}.")


def checked(found: Mapping[str, Any]) -> dict[str, Any]:
    """A new indicator with its defaults. Raises InvalidInput that says what it lacks or what is wrong with it."""
    properties = {name: value for name, value in found.items() if name not in READ_ONLY}
    missing = [name for name in REQUIRED if properties.get(name) in (None, "")]
    if missing:
        raise InvalidInput("BadRequest", f"Required properties are missing: {', '.join(missing)}.")
    properties = {**_DEFAULTS, **_valid(properties)}
    if not any(True for _ in _comparisons(properties)):
        raise InvalidInput("BadRequest", "The indicator has no observable: at least one email, file or network one.")
    return properties


def changed(kept: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    """An indicator with other values of some properties. Raises InvalidInput as `checked` does."""
    missing = [name for name in REQUIRED_OF_CHANGES if found.get(name) in (None, "")]
    if missing:
        raise InvalidInput("BadRequest", f"Required properties are missing: {', '.join(missing)}.")
    valid = _valid({name: value for name, value in found.items() if name not in READ_ONLY})
    fixed = [
        name
        for name in valid
        if name in NAMES and name not in _UPDATABLE and valid[name] != kept.get(name, valid[name])
    ]
    added = [name for name in valid if name in NAMES and name not in _UPDATABLE and name not in kept]
    if fixed or added:
        raise InvalidInput("BadRequest", f"'{(fixed + added)[0]}' of a tiIndicator cannot be changed.")
    return {**kept, **valid}


def _valid(properties: Mapping[str, Any]) -> dict[str, Any]:
    valid = dict(properties)
    for name, values in _ENUMS.items():
        if name in valid:
            valid[name] = _one_of(name, valid[name], values)
    if "killChain" in valid:
        valid["killChain"] = [_one_of("killChain", each, _KILL_CHAIN) for each in valid["killChain"]]
    for name, (least, most) in _INTEGERS.items():
        if not least <= valid.get(name, least) <= most:
            raise InvalidInput("BadRequest", f"'{name}' is a whole number from {least} to {most}.")
    if len(valid.get("description", "")) > _LONGEST_DESCRIPTION:
        raise InvalidInput("BadRequest", f"'description' has at most {_LONGEST_DESCRIPTION} characters.")
    for name, value in valid.items():
        _check_address(name, value)
    if valid.get("fileHashValue") and not valid.get("fileHashType"):
        raise InvalidInput("BadRequest", "'fileHashType' is missing: which hash 'fileHashValue' is.")
    return valid


def _one_of(name: str, value: str, values: Sequence[str]) -> str:
    found = next((each for each in values if each.lower() == value.lower()), None)
    if found is None:
        raise InvalidInput("BadRequest", f"'{name}' is one of {', '.join(values)}; not '{value[:40]}'.")
    return found


def _check_address(name: str, value: Any) -> None:
    address: Callable[[str], Any] | None = next((kind for end, kind in _ADDRESSES.items() if name.endswith(end)), None)
    if name.endswith("CidrBlock"):
        address = _network
    if address is None or not value:
        return
    try:
        address(value)
    except ValueError as error:
        raise InvalidInput("BadRequest", f"'{name}' is no such address: '{str(value)[:60]}'.") from error


def _network(text: str) -> Any:
    return ip_network(text, strict=False)


def indicator_properties(indicator: Mapping[str, Any], source: str) -> dict[str, Any]:
    """What the management API shows of a checked tiIndicator; `source` is the name of the application that sent it."""
    pattern = " AND ".join(f"[{each}]" for each in _comparisons(indicator))
    found = comparisons({"pattern": pattern})
    tags = indicator.get("tags") or []
    return {
        "source": source,
        "displayName": indicator["description"],
        "description": indicator["description"],
        "pattern": pattern,
        "patternType": found[0].object,
        "parsedPattern": parsed_pattern(found),
        "threatTypes": [indicator["threatType"]],
        "threatIntelligenceTags": tags,
        "labels": [f"TLP:{indicator['tlpLevel']}"],
        "killChainPhases": [
            {"killChainName": "Lockheed Martin - Intrusion Kill Chain", "phaseName": each}
            for each in indicator.get("killChain") or ()
        ],
        "validUntil": indicator["expirationDateTime"],
        "revoked": not indicator.get("isActive", True),
        **({"validFrom": indicator["ingestedDateTime"]} if "ingestedDateTime" in indicator else {}),
        **({"confidence": indicator["confidence"]} if "confidence" in indicator else {}),
        **({"externalId": indicator["externalId"]} if indicator.get("externalId") else {}),
    }


def is_expired(indicator: Mapping[str, Any], now: datetime) -> bool:
    """Whether an indicator's time is over."""
    return instant_of(indicator["expirationDateTime"]) <= now


def observables(indicator: Mapping[str, Any]) -> list[str]:
    """What an indicator looks for, in an order of its own."""
    return [*_comparisons(indicator)]


def _comparisons(indicator: Mapping[str, Any]) -> Iterator[str]:
    block = indicator.get("networkCidrBlock")
    if block:
        yield f"{'ipv6' if ':' in block else 'ipv4'}-addr:value = {_quoted(block)}"
    value = indicator.get("fileHashValue")
    if value:
        kind = str(indicator.get("fileHashType") or "")
        yield f"file:hashes.{_HASHES.get(kind.lower(), kind.upper() or 'UNKNOWN')} = {_quoted(value)}"
    for name, path in _PATTERNS:
        value = indicator.get(name)
        if value not in (None, ""):
            yield f"{path} = {value if isinstance(value, int) else _quoted(str(value))}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
