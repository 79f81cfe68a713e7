"""A session of msticpy's MicrosoftSentinel class, run by the Python that has it: `msticpy_session.py READY PART`.

Says on its last line what it found, as JSON. https://msticpy.readthedocs.io/en/latest/data_acquisition/Sentinel.html
"""

import json
import sys
from pathlib import Path

import pandas as pd
from azure.identity import ClientSecretCredential
from msticpy.context.azure import MicrosoftSentinel

QUERY = "Heartbeat | take 1"


def main(ready: dict[str, str], part: str) -> dict[str, object]:
    """What a part of the class finds."""
    sentinel = MicrosoftSentinel(
        sub_id=ready["subscription_id"], res_grp=ready["resource_group"], ws_name=ready["workspace_name"]
    )
    credential = ClientSecretCredential(
        ready["tenant_id"],
        ready["client_id"],
        ready["client_secret"],
        authority=ready["https"],
        disable_instance_discovery=True,
    )
    sentinel.connect(credential=credential, tenant_id=ready["tenant_id"], silent=True)
    return PARTS[part](sentinel)


def incidents(sentinel: MicrosoftSentinel) -> dict[str, object]:
    id = sentinel.create_incident(title="From msticpy", severity="Medium", description="a notebook")
    sentinel.post_comment(id, "looked at it")
    sentinel.update_incident(id, update_items={"severity": "High", "status": "Active"})
    shown = sentinel.get_incident(id, entities=True, alerts=True, comments=True, bookmarks=True)
    listed = sentinel.list_incidents()
    return {
        "severity": shown["properties.severity"].iloc[0],
        "comments": [each["Message"] for each in sentinel.get_incident_comments(id)],
        "incidents": list(listed["properties.title"]),
    }


def rules(sentinel: MicrosoftSentinel) -> dict[str, object]:
    id = sentinel.create_analytic_rule(name="By msticpy", query=QUERY, severity="Low")
    listed = sentinel.list_alert_rules()
    found = {
        "rules": list(listed["properties.displayName"]),
        "templates": len(sentinel.list_analytic_templates()),
        "hunting": list(sentinel.list_hunting_queries().get("properties.displayName", [])),
        "saved": len(sentinel.list_saved_queries()),
    }
    sentinel.delete_analytic_rule(id or "By msticpy")
    return found


def bookmarks(sentinel: MicrosoftSentinel) -> dict[str, object]:
    id = sentinel.create_bookmark(name="A mark", query=QUERY, notes="odd", labels=["one"])
    listed = sentinel.list_bookmarks()
    sentinel.delete_bookmark(id)
    return {"bookmarks": list(listed["properties.displayName"])}


def watchlists(sentinel: MicrosoftSentinel) -> dict[str, object]:
    people = pd.DataFrame([{"User": "adele", "Site": "north"}, {"User": "alex", "Site": "south"}])
    sentinel.create_watchlist(watchlist_name="people", description="who", search_key="User", data=people)
    sentinel.add_watchlist_item("people", {"User": "megan", "Site": "west"})
    items = sentinel.list_watchlist_items("people")
    listed = sentinel.list_watchlists()
    sentinel.delete_watchlist("people")
    return {
        "watchlists": list(listed["properties.watchlistAlias"]),
        "people": sorted(items["properties.itemsKeyValue.User"]),
    }


def indicators(sentinel: MicrosoftSentinel) -> dict[str, object]:
    id = sentinel.create_indicator(indicator="203.0.113.9", ioc_type="ipv4", name="Scanner", confidence=60, silent=True)
    found = sentinel.query_indicators(keywords="Scanner")
    listed = sentinel.get_all_indicators()
    metrics = sentinel.get_ti_metrics()
    sentinel.add_tag(id, "seen")  # a PUT without the name, which is gone by it
    shown = sentinel.get_indicator(id)
    sentinel.delete_indicator(id)
    return {
        "tags": shown["properties"].get("threatIntelligenceTags"),
        "indicators": list(listed["properties.displayName"]),
        "queried": len(found),
        "metrics": len(metrics),
    }


PARTS = {
    "incidents": incidents,
    "rules": rules,
    "bookmarks": bookmarks,
    "watchlists": watchlists,
    "indicators": indicators,
}

if __name__ == "__main__":
    print(json.dumps(main(json.loads(Path(sys.argv[1]).read_text()), sys.argv[2])))
