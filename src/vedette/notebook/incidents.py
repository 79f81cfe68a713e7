"""Incidents as objects: read, comment, change, close.

https://learn.microsoft.com/rest/api/securityinsights/incidents
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Final, overload

from vedette.content.management_client import ManagementClient
from vedette.content.workspace import SENTINEL, Workspace
from vedette.core.errors import NotFound
from vedette.core.ids import new_id
from vedette.core.instants import instant_of
from vedette.notebook.html import facts_html, table_html

_VERSION: Final = {"api-version": "2024-09-01"}
_PAGE: Final = "200"
_NEWEST: Final = 50
_WRITABLE: Final = (
    *("title", "description", "severity", "status", "owner", "labels"),
    *("classification", "classificationReason", "classificationComment", "firstActivityTimeUtc", "lastActivityTimeUtc"),
)
_COLUMNS: Final = ("Number", "Severity", "Status", "Title", "Owner", "Alerts", "Created")


class Incidents:
    """The incidents of a workspace; going through them follows every page, the newest first."""

    def __init__(self, client: ManagementClient, workspace: Workspace) -> None:
        self._client = client
        self._path = f"{workspace.id}/providers/{SENTINEL}/incidents"

    def __iter__(self) -> Iterator["Incident"]:
        return self._pages({})

    def list(self, filter: str = "", *, top: int | None = None) -> "IncidentList":
        """The newest incidents that an OData filter lets through, such as `properties/status eq 'New'`; all of them, or
        the first `top`. Raises Refused and Unavailable."""
        found = self._pages({"$filter": filter} if filter else {})
        return IncidentList(islice(found, top))

    def get(self, which: int | str) -> "Incident":
        """The incident of this number, or of this name (the last part of its id). Raises NotFound, Refused."""
        if isinstance(which, str) and not which.isdigit():
            return Incident(self._client, self._client.ask("GET", f"{self._path}/{which}", _VERSION))
        found = next(self._pages({"$filter": f"properties/incidentNumber eq {int(which)}"}), None)
        if found is None:
            raise NotFound("NoIncident", f"There is no incident with the number {which}.")
        return found

    def __getitem__(self, number: int) -> "Incident":
        return self.get(number)

    def _pages(self, query: Mapping[str, str]) -> Iterator["Incident"]:
        wanted = {**_VERSION, "$orderby": "properties/createdTimeUtc desc", "$top": _PAGE, **query}
        for page in self._client.pages(self._path, wanted):
            for each in page:
                yield Incident(self._client, each)

    def _repr_html_(self) -> str:
        return self.list(top=_NEWEST)._repr_html_()

    def __repr__(self) -> str:
        return repr(self.list(top=_NEWEST))


class IncidentList(Sequence["Incident"]):
    """Incidents that were read."""

    def __init__(self, incidents: Iterator["Incident"]) -> None:
        self._incidents = tuple(incidents)

    @overload
    def __getitem__(self, index: int) -> "Incident": ...
    @overload
    def __getitem__(self, index: slice) -> Sequence["Incident"]: ...
    def __getitem__(self, index: int | slice) -> "Incident | Sequence[Incident]":
        return self._incidents[index]

    def __len__(self) -> int:
        return len(self._incidents)

    def _repr_html_(self) -> str:
        return table_html(_COLUMNS, [each.cells() for each in self], f"{len(self):,} incidents")

    def __repr__(self) -> str:
        return "\n".join([*map(repr, self), f"{len(self):,} incidents"])


class Incident:
    """An incident as it was when it was read, or changed from here."""

    def __init__(self, client: ManagementClient, resource: Mapping[str, Any]) -> None:
        self._client = client
        self._resource = resource

    @property
    def id(self) -> str:
        """Its ARM id."""
        return str(self._resource["id"])

    @property
    def properties(self) -> Mapping[str, Any]:
        """All that the management API says of it."""
        return self._resource["properties"]

    @property
    def number(self) -> int:
        """Its number in the workspace."""
        return int(self.properties["incidentNumber"])

    @property
    def title(self) -> str:
        """Its title."""
        return str(self.properties["title"])

    @property
    def severity(self) -> str:
        """High, Medium, Low or Informational."""
        return str(self.properties["severity"])

    @property
    def status(self) -> str:
        """New, Active or Closed."""
        return str(self.properties["status"])

    @property
    def owner(self) -> str:
        """Who works on it; empty for nobody."""
        owner: Mapping[str, Any] = self.properties.get("owner") or {}
        told = owner.get("assignedTo") or owner.get("userPrincipalName") or owner.get("email")
        return str(told or "")

    @property
    def created(self) -> datetime:
        """When it was opened."""
        return instant_of(str(self.properties["createdTimeUtc"]))

    @property
    def labels(self) -> tuple[str, ...]:
        """Its tags."""
        return tuple(str(each["labelName"]) for each in self.properties.get("labels") or ())

    def alerts(self) -> Sequence[Mapping[str, Any]]:
        """Its alerts, as the management API has them."""
        return self._client.ask("POST", f"{self.id}/alerts", _VERSION).get("value", [])

    def entities(self) -> Sequence[Mapping[str, Any]]:
        """What its alerts are about."""
        return self._client.ask("POST", f"{self.id}/entities", _VERSION).get("entities", [])

    def comments(self) -> Sequence[str]:
        """What people wrote, the newest first."""
        found = self._client.all(f"{self.id}/comments", _VERSION)
        return [str(each["properties"]["message"]) for each in found]

    def comment(self, message: str) -> None:
        """Write a comment, and read the incident again, which that changes. Raises Refused and Unavailable."""
        body = {"properties": {"message": message}}
        self._client.ask("PUT", f"{self.id}/comments/{new_id()}", _VERSION, body)
        self.refresh()

    def change(self, **changes: Any) -> "Incident":
        """Change properties, such as `severity="Low"`, `status="Active"`, `labels=["phishing"]`. What somebody else
        changed since it was read is not overwritten. Raises Refused (with status 412 or 409 then) and Unavailable."""
        if "labels" in changes:
            changes["labels"] = [{"labelName": each} if isinstance(each, str) else each for each in changes["labels"]]
        kept = {name: self.properties[name] for name in _WRITABLE if name in self.properties}
        body = {"etag": self._resource.get("etag"), "properties": {**kept, **changes}}
        self._resource = self._client.ask("PUT", self.id, _VERSION, body)
        return self

    def close(self, classification: str = "Undetermined", *, reason: str = "", comment: str = "") -> "Incident":
        """Close it: `TruePositive` (`SuspiciousActivity`), `BenignPositive` (`SuspiciousButExpected`), `FalsePositive`
        (`IncorrectAlertLogic` or `InaccurateData`), or `Undetermined`. Raises as `change` does."""
        told = {"classificationReason": reason, "classificationComment": comment}
        given = {name: each for name, each in told.items() if each}
        return self.change(status="Closed", classification=classification, **given)

    def refresh(self) -> "Incident":
        """Read it again."""
        self._resource = self._client.ask("GET", self.id, _VERSION)
        return self

    def cells(self) -> Sequence[Any]:
        """What a list shows of it."""
        count = (self.properties.get("additionalData") or {}).get("alertsCount")
        return (self.number, self.severity, self.status, self.title, self.owner, count, self.created)

    def _repr_html_(self) -> str:
        data: Mapping[str, Any] = self.properties.get("additionalData") or {}
        return facts_html(
            f"{self.number}: {self.title}",
            [
                *zip(_COLUMNS[1:3], (self.severity, self.status), strict=True),
                ("Description", self.properties.get("description")),
                ("Owner", self.owner),
                ("Tactics", ", ".join(data.get("tactics") or ())),
                ("Alerts", data.get("alertsCount")),
                ("Labels", ", ".join(self.labels)),
                ("Created", self.created),
                ("Classification", self.properties.get("classification")),
            ],
        )

    def __repr__(self) -> str:
        return f"<Incident {self.number} {self.severity} {self.status}: {self.title}>"
