"""The queries about entities that every workspace has: ways from one entity to others, insights, and templates of
activities. They read local tables only.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar

from vedette.core.ids import derived_id

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Insight:
    """A query about an entity of a type that gives a table; `required` are the sets of fields one of which it needs."""

    name: str
    title: str
    description: str
    type: str
    required: tuple[tuple[str, ...], ...]
    tables: tuple[str, ...]
    query: str
    summarize: str
    project: str
    columns: tuple[tuple[str, str], ...]

    AROUND: ClassVar[timedelta] = timedelta(hours=12)
    """How much further it looks, before and after, when it is asked to."""

    @property
    def id(self) -> str:
        """Its GUID."""
        return derived_id("insight", self.name)

    def properties(self, query: str) -> Body:
        """As the API shows it; `query` is its own with an entity's values filled in."""
        return {
            "displayName": self.title,
            "description": self.description,
            "baseQuery": query,
            "tableQuery": {
                "columnsDefinitions": [
                    {"header": header, "outputType": type, "supportDeepLink": False} for header, type in self.columns
                ],
                "queriesDefinitions": [
                    {
                        "filter": "where true",
                        "summarize": self.summarize,
                        "project": self.project,
                        "linkColumnsDefinitions": [],
                    }
                ],
            },
            "inputEntityType": self.type,
            "requiredInputFieldsSets": [list(names) for names in self.required],
            "dataTypes": [{"dataType": table} for table in self.tables],
            "entitiesFilter": {},
            "defaultTimeRange": {"beforeRange": "12:00:00", "afterRange": "12:00:00"},
            "referenceTimeRange": {"beforeRange": "00:00:00"},
        }


@dataclass(frozen=True, slots=True)
class ActivityTemplate:
    """A query about an entity whose rows are activities of it."""

    name: str
    title: str
    content: str
    type: str
    required: tuple[tuple[str, ...], ...]
    tables: tuple[str, ...]
    query: str
    filters: Body = field(default_factory=dict[str, Any])

    @property
    def id(self) -> str:
        """Its GUID."""
        return derived_id("activity template", self.name)

    def properties(self) -> Body:
        """As the API shows it."""
        return {
            "title": self.title,
            "content": self.content,
            "description": self.title,
            "queryDefinitions": {"query": self.query},
            "inputEntityType": self.type,
            "requiredInputFieldsSets": [list(names) for names in self.required],
            "entitiesFilter": self.filters,
            "dataTypes": [{"dataType": table} for table in self.tables],
        }


RELATED_ENTITIES = "a77992f3-25e9-4d01-99a4-5ff606cc410a"
"""The expansion from an entity to those that are in alerts with it, under the id that published requests use."""
RELATED_ALERTS = derived_id("expansion", "alerts")
ENTITIES_OF_BOOKMARK = "27f76e63-c41b-480f-bb18-12ad2e011d49"

EXPANSIONS: dict[str, str] = {
    RELATED_ENTITIES: "Entities in the same alerts",
    RELATED_ALERTS: "Related alerts",
}

_COUNTED = "summarize Count = count(), Latest = max(TimeGenerated)"
_OF_COUNTS = (("Count", "Number"), ("Latest", "Date"))

INSIGHTS: tuple[Insight, ...] = (
    Insight(
        "account sign-ins",
        "Sign-ins of the account",
        "How often the account signed in, by outcome and application.",
        "Account",
        (("Account_Name", "Account_UPNSuffix"), ("Account_AadUserId",)),
        ("SigninLogs",),
        "SigninLogs | where UserPrincipalName =~ strcat('{{Account_Name}}', '@', '{{Account_UPNSuffix}}')"
        " or (isnotempty('{{Account_AadUserId}}') and UserId =~ '{{Account_AadUserId}}')",
        f"{_COUNTED} by Outcome = iff(ResultType == '0', 'Success', 'Failure'), AppDisplayName",
        "project Outcome, Application = AppDisplayName, Count, Latest",
        (("Outcome", "String"), ("Application", "String"), *_OF_COUNTS),
    ),
    Insight(
        "address sign-ins",
        "Sign-ins from the address",
        "Who signed in from the address, by outcome.",
        "IP",
        (("IP_Address",),),
        ("SigninLogs",),
        "SigninLogs | where IPAddress == '{{IP_Address}}'",
        f"{_COUNTED} by Outcome = iff(ResultType == '0', 'Success', 'Failure'), UserPrincipalName",
        "project Account = UserPrincipalName, Outcome, Count, Latest",
        (("Account", "String"), ("Outcome", "String"), *_OF_COUNTS),
    ),
    Insight(
        "host events",
        "Security events on the host",
        "What the host's security log recorded, by activity.",
        "Host",
        (("Host_HostName",),),
        ("SecurityEvent",),
        "SecurityEvent | where tostring(split(Computer, '.')[0]) =~ '{{Host_HostName}}'",
        f"{_COUNTED} by Activity",
        "project Activity, Count, Latest",
        (("Activity", "String"), *_OF_COUNTS),
    ),
)

ACTIVITY_TEMPLATES: tuple[ActivityTemplate, ...] = (
    ActivityTemplate(
        "failed sign-ins",
        "The account failed to sign in",
        "'{{UserPrincipalName}}' failed to sign in to '{{AppDisplayName}}' from {{IPAddress}}",
        "Account",
        (("Account_Name", "Account_UPNSuffix"),),
        ("SigninLogs",),
        "SigninLogs | where ResultType != '0'"
        " and UserPrincipalName =~ strcat('{{Account_Name}}', '@', '{{Account_UPNSuffix}}')",
    ),
    ActivityTemplate(
        "sign-ins from an address",
        "Somebody signed in from the address",
        "'{{UserPrincipalName}}' signed in from {{IPAddress}}",
        "IP",
        (("IP_Address",),),
        ("SigninLogs",),
        "SigninLogs | where ResultType == '0' and IPAddress == '{{IP_Address}}'",
    ),
    ActivityTemplate(
        "processes",
        "A process was started on the host",
        "'{{Account}}' started {{NewProcessName}}",
        "Host",
        (("Host_HostName",),),
        ("SecurityEvent",),
        "SecurityEvent | where EventID == 4688 and tostring(split(Computer, '.')[0]) =~ '{{Host_HostName}}'",
    ),
)
