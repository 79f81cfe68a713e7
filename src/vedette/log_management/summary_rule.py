"""A summary rule as its document has it: what it asks of which bins of time, and how far it has come.

https://learn.microsoft.com/azure/azure-monitor/logs/summary-rules
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from vedette.kql.types import ScalarType
from vedette.logs.standard_names import STANDARD_COLUMNS
from vedette.state.documents import Document
from vedette.state.store import StateStore, Transaction

SUMMARY_RULE: Final = "Microsoft.OperationalInsights/workspaces/summaryLogs"
BIN_MINUTES: Final = (20, 30, 60, 120, 180, 360, 720, 1440)
DEFAULT_DELAY: Final = timedelta(minutes=4)
MOST_TRIES: Final = 10
TRIED_FOR: Final = timedelta(hours=8)
MOST_SKIPPED: Final = 8
"""Bins given up in a row, after which the rule is stopped."""

BIN_COLUMNS: Final[Mapping[str, ScalarType]] = {
    "_RuleName": ScalarType.string,
    "_RuleLastModifiedTime": ScalarType.datetime,
    "_BinSize": ScalarType.int,
    "_BinStartTime": ScalarType.datetime,
}
"""What every row of a destination says of where it comes from."""

COLUMNS: Final = "columns"
"""What a rule's document keeps beside the rule: the columns of what it gives, by their names in its destination."""

_PROGRESS: Final = "Vedette/summaryProgress"
_MOST_FAILED = 200


@dataclass(frozen=True, slots=True)
class SummaryRule:
    """A rule; `first` is the start of its first bin, where it says so itself, and `columns` are those that its
    destination has for it."""

    id: str
    name: str
    workspace_resource_id: str
    query: str
    size: timedelta
    delay: timedelta
    first: datetime | None
    destination: str
    active: bool
    created: datetime
    modified: datetime
    columns: Mapping[str, ScalarType]

    @staticmethod
    def of(document: Document) -> "SummaryRule":
        """The rule of a document that was checked when it was stored."""
        properties: Mapping[str, Any] = document.body["properties"]
        definition: Mapping[str, Any] = properties["ruleDefinition"]
        delay, first = definition.get("binDelay"), definition.get("binStartTime")
        return SummaryRule(
            id=document.id,
            name=document.name,
            workspace_resource_id=document.scope,
            query=definition["query"],
            size=timedelta(minutes=definition["binSize"]),
            delay=DEFAULT_DELAY if delay is None else timedelta(minutes=delay),
            first=None if first is None else datetime.fromisoformat(first),
            destination=definition["destinationTable"],
            active=properties["isActive"],
            created=document.created,
            modified=document.modified,
            columns={name: ScalarType(type) for name, type in document.body.get(COLUMNS, {}).items()},
        )

    def first_bin(self, now: datetime) -> datetime:
        """The start of the bin that a rule made or started now begins with: the one that ends with this hour, or the
        next that ends of those that the rule lays out itself."""
        if self.first is None:
            hour = now.replace(minute=0, second=0, microsecond=0)
            return (hour if hour == now else hour + timedelta(hours=1)) - self.size
        over = max(0, (now - self.first) // self.size)
        return self.first + over * self.size

    def has_bin(self, start: datetime, of: datetime) -> bool:
        """Whether a bin begins at an instant, where one begins at another."""
        return not (start - of) % self.size


@dataclass(frozen=True, slots=True)
class Progress:
    """`next` is the start of the bin to run next; `tries` of it have failed, and it is tried again at `again`. So many
    bins in a row were given up (`skipped`); `failed` are the starts of those that were, of late."""

    next: datetime
    tries: int = 0
    again: datetime | None = None
    skipped: int = 0
    failed: tuple[datetime, ...] = ()

    def due(self, rule: SummaryRule) -> datetime:
        """When the next bin is to be run."""
        due = self.next + rule.size + rule.delay
        return due if self.again is None else max(due, self.again)

    def done(self, rule: SummaryRule) -> "Progress":
        """After a bin that was run."""
        return Progress(self.next + rule.size, failed=self.failed)

    def missed(self, rule: SummaryRule, at: datetime) -> "Progress":
        """After a bin that failed: it is tried again for some hours, then given up."""
        if self.tries + 1 < MOST_TRIES:
            return replace(self, tries=self.tries + 1, again=at + TRIED_FOR / MOST_TRIES)
        failed = (*self.failed, self.next)[-_MOST_FAILED:]
        return Progress(self.next + rule.size, skipped=self.skipped + 1, failed=failed)


def read_progress(state: StateStore | Transaction, rule_id: str) -> Progress | None:
    """How far a rule has come; None for one that was never active."""
    document = state.get(_place(rule_id))
    if document is None:
        return None
    body = document.body
    return Progress(
        next=datetime.fromisoformat(body["next"]),
        tries=body["tries"],
        again=None if body["again"] is None else datetime.fromisoformat(body["again"]),
        skipped=body["skipped"],
        failed=tuple(map(datetime.fromisoformat, body["failed"])),
    )


def write_progress(transaction: Transaction, rule_id: str, progress: Progress) -> None:
    """Keep how far a rule has come; it goes with the rule."""
    body = {
        "next": progress.next.isoformat(),
        "tries": progress.tries,
        "again": None if progress.again is None else progress.again.isoformat(),
        "skipped": progress.skipped,
        "failed": [each.isoformat() for each in progress.failed],
    }
    transaction.put(id=_place(rule_id), type=_PROGRESS, scope=rule_id, name="progress", body=body)


def _place(rule_id: str) -> str:
    return f"{rule_id}/vedette/progress"


def result_names(names: list[str]) -> list[str]:
    """The columns of a destination that a query's results go to: reserved names get the prefix that the service gives
    them."""
    return [f"_Original{name}" if name in STANDARD_COLUMNS or name in BIN_COLUMNS else name for name in names]
