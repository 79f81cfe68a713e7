"""Whether the conditions of an automation rule hold for an incident or an alert, and for what has changed.

https://learn.microsoft.com/azure/sentinel/add-advanced-conditions-to-automation-rules
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any, Final, cast

import orjson

from vedette.expressions.values import Json, property_of, text_of
from vedette.state.documents import Document

_ENTITY_PROPERTIES: Final[Mapping[str, tuple[str, str]]] = {
    name.lower(): (kind.lower(), property)
    for name, kind, property in (
        ("AccountAadTenantId", "Account", "aadTenantId"),
        ("AccountAadUserId", "Account", "aadUserId"),
        ("AccountName", "Account", "accountName"),
        ("AccountNTDomain", "Account", "ntDomain"),
        ("AccountPUID", "Account", "puid"),
        ("AccountSid", "Account", "sid"),
        ("AccountObjectGuid", "Account", "objectGuid"),
        ("AccountUPNSuffix", "Account", "upnSuffix"),
        ("AzureResourceResourceId", "AzureResource", "resourceId"),
        ("CloudApplicationAppId", "CloudApplication", "appId"),
        ("CloudApplicationAppName", "CloudApplication", "appName"),
        ("DNSDomainName", "DnsResolution", "domainName"),
        ("FileDirectory", "File", "directory"),
        ("FileName", "File", "fileName"),
        ("FileHashValue", "FileHash", "hashValue"),
        ("HostAzureID", "Host", "azureID"),
        ("HostName", "Host", "hostName"),
        ("HostNetBiosName", "Host", "netBiosName"),
        ("HostNTDomain", "Host", "ntDomain"),
        ("HostOSVersion", "Host", "osVersion"),
        ("IoTDeviceId", "IoTDevice", "deviceId"),
        ("IoTDeviceName", "IoTDevice", "deviceName"),
        ("IoTDeviceType", "IoTDevice", "deviceType"),
        ("IoTDeviceVendor", "IoTDevice", "vendor"),
        ("IoTDeviceModel", "IoTDevice", "model"),
        ("IoTDeviceOperatingSystem", "IoTDevice", "operatingSystem"),
        ("IPAddress", "Ip", "address"),
        ("MailboxDisplayName", "Mailbox", "displayName"),
        ("MailboxPrimaryAddress", "Mailbox", "mailboxPrimaryAddress"),
        ("MailboxUPN", "Mailbox", "upn"),
        ("MailMessageDeliveryAction", "MailMessage", "deliveryAction"),
        ("MailMessageDeliveryLocation", "MailMessage", "deliveryLocation"),
        ("MailMessageRecipient", "MailMessage", "recipient"),
        ("MailMessageSenderIP", "MailMessage", "senderIP"),
        ("MailMessageSubject", "MailMessage", "subject"),
        ("MailMessageP1Sender", "MailMessage", "p1Sender"),
        ("MailMessageP2Sender", "MailMessage", "p2Sender"),
        ("MalwareCategory", "Malware", "category"),
        ("MalwareName", "Malware", "malwareName"),
        ("ProcessCommandLine", "Process", "commandLine"),
        ("ProcessId", "Process", "processId"),
        ("RegistryKey", "RegistryKey", "key"),
        ("RegistryValueData", "RegistryValue", "valueData"),
        ("Url", "Url", "url"),
    )
}
_INCIDENT: Final[Mapping[str, str]] = {
    "incidenttitle": "title",
    "incidentdescription": "description",
    "incidentseverity": "severity",
    "incidentstatus": "status",
    "incidentprovidername": "providerName",
}
_ALERT: Final[Mapping[str, str]] = {
    "alertproductnames": "productName",
    "alerttitle": "alertDisplayName",
    "alertname": "alertDisplayName",
    "alertdescription": "description",
    "alertseverity": "severity",
    "alertstatus": "status",
    "alerttactics": "tactics",
}
_CHANGED: Final = {"incidentseverity": "severity", "incidentstatus": "status", "incidentowner": "owner"}
_ADDED: Final = {"labels": "labels", "alerts": "alertsCount", "comments": "commentsCount", "tactics": "tactics"}
_SPACED: Final = {"AutomationRule": "Automation rule", "AlertGrouping": "Alert grouping"}
_OWNER: Final = ("objectId", "userPrincipalName", "email", "assignedTo")


class Subject:
    """What a rule is asked about: an incident or an alert as it is now, and the event's note. Its alerts and entities
    are read when a condition asks for them."""

    def __init__(
        self,
        document: Document,
        note: Mapping[str, Any],
        read_alerts: Callable[[], Iterable[Document]],
        read_entities: Callable[[], Iterable[Document]],
    ) -> None:
        self.document = document
        self.note = note
        self._read_alerts = read_alerts
        self._read_entities = read_entities

    @cached_property
    def alerts(self) -> tuple[Document, ...]:
        """The incident's alerts, or the alert itself."""
        return tuple(self._read_alerts())

    @cached_property
    def entities(self) -> tuple[Document, ...]:
        """The entities of the alerts."""
        return tuple(self._read_entities())

    @cached_property
    def details(self) -> dict[str, list[str]]:
        """The values of the alerts' custom details, by their names."""
        return custom_details(self.alerts)

    @property
    def properties(self) -> Json:
        """The properties of the incident or alert."""
        return self.document.body["properties"]


def custom_details(alerts: Iterable[Document]) -> dict[str, list[str]]:
    """The values of the custom details of alerts, by their names."""
    found: dict[str, list[str]] = {}
    for alert in alerts:
        text = (alert.body["properties"].get("additionalData") or {}).get("Custom Details")
        try:
            details = orjson.loads(text) if isinstance(text, str) else {}
        except orjson.JSONDecodeError:
            continue
        if not isinstance(details, dict):
            continue
        for name, given in cast("Json", details).items():
            values = cast("list[Any]", given) if isinstance(given, list) else [given]
            found.setdefault(name, []).extend(text_of(each) for each in values)
    return found


def conditions_hold(conditions: Iterable[Json], subject: Subject) -> bool:
    """Whether all of them hold."""
    return all(_holds(each, subject, None) for each in conditions)


def _holds(condition: Json, subject: Subject, item: Any) -> bool:
    properties: Json = condition.get("conditionProperties") or {}
    match str(condition.get("conditionType")):
        case "Boolean":
            inner = cast("list[Json]", properties.get("innerConditions") or [])
            any_of = text_of(properties.get("operator")).lower() == "or"
            return (any if any_of else all)(_holds(each, subject, item) for each in inner)
        case "PropertyArray":
            return _array_holds(properties, subject, item)
        case "PropertyChanged":
            return _changed_holds(properties, subject)
        case "PropertyArrayChanged":
            return _added(properties, subject)
        case _:
            return _matches(_values(text_of(properties.get("propertyName")), subject, item), properties)


def _array_holds(properties: Json, subject: Subject, item: Any) -> bool:
    """Over the incident's labels, the names of its custom details, or the values of the one that is looked at."""
    kind = text_of(properties.get("arrayType")).lower()
    match kind:
        case "incidentlabels":
            items: list[Any] = [each["labelName"] for each in subject.properties.get("labels") or []]
        case "customdetailvalues":
            items = subject.details.get(text_of(item), []) if item is not None else _all_values(subject)
        case _:
            items = list(subject.details)
    inner = cast("list[Json]", properties.get("itemConditions") or [])
    every = text_of(properties.get("arrayConditionType")).lower() == "allitems"
    if every:
        return bool(items) and all(all(_holds(each, subject, one) for each in inner) for one in items)
    return any(all(_holds(each, subject, one) for each in inner) for one in items)


def _all_values(subject: Subject) -> list[str]:
    return [value for values in subject.details.values() for value in values]


def _changed_holds(properties: Json, subject: Subject) -> bool:
    """A property that was changed at all, or from, or to one of some values."""
    changes = subject.note["changes"]
    name = _CHANGED.get(text_of(properties.get("propertyName")).lower(), "")
    if name not in changes:
        return False
    kind = text_of(properties.get("changeType")).lower()
    if not kind or not properties.get("propertyValues"):
        return True
    value = changes[name][0 if kind == "changedfrom" else 1]
    values = [text_of(value.get(each)) for each in _OWNER if value.get(each)] if isinstance(value, dict) else [value]
    return _matches([text_of(each) for each in values if each is not None], properties)


def _added(properties: Json, subject: Subject) -> bool:
    """Whether something was added to the alerts, labels, tactics or comments."""
    changes = subject.note["changes"]
    name = _ADDED.get(text_of(properties.get("arrayType")).lower(), "")
    if name not in changes:
        return False
    before, after = changes[name]
    if isinstance(after, list):
        known = [orjson.dumps(each) for each in before or ()]
        return any(orjson.dumps(each) not in known for each in cast("list[Any]", after))
    return (after or 0) > (before or 0)


def _values(name: str, subject: Subject, item: Any) -> list[str]:
    folded = name.lower()
    properties = subject.properties
    if folded in _ENTITY_PROPERTIES:
        kind, property = _ENTITY_PROPERTIES[folded]
        return _of_entities(subject, kind, property)
    if folded in _INCIDENT:
        return _texts(properties.get(_INCIDENT[folded]))
    if folded in _ALERT:
        return [text for alert in subject.alerts for text in _texts(alert.body["properties"].get(_ALERT[folded]))]
    match folded:
        case "incidentrelatedanalyticruleids":
            return _texts(properties.get("relatedAnalyticRuleIds"))
        case "alertanalyticruleids":
            return _texts(subject.note.get("rule")) or _texts(properties.get("relatedAnalyticRuleIds"))
        case "incidenttactics":
            return _texts((properties.get("additionalData") or {}).get("tactics"))
        case "incidentlabel":
            return (
                [text_of(item)] if item is not None else [each["labelName"] for each in properties.get("labels") or []]
            )
        case "incidentupdatedbysource":
            source = text_of(subject.note.get("source"))
            return [source, _SPACED.get(source, source)]
        case "incidentcustomdetailskey":
            return [text_of(item)] if item is not None else list(subject.details)
        case "incidentcustomdetailsvalue":
            return [text_of(item)] if item is not None else _all_values(subject)
        case "incidentalerttitle":
            return [text_of(alert.body["properties"].get("alertDisplayName")) for alert in subject.alerts]
        case "azureresourcesubscriptionid":
            ids = _of_entities(subject, "azureresource", "resourceId")
            return [each.split("/")[2] for each in ids if each.count("/") > 2]
        case _:
            return []


def _of_entities(subject: Subject, kind: str, property: str) -> list[str]:
    found: list[str] = []
    for entity in subject.entities:
        if str(entity.body.get("kind")).lower() == kind:
            there, value = property_of(entity.body["properties"], property)
            found += _texts(value) if there else []
    return found


def _texts(value: Any) -> list[str]:
    if value is None:
        return []
    return [text_of(each) for each in cast("list[Any]", value)] if isinstance(value, list) else [text_of(value)]


_TESTS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "equals": lambda value, wanted: value == wanted,
    "contains": lambda value, wanted: wanted in value,
    "startswith": lambda value, wanted: value.startswith(wanted),
    "endswith": lambda value, wanted: value.endswith(wanted),
}


def _matches(values: list[str], properties: Json) -> bool:
    """Whether any value fits any wanted one, in any letter case; with a `Not…` operator whether none does."""
    operator = text_of(properties.get("operator") or "Equals").lower()
    test = _TESTS.get(operator.removeprefix("not"))
    if test is None:
        return False
    wanted = [_folded(each) for each in cast("list[Any]", properties.get("propertyValues") or [])]
    fits = any(test(_folded(value), each) for value in values for each in wanted)
    return not fits if operator.startswith("not") else fits


def _folded(value: Any) -> str:
    return text_of(value).strip().lower()
