"""Files of Defender for Cloud's data, as its APIs, az and its exports write them, as resources that can be put.

A file holds one resource, a JSON array of them, an answer with `value`, or one a line. A resource has an `id`; what az
prints has its properties beside that, and an exported alert is in the words of its products.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast
from urllib.parse import quote

import orjson

from vedette.core.errors import InvalidInput

Json = dict[str, Any]

VERSIONS: Final[Mapping[str, str]] = {
    "assessmentmetadata": "2021-06-01",
    "alertssuppressionrules": "2019-01-01-preview",
    "locations/alerts": "2022-01-01",
    "assessments": "2021-06-01",
    "assessments/subassessments": "2019-01-01-preview",
    "securescores": "2020-01-01",
    "securescores/securescorecontrols": "2020-01-01",
    "regulatorycompliancestandards": "2019-01-01-preview",
    "regulatorycompliancestandards/regulatorycompliancecontrols": "2019-01-01-preview",
    "regulatorycompliancestandards/regulatorycompliancecontrols/regulatorycomplianceassessments": "2019-01-01-preview",
}
"""What can be fed, by the folded type without its provider, with the api-version that it is put in; in the order that
lets each find what it is under."""

_PROVIDER: Final = "/providers/microsoft.security/"
_SUBSCRIPTION: Final = re.compile(r"(?<=/subscriptions/)[^/]+", re.IGNORECASE)
_ENVELOPE: Final = frozenset({"id", "name", "type", "etag", "kind", "location", "tags", "resourcegroup", "tenantid"})
_SCORE: Final = ("max", "current", "percentage")
_EVENT: Final = ("securityeventdataenrichment", "assessmenteventdataenrichment", "subassessmenteventdataenrichment")
_ALERT: Final[Mapping[str, str]] = {
    "TimeGenerated": "timeGeneratedUtc",
    "ProcessingEndTime": "processingEndTimeUtc",
    "SystemAlertId": "systemAlertId",
}
_ALERT_STATUSES: Final = {"New": "Active"}


@dataclass(frozen=True, slots=True)
class Fed:
    """A resource to put: its id, its type as a key of `VERSIONS`, and its properties."""

    id: str
    kind: str
    properties: Json

    @property
    def address(self) -> str:
        """The path and query to put it at."""
        return f"{quote(self.id)}?api-version={VERSIONS[self.kind]}"

    @property
    def group(self) -> str:
        """The id of the resource group that it is in; empty for one that is in none."""
        parts = self.id.split("/")
        return "/".join(parts[:5]) if len(parts) > 5 and parts[3].lower() == "resourcegroups" else ""


def read_defender_data(content: bytes, subscription: str) -> Iterator[Fed]:
    """The resources in a file, moved to the subscription of this GUID. Raises InvalidInput for what is none of them."""
    for number, record in enumerate(_records(content), 1):
        try:
            yield _fed(record, subscription)
        except ValueError as error:
            raise InvalidInput("InvalidFile", f"Record {number} cannot be fed: {error}.") from error


def in_order(resources: list[Fed]) -> list[Fed]:
    """The resources so that each comes behind what it is under."""
    order = {kind: place for place, kind in enumerate(VERSIONS)}
    return sorted(resources, key=lambda each: order[each.kind])


def _records(content: bytes) -> Iterator[Any]:
    text = content.removeprefix(b"\xef\xbb\xbf").strip()
    try:
        whole = orjson.loads(text)
    except orjson.JSONDecodeError:
        yield from _lines(text)
        return
    if isinstance(whole, dict) and isinstance(cast("Json", whole).get("value"), list):
        whole = cast("Json", whole)["value"]
    yield from cast("list[Any]", whole) if isinstance(whole, list) else [whole]


def _lines(text: bytes) -> Iterator[Any]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                yield orjson.loads(line)
            except orjson.JSONDecodeError as error:
                raise InvalidInput("InvalidFile", f"Line {number} is no JSON: {error}.") from error


def _fed(record: Any, subscription: str) -> Fed:
    if not isinstance(record, dict):
        raise ValueError("it is no object")
    fields = cast("Json", record)
    if "SystemAlertId" in fields:
        return _exported_alert(fields, subscription)
    id = fields.get("id")
    if not isinstance(id, str) or _PROVIDER not in id.lower():
        raise ValueError("it has no 'id' of a resource of Microsoft.Security")
    here = _SUBSCRIPTION.sub(subscription, id)
    rest = here[here.lower().rindex(_PROVIDER) + len(_PROVIDER) :].split("/")
    kind = "/".join(rest[::2]).lower()
    if kind not in VERSIONS or len(rest) % 2:
        raise ValueError(f"'{kind[:100]}' is nothing that is fed; there is: {', '.join(VERSIONS)}")
    properties = fields.get("properties")
    if properties is None:
        properties = {
            name: each for name, each in fields.items() if name.lower() not in _ENVELOPE and name.lower() not in _EVENT
        }
    if not isinstance(properties, dict):
        raise ValueError("its 'properties' are no object")
    held = {name: each for name, each in cast("Json", properties).items() if each is not None}
    return Fed(here, kind, _with_score(held) if kind.startswith("securescores") else held)


def _with_score(properties: Json) -> Json:
    """A score as the API has it, also of one that az printed flat."""
    if "score" in properties:
        return properties
    rest = {name: each for name, each in properties.items() if name not in _SCORE}
    return rest | {"score": {name: properties[name] for name in _SCORE if name in properties}}


def _exported_alert(event: Json, subscription: str) -> Fed:
    """An alert in the words of its products, as exports have it."""
    named = {_ALERT.get(name, name[:1].lower() + name[1:]): each for name, each in event.items() if each is not None}
    status = str(named.pop("status", "New"))
    resources = [_lower(each) for each in named.pop("resourceIdentifiers", [])]
    azure = [{**each, "type": "AzureResource"} for each in resources if "azureResourceId" in each]
    entities = [_lower(each) for each in named.pop("entities", [])]
    for each in ("azureResourceId", "workspaceId", "workspaceSubscriptionId", "workspaceResourceGroup", "agentId"):
        named.pop(each, None)
    properties = named | {
        "status": _ALERT_STATUSES.get(status, status),
        "resourceIdentifiers": azure,
        "entities": [each for each in entities if "type" in each],
    }
    id = f"/subscriptions/{subscription}/providers/Microsoft.Security/locations/local/alerts/{event['SystemAlertId']}"
    return Fed(id, "locations/alerts", properties)


def _lower(fields: Any) -> Json:
    if not isinstance(fields, dict):
        raise ValueError("an entity, or an identifier of a resource, is no object")
    return {
        name[:1].lower() + name[1:]: each for name, each in cast("Json", fields).items() if not name.startswith("$")
    }
