from datetime import UTC, datetime
from typing import Any

from vedette.detect.incident_of_alerts import told_by
from vedette.state.documents import Document

RULES = "/ws/providers/Microsoft.SecurityInsights/alertRules"


def alert(name: str, **additional: str) -> Document:
    at = datetime(2024, 5, 1, tzinfo=UTC)
    times = {"startTimeUtc": "2024-05-01T00:00:00Z", "endTimeUtc": "2024-05-01T00:00:00Z"}
    return Document(
        f"/ws/{name}", "entities", "/ws", name, "", {"properties": times | {"additionalData": additional}}, at, at
    )


def rules(*alerts: Document) -> list[str]:
    known: dict[str, Any] = {"additionalData": {}, "relatedAnalyticRuleIds": [f"{RULES}/products", f"{RULES}/gone"]}
    return told_by(known, alerts, "/ws")["relatedAnalyticRuleIds"]


def test_the_rule_of_a_products_alert_stays() -> None:
    query = alert("a", **{"Analytic Rule Ids": '["query"]'})
    assert rules(query) == [f"{RULES}/query"]
    assert rules(query, alert("b")) == [f"{RULES}/products", f"{RULES}/gone", f"{RULES}/query"]
