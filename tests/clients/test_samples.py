"""Real events of products and real feeds: in by the way that their senders use, back by query, all compared.

Custom logs come through the Data Collector, one of them through a data collection rule; feeds are CSV files.
"""

import csv
import json
import os
import re
from collections import Counter
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
from tests.clients.command import vedette
from tests.clients.monitoring import ingestion, made_rule, rule_body
from tests.clients.sdk import Ready, collect, rows

Record = dict[str, Any]

CORPUS = Path(os.environ.get("VEDETTE_CORPUS", Path(__file__).parents[3] / "shared" / "corpus"))
SAMPLES = CORPUS / "samples" / "Custom"
FEEDS = CORPUS / "samples" / "Feeds"
ADDED_BY_THE_SERVER = frozenset(
    {"TenantId", "SourceSystem", "MG", "ManagementGroupName", "TimeGenerated", "RawData", "Type", "_ResourceId"}
)

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason=f"the corpus is not at {CORPUS}; set VEDETTE_CORPUS")


def exported(name: str) -> list[Record]:
    return json.loads((SAMPLES / name).read_text(encoding="utf-8-sig"))


def schema(ready: Ready, table: str) -> dict[str, str]:
    return dict(rows(ready, f"{table} | getschema | project ColumnName, ColumnType"))


def as_json(cell: Any) -> Any:
    """A cell that holds JSON text, read, so that spacing does not count."""
    if isinstance(cell, str) and cell[:1] in ("[", "{"):
        return json.loads(cell)
    return cell


def okta_value(column: str, text: str) -> Any:
    """What the product's own API sends for a cell of the export."""
    if text in ("", "null"):
        return None
    match column[-2:]:
        case "_d":
            return float(text)
        case "_b":
            return text == "TRUE"
        case _:
            return json.loads(text) if text[0] in "[{" else text


def test_okta(server: Ready) -> None:
    columns = [name for name in exported("Okta_CL.json")[0] if name not in {*ADDED_BY_THE_SERVER, "Computer"}]
    stored = [{name: okta_value(name, event[name]) for name in columns} for event in exported("Okta_CL.json")]
    sent = [{name[:-2]: value for name, value in event.items() if value is not None} for event in stored]
    for start in range(0, len(sent), 200):
        collect(server, "Okta", sent[start : start + 200])

    types = {"_s": "string", "_d": "real", "_b": "bool", "_t": "datetime", "_g": "string"}
    with_values = [name for name in columns if any(event[name] is not None for event in stored)]
    made = schema(server, "Okta_CL")
    assert {name: made.get(name) for name in with_values} == {name: types[name[-2:]] for name in with_values}
    assert set(made) & set(columns) == set(with_values)

    back = rows(server, f"Okta_CL | project {', '.join(with_values)}")
    expected = [[okta_cell(name, event[name]) for name in with_values] for event in stored]
    assert counted(back) == counted(expected)


def okta_cell(column: str, value: Any) -> Any:
    """What a query answers for a value that was sent: strings are never null."""
    if value is None:
        return "" if column[-2:] in ("_s", "_g") else None
    return datetime.fromisoformat(value) if column.endswith("_t") else value


def counted(table: list[list[Any]]) -> Counter[str]:
    return Counter(json.dumps([as_json(cell) for cell in row], default=str) for row in table)


def test_squid(server: Ready) -> None:
    """Two proxies, each posting for its own Azure resource."""
    events = exported("SquidProxy.json")
    resources = sorted({event["_ResourceId"] for event in events})
    for resource in resources:
        sent = [squid_record(event) for event in events if event["_ResourceId"] == resource]
        collect(server, "SquidProxy", sent, **{"x-ms-AzureResourceId": resource})

    made = schema(server, "SquidProxy_CL")
    assert {name: made[name] for name in ("Duration_d", "Bytes_d", "Url_s", "EventTime_t", "Computer")} == {
        "Duration_d": "real",
        "Bytes_d": "real",
        "Url_s": "string",
        "EventTime_t": "datetime",
        "Computer": "string",
    }
    back = rows(
        server,
        "SquidProxy_CL | project _ResourceId, Computer, EventTime_t, Duration_d, Bytes_d, SrcIpAddr_s, Url_s, "
        "Description_s, SourceSystem, Type, TenantId",
    )
    stored = [
        [
            event["_ResourceId"].lower(),
            event["Computer"],
            squid_time(event),
            squid_number(event["Duration"]),
            squid_number(event["Bytes"]),
            event["SrcIpAddr"],
            event["Url"],
            event["Description"],
            "RestAPI",
            "SquidProxy_CL",
            server["workspace_id"],
        ]
        for event in events
    ]
    assert counted(back) == counted(stored)

    by_result = rows(server, "SquidProxy_CL | summarize count(), sum(Bytes_d) by ResultCode_s")
    assert {result: (count, size) for result, count, size in by_result} == {
        result: (
            len(group := [event for event in events if event["ResultCode"] == result]),
            sum(squid_number(event["Bytes"]) or 0 for event in group),
        )
        for result in {event["ResultCode"] for event in events}
    }


def squid_record(event: Record) -> Record:
    record = {name: value for name, value in event.items() if name not in ADDED_BY_THE_SERVER and "[UTC]" not in name}
    numbers = {name: squid_number(event[name]) for name in ("Duration", "Bytes")}
    return record | numbers | {"EventTime": squid_time(event).isoformat()}


def squid_number(text: str) -> float | None:
    return None if text in ("", "null") else float(text)


def squid_time(event: Record) -> datetime:
    return datetime.strptime(event["EventTime [UTC]"], "%m/%d/%Y, %I:%M:%S.%f %p").replace(tzinfo=UTC)


def test_tomcat(server: Ready) -> None:
    """Access log lines as messages, taken apart by the query."""
    events = exported("Tomcat_CL.json")
    lines = [event["RawData"] for event in events]
    collect(server, "Tomcat", [{"Message": event["RawData"], "Computer": event["Computer"]} for event in events])
    assert {"Message": "string", "Computer": "string"}.items() <= schema(server, "Tomcat_CL").items()
    assert Counter(line for (line,) in rows(server, "Tomcat_CL | project Message")) == Counter(lines)

    request = re.compile(r'"(\w+) [^"]*" (\d{3}) ')
    wanted = Counter(match.groups() for line in lines if (match := request.search(line)))
    text = (
        r"""Tomcat_CL | extend Method = extract(@'"(\w+) [^"]*" \d{3} ', 1, Message), """
        r"""Status = extract(@'"\w+ [^"]*" (\d{3}) ', 1, Message) """
        "| where isnotempty(Status) | summarize Hits = count() by Method, Status"
    )
    assert {(method, status): hits for method, status, hits in rows(server, text)} == dict(wanted)


def test_umbrella(server: Ready) -> None:
    """Events that name their fields with blanks, send lists, and send one field now as text and now as a number."""
    events = exported("Cisco_Umbrella_proxy_CL.json")
    collect(server, "Cisco_Umbrella_proxy", events)
    made = schema(server, "Cisco_Umbrella_proxy_CL")
    for column, values in umbrella_columns(events).items():
        type = {"_s": "string", "_d": "real", "_t": "datetime"}[column[-2:]]
        assert made.get(column) == type, column
        back = [
            cell for (cell,) in rows(server, f"Cisco_Umbrella_proxy_CL | where isnotnull({column}) | project {column}")
        ]
        assert counted([[cell] for cell in back if cell != ""]) == counted([[value] for value in values]), column
    by_category = rows(
        server,
        "Cisco_Umbrella_proxy_CL | mv-expand Category = parse_json(Categories_s) "
        "| summarize count() by tostring(Category)",
    )
    assert dict(by_category) == Counter(category for event in events for category in event["Categories"])


def umbrella_columns(events: list[Record]) -> dict[str, list[Any]]:
    """The columns that the events make, and each one's values."""
    columns: dict[str, list[Any]] = {}
    for event in events:
        for name, value in event.items():
            if value is None or value == "":
                continue
            base = re.sub(r"\W", "_", name)
            if name == "Timestamp" and value[4] == "-":
                columns.setdefault(f"{base}_t", []).append(datetime.fromisoformat(value).replace(tzinfo=UTC))
            elif isinstance(value, int):
                columns.setdefault(f"{base}_d", []).append(float(value))
            else:
                columns.setdefault(f"{base}_s", []).append(value)
    return columns


NXLOG_TYPES = {"ProviderGuid": "_g", "GUID": "_g", "EventTime": "_t", "EventReceivedTime": "_t"}


def nxlog_value(column: str, value: Any) -> Any:
    """What a query answers for a value of an event."""
    match column[-2:]:
        case "_g":
            return value.strip("{}").lower()
        case "_t":
            return datetime.fromisoformat(value).astimezone(UTC)
        case "_d":
            return float(value)
        case _:
            return value


def test_nxlog_dns(server: Ready) -> None:
    """Events of one source and forty different fields, numbers as numbers and as texts, guids in braces."""
    events = exported("NXLog_DNS_Server_CL.json")
    for start in range(0, len(events), 250):
        collect(server, "NXLog_DNS_Server", events[start : start + 250])
    columns = {
        name: f"{name}{NXLOG_TYPES.get(name, '_d' if isinstance(value, int) else '_s')}"
        for event in events
        for name, value in event.items()
    }
    types = {"_s": "string", "_d": "real", "_t": "datetime", "_g": "string"}
    made = schema(server, "NXLog_DNS_Server_CL")
    assert {made_as: made.get(made_as) for made_as in columns.values()} == {
        made_as: types[made_as[-2:]] for made_as in columns.values()
    }
    back = rows(server, f"NXLog_DNS_Server_CL | project {', '.join(columns.values())}")
    expected = [
        [nxlog_value(made_as, event[name]) if name in event else "" for name, made_as in columns.items()]
        for event in events
    ]
    assert counted(back) == counted(expected)


CORELIGHT = {"message": "string", "log_file": "string", "hostname": "string"}
CORELIGHT_TRANSFORM = """
    source
    | extend connection = parse_json(message)
    | project TimeGenerated = todatetime(connection.ts), Message = message, log_file_s = log_file,
        hostname_s = hostname, message,
        Computer = strcat(tostring(connection['id.orig_h']), ':', tostring(connection['id.orig_p']))
"""


def test_corelight(server: Ready) -> None:
    """A sensor's lines through a data collection rule, whose transformation reads the JSON in them."""
    events = exported("Corelight_CL.json")
    body = rule_body(server, "Custom-Corelight", CORELIGHT, "Custom-Corelight_CL", CORELIGHT_TRANSFORM)
    endpoint, immutable_id = made_rule(server, "corelight", body)
    ingestion(server, endpoint).upload(immutable_id, "Custom-Corelight", events)
    back = rows(server, "Corelight_CL | project Message, log_file_s, hostname_s, Computer")
    assert counted(back) == counted([[*event.values(), corelight_computer(event)] for event in events])
    by_file = rows(server, "Corelight_CL | summarize count() by log_file_s")
    assert dict(by_file) == Counter(event["log_file"] for event in events)


def corelight_computer(event: Record) -> str:
    connection = json.loads(event["message"])
    return f"{connection.get('id.orig_h', '')}:{connection.get('id.orig_p', '')}"


def test_a_feed_of_indicators(server: Ready, tmp_path: Path) -> None:
    """A CSV file with a header, each cell under its column's name."""
    (file,) = FEEDS.glob("MSTIC*.csv")
    with file.open(encoding="utf-8-sig", newline="") as opened:
        indicators = list(csv.DictReader(opened))
    result = vedette(server, tmp_path, "ingest", "Indicators", file, "--json")
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["rows"] == len(indicators)
    by_type = rows(server, "Indicators_CL | summarize count() by IndicatorType_s")
    assert dict(by_type) == Counter(each["IndicatorType"] for each in indicators)
    assert schema(server, "Indicators_CL")["FirstSeen_t"] == "datetime"
    back = rows(server, "Indicators_CL | project DateAdded_s, FirstSeen_t, Indicator_s, TLP_s")
    times = [datetime.fromisoformat(each["FirstSeen"]) if each["FirstSeen"] else None for each in indicators]
    assert counted(back) == counted(
        [
            [each["DateAdded"], time, each["Indicator"], each["TLP"]]
            for each, time in zip(indicators, times, strict=True)
        ]
    )


def test_a_feed_of_networks(server: Ready, tmp_path: Path) -> None:
    """A list of networks without a header: it is sent with one, and events are looked up in it."""
    networks = (FEEDS / "VPS_Networks.csv").read_text(encoding="utf-8-sig").split()
    file = tmp_path / "networks.csv"
    file.write_text("\n".join(["Network", *networks]), encoding="utf-8")
    result = vedette(server, tmp_path, "ingest", "Networks", file, "--json")
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["rows"] == len(networks)
    assert counted(rows(server, "Networks_CL | project Network_s")) == counted([[each] for each in networks])
    address = ip_address(networks[0].partition("/")[0])
    text = f"print ip = '{address}' | evaluate ipv4_lookup((Networks_CL | project Network_s), ip, Network_s)"
    whole = [each for each in networks if each.count(".") == 3]  # the published list has a torn line
    around = [each for each in whole if address in ip_network(each, strict=False)]
    assert sorted(network for _, network in rows(server, text)) == sorted(around)
