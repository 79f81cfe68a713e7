"""How many cases there are by severity and by status.

https://github.com/Azure/azure-rest-api-specs (securityinsights 2019-01-01-preview, Aggregations.json)
"""

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.controller import not_found
from vedette.detect.incidents import INCIDENT
from vedette.sentinel.extension import extension
from vedette.state.conditions import And, Compare, Condition

_AGGREGATION = "Microsoft.SecurityInsights/aggregations"
_OPEN = Compare(("properties", "status"), "ne", "Closed")
_CLOSED = Compare(("properties", "status"), "eq", "Closed")


def _get(context: Context, call: Call) -> Answer:
    if call.path.name.lower() != "cases":
        raise not_found(CASE_AGGREGATIONS, call.path)

    def count(*conditions: Condition) -> int:
        return context.state.count(INCIDENT, call.path.scope, where=And(conditions))

    def closed(classification: str) -> int:
        return count(_CLOSED, Compare(("properties", "classification"), "eq", classification))

    severities = {
        f"total{severity}Severity": count(_OPEN, Compare(("properties", "severity"), "eq", severity))
        for severity in ("High", "Medium", "Low", "Informational")
    }
    statuses = {
        "totalNewStatus": count(Compare(("properties", "status"), "eq", "New")),
        "totalInProgressStatus": count(Compare(("properties", "status"), "eq", "Active")),
        "totalResolvedStatus": closed("Undetermined"),
        "totalDismissedStatus": closed("BenignPositive"),
        "totalTruePositiveStatus": closed("TruePositive"),
        "totalFalsePositiveStatus": closed("FalsePositive"),
    }
    properties = {
        "aggregationBySeverity": {"totalCriticalSeverity": 0, **severities},
        "aggregationByStatus": statuses,
    }
    shown = {"id": call.path.id, "name": "Cases", "type": _AGGREGATION, "kind": "CasesAggregation"}
    return Answer(200, shown | {"properties": properties})


CASE_AGGREGATIONS = extension(
    "aggregation",
    _AGGREGATION,
    key="aggregationsName",
    methods=frozenset({"GET"}),
    handlers={"GET": _get},
)
