"""The SecurityAlert rows of alerts that were changed: the last row of each, with what is new.

A row is as its alert's maker wrote it; a document has less. So the last one is read back from the log.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from vedette.access.workspaces import Workspace
from vedette.graph_security.found_alert import FoundAlert
from vedette.graph_security.triage import Triage
from vedette.logs.query_record import Caller
from vedette.logs.store import LogStore
from vedette.logs.table_changes import text_literal

_SOONER: Final = timedelta(days=1)
_QUERY: Final = """SecurityAlert
| where SystemAlertId in ({ids})
| summarize arg_max(TimeGenerated, *) by SystemAlertId
| project-away TenantId, Type, _*"""


def last_rows(
    logs: LogStore, workspace: Workspace, alerts: Iterable[FoundAlert], now: datetime
) -> dict[str, dict[str, Any]]:
    """The last row of each, by its id; of an alert whose rows are gone there is none."""
    asked = list(alerts)
    if not asked:
        return {}
    first = min(each.document.created for each in asked) - _SOONER
    text = _QUERY.format(ids=", ".join(text_literal(each.document.name) for each in asked))
    answer = logs.query(workspace.id, text, timespan=(first, now + _SOONER), caller=Caller("graph", "alerts"))
    names = [column.name for column in answer.columns]
    rows = [dict(zip(names, row, strict=True)) for row in answer.rows()]
    return {str(row["SystemAlertId"]): row for row in rows}


def changed_row(alert: FoundAlert, last: Mapping[str, Any] | None, triage: Triage, now: datetime) -> dict[str, Any]:
    """The row that says how the alert is now; what has no column of its own is among the extended properties."""
    row = dict(last) if last is not None else _row_of(alert)
    extended: dict[str, Any] = orjson.loads(row.get("ExtendedProperties") or "{}")
    told = {
        "Assigned To": triage.assigned_to,
        "Classification": None if triage.classification == "unknown" else triage.classification,
        "Determination": None if triage.determination == "unknown" else triage.determination,
        "Tags": orjson.dumps(list(triage.tags)).decode() if triage.tags else None,
    }
    extended = {name: each for name, each in {**extended, **told}.items() if each is not None}
    return row | {
        "TimeGenerated": now,
        "Status": alert.properties.get("status") or "New",
        "ExtendedProperties": orjson.dumps(extended).decode(),
    }


def _row_of(alert: FoundAlert) -> dict[str, Any]:
    """What a document says of an alert whose rows are older than the table keeps them."""
    held = alert.properties
    return {
        "AlertName": held.get("alertDisplayName"),
        "DisplayName": held.get("alertDisplayName"),
        "AlertSeverity": held.get("severity"),
        "AlertType": held.get("alertType"),
        "Description": held.get("description"),
        "ExtendedProperties": orjson.dumps(dict(alert.additional)).decode(),
        "ProductName": held.get("productName"),
        "ProductComponentName": held.get("productComponentName"),
        "SourceSystem": "Detection",
        "SystemAlertId": alert.document.name,
        "Tactics": ", ".join(held.get("tactics") or ()),
        "VendorName": held.get("vendorName"),
        "VendorOriginalId": held.get("providerAlertId"),
    }
