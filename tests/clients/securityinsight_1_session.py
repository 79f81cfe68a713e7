"""azure-mgmt-securityinsight 1.0.0, run by the Python that has it: `securityinsight_1_session.py READY PART`.

Calls every operation of a part and says on its last line what it found, as JSON. The newest release that is not a
preview, it is generated another way than the previews: it flattens properties, and speaks api-version 2021-10-01.
"""

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from azure.core.exceptions import HttpResponseError
from azure.identity import ClientSecretCredential
from azure.mgmt.securityinsight import SecurityInsights, models

Place = tuple[str, str]
Found = dict[str, object]


def main(ready: dict[str, str], part: str) -> Found:
    """What the operations of a part find."""
    credential = ClientSecretCredential(
        ready["tenant_id"],
        ready["client_id"],
        ready["client_secret"],
        authority=ready["https"],
        disable_instance_discovery=True,
        connection_verify=ready["ca"],
    )
    client = SecurityInsights(
        credential,
        ready["subscription_id"],
        base_url=ready["https"],
        credential_scopes=[f"{ready['https']}/.default"],
        connection_verify=ready["ca"],
        retry_total=0,
    )
    with client:
        return PARTS[part](client, (ready["resource_group"], ready["workspace_name"]))


def names(listed: Any) -> list[str]:
    return [each.name for each in listed]


def refused(ask: Callable[[], object]) -> int | None:
    """The status of a refusal."""
    try:
        ask()
    except HttpResponseError as error:
        return error.status_code
    return None


def incidents(client: SecurityInsights, place: Place) -> Found:
    at, operations = (*place, "stable"), client.incidents
    sent = models.Incident(
        title="From 1.0.0", severity="High", status="New", labels=[models.IncidentLabel(label_name="one")]
    )
    made = operations.create_or_update(*at, sent)
    listed = names(operations.list(*place, filter="properties/title eq 'From 1.0.0'", top=5))
    client.incident_comments.create_or_update(*at, "c", models.IncidentComment(message="looked at it"))
    comments = names(client.incident_comments.list(*at, orderby="properties/createdTimeUtc desc"))
    message = client.incident_comments.get(*at, "c").message
    mark = client.bookmarks.create_or_update(*place, "stable-related", models.Bookmark(display_name="Odd", query="T"))
    client.incident_relations.create_or_update(*at, "r", models.Relation(related_resource_id=mark.id))
    relation = client.incident_relations.get(*at, "r")
    relations = names(client.incident_relations.list(*at))
    marks = [each.display_name for each in operations.list_bookmarks(*at).value]
    alerts, entities = operations.list_alerts(*at).value, operations.list_entities(*at).entities
    current = operations.get(*at)
    current.status, current.classification, current.classification_reason = (
        "Closed",
        "TruePositive",
        "SuspiciousActivity",
    )
    closed = operations.create_or_update(*at, current)
    sent.etag = made.etag
    stale = refused(lambda: operations.create_or_update(*at, sent))
    client.incident_relations.delete(*at, "r")
    client.incident_comments.delete(*at, "c")
    client.bookmarks.delete(*place, "stable-related")
    operations.delete(*at)
    return {
        "made": [made.title, made.labels[0].label_name, isinstance(made.created_time_utc, datetime)],
        "listed": listed,
        "comments": [*comments, message],
        "relations": [*relations, relation.related_resource_name],
        "inside": [marks, alerts, entities],
        "closed": [closed.status, closed.classification],
        "stale": stale,
        "gone": refused(lambda: operations.get(*at)),
    }


def rules(client: SecurityInsights, place: Place) -> Found:
    at, operations = (*place, "stable-rule"), client.alert_rules
    sent = models.ScheduledAlertRule(
        display_name="From 1.0.0",
        enabled=False,
        query="Heartbeat",
        query_frequency=timedelta(hours=1),
        query_period=timedelta(hours=1),
        severity="High",
        suppression_duration=timedelta(hours=1),
        suppression_enabled=False,
        trigger_operator="GreaterThan",
        trigger_threshold=0,
    )
    made = operations.create_or_update(*at, sent)
    shown: Any = operations.get(*at)
    group = f"/subscriptions/{made.id.split('/')[2]}/resourceGroups/{place[0]}"
    flow = f"{group}/providers/Microsoft.Logic/workflows/stable"
    action = models.ActionRequest(
        logic_app_resource_id=flow, trigger_uri="https://prod-1.logic.azure.com:443/workflows/1/triggers/manual?sig=1"
    )
    client.actions.create_or_update(*at, "a", action)
    actions = [
        *names(client.actions.list_by_alert_rule(*at)),
        client.actions.get(*at, "a").logic_app_resource_id == flow,
    ]
    client.actions.delete(*at, "a")
    templates = names(client.alert_rule_templates.list(*place))
    listed = names(operations.list(*place))
    operations.delete(*at)
    return {
        "shown": [type(shown).__name__, shown.query_frequency == timedelta(hours=1), shown.etag == made.etag],
        "listed": "stable-rule" in listed,
        "actions": actions,
        "template": [client.alert_rule_templates.get(*place, each).name == each for each in templates[:1]],
        "no_template": refused(lambda: client.alert_rule_templates.get(*place, "none")),
        "gone": refused(lambda: operations.get(*at)),
    }


def automation_rules(client: SecurityInsights, place: Place) -> Found:
    at, operations = (*place, "stable-automation"), client.automation_rules
    condition = models.PropertyConditionProperties(
        condition_properties=models.AutomationRulePropertyValuesCondition(
            property_name="IncidentSeverity", operator="Equals", property_values=["High"]
        )
    )
    logic = models.AutomationRuleTriggeringLogic(
        is_enabled=True, triggers_on="Incidents", triggers_when="Created", conditions=[condition]
    )
    change = models.AutomationRuleModifyPropertiesAction(
        order=1, action_configuration=models.IncidentPropertiesAction(severity="Low")
    )
    rule = models.AutomationRule(display_name="From 1.0.0", order=1, triggering_logic=logic, actions=[change])
    operations.create_or_update(*at, rule)
    shown = operations.get(*at)
    listed = names(operations.list(*place))
    operations.delete(*at)
    return {
        "shown": [shown.display_name, shown.actions[0].action_configuration.severity],
        "condition": shown.triggering_logic.conditions[0].condition_properties.property_values,
        "listed": "stable-automation" in listed,
        "gone": refused(lambda: operations.get(*at)),
    }


def watchlists(client: SecurityInsights, place: Place) -> Found:
    at, operations, items = (*place, "stable-hosts"), client.watchlists, client.watchlist_items
    sent = models.Watchlist(
        display_name="Hosts",
        provider="Contoso",
        source="Local file",
        items_search_key="Host",
        content_type="text/csv",
        raw_content="Host,Town\nweb1,Turin\n",
        number_of_lines_to_skip=0,
    )
    operations.create_or_update(*at, sent)
    shown = operations.get(*at)
    listed = names(operations.list(*place))
    item = "11111111-2222-4333-8444-555555555556"
    items.create_or_update(*at, item, models.WatchlistItem(items_key_value={"Host": "web2", "Town": "Rome"}))
    hosts = sorted(each.items_key_value["Host"] for each in items.list(*at))
    town = items.get(*at, item).items_key_value["Town"]
    items.delete(*at, item)
    left = len(names(items.list(*at)))
    operations.delete(*at)
    return {
        "shown": [shown.watchlist_alias, shown.items_search_key],
        "listed": "stable-hosts" in listed,
        "items": [hosts, town, left],
        "gone": refused(lambda: operations.get(*at)),
    }


def bookmarks(client: SecurityInsights, place: Place) -> Found:
    at, operations = (*place, "stable-mark"), client.bookmarks
    when = datetime(2024, 1, 2, tzinfo=UTC)
    sent = models.Bookmark(display_name="Odd", query="Heartbeat", query_result="{}", labels=["a"], event_time=when)
    operations.create_or_update(*at, sent)
    shown = operations.get(*at)
    listed = names(operations.list(*place))
    operations.delete(*at)
    return {
        "shown": [shown.display_name, shown.labels, shown.event_time == when],
        "listed": "stable-mark" in listed,
        "gone": refused(lambda: operations.get(*at)),
    }


def indicators(client: SecurityInsights, place: Place) -> Found:
    operations = client.threat_intelligence_indicator

    def indicator(confidence: int, tags: list[str]) -> models.ThreatIntelligenceIndicatorModel:
        return models.ThreatIntelligenceIndicatorModel(
            display_name="stable scanner",
            source="Contoso",
            pattern="[ipv4-addr:value = '203.0.113.78']",
            pattern_type="ipv4-addr",
            threat_types=["malicious-activity"],
            threat_intelligence_tags=tags,
            confidence=confidence,
            valid_from="2024-01-01T00:00:00Z",
        )

    made = operations.create_indicator(*place, indicator(10, ["one"]))
    operations.create(*place, "stable-20", indicator(20, []))
    operations.append_tags(*place, made.name, models.ThreatIntelligenceAppendTags(threat_intelligence_tags=["two"]))
    shown: Any = operations.get(*place, made.name)
    replaced: Any = operations.replace_tags(*place, made.name, indicator(10, ["three"]))
    criteria = models.ThreatIntelligenceFilteringCriteria(
        page_size=1,
        keywords=["stable scanner"],
        sort_by=[models.ThreatIntelligenceSortingCriteria(item_key="confidence", sort_order="descending")],
    )
    found: list[Any] = list(operations.query_indicators(*place, criteria))
    listed = names(client.threat_intelligence_indicators.list(*place, top=100))
    metrics = client.threat_intelligence_indicator_metrics.list(*place).value
    for name in (made.name, "stable-20"):
        operations.delete(*place, name)
    return {
        "kind": type(shown).__name__,
        "tags": [shown.threat_intelligence_tags, replaced.threat_intelligence_tags],
        "found": [each.confidence for each in found],
        "listed": made.name in listed,
        "metrics": bool(metrics[0].properties.pattern_type_metrics),
        "gone": refused(lambda: operations.get(*place, made.name)),
    }


def connectors(client: SecurityInsights, place: Place) -> Found:
    at, operations = (*place, "stable-connector"), client.data_connectors
    types = models.AlertsDataTypeOfDataConnector(alerts=models.DataConnectorDataTypeCommon(state="Enabled"))
    tenant = "33e01921-4d64-4f8c-a055-5bdaffd5e33d"
    operations.create_or_update(*at, models.AADDataConnector(tenant_id=tenant, data_types=types))
    shown: Any = operations.get(*at)
    listed = names(operations.list(*place))
    operations.delete(*at)
    states = client.sentinel_onboarding_states
    states.create(*place, "default", models.SentinelOnboardingState(customer_managed_key=False))
    return {
        "shown": [type(shown).__name__, shown.data_types.alerts.state],
        "listed": "stable-connector" in listed,
        "gone": refused(lambda: operations.get(*at)),
        "state": [states.get(*place, "default").name, names(states.list(*place).value)],
        "operations": "Microsoft.SecurityInsights/incidents/read" in names(client.operations.list()),
    }


def onboarding(client: SecurityInsights, place: Place) -> Found:
    """Takes Sentinel off the workspace, and puts it on again."""
    states = client.sentinel_onboarding_states
    states.delete(*place, "default")
    off = refused(lambda: names(client.incidents.list(*place)))
    states.create(*place, "default", models.SentinelOnboardingState(customer_managed_key=False))
    return {"off": off, "on": names(client.incidents.list(*place))}


PARTS = {
    "incidents": incidents,
    "rules": rules,
    "automation_rules": automation_rules,
    "watchlists": watchlists,
    "bookmarks": bookmarks,
    "indicators": indicators,
    "connectors": connectors,
    "onboarding": onboarding,
}

if __name__ == "__main__":
    print(json.dumps(main(json.loads(Path(sys.argv[1]).read_text()), sys.argv[2])))
