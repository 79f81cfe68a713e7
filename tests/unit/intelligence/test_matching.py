"""Indicators matched with what arrives and with what is there: each row and indicator once, alerts and incidents."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.unit.sentinel.whole import Whole, whole_server

from vedette.core.clock import VirtualClock
from vedette.intelligence.matched_columns import matched_tables
from vedette.logs.tables import built_in

RULE = "alertRules/ti"
MAIN = "threatIntelligence/main"
TEMPLATE = "0dd422ee-e6af-4204-b219-f59ac172e4c6"
ALERTS = "SecurityAlert | sort by TimeGenerated asc, DisplayName asc"


class Server:
    def __init__(self, whole: Whole) -> None:
        self.whole = whole
        clock = whole.services.clock
        assert isinstance(clock, VirtualClock)
        self.clock = clock
        self.workspace = whole.services.estate.workspace_id

    def enable(self, *, enabled: bool = True) -> None:
        body = {"kind": "ThreatIntelligence", "properties": {"alertRuleTemplateName": TEMPLATE, "enabled": enabled}}
        self.whole.send("PUT", RULE, body, "2024-01-01-preview")

    def indicator(self, pattern: str, name: str = "a", **properties: Any) -> None:
        sent = {"source": "Feed", "displayName": f"about {name}", "pattern": pattern, "patternType": "x"}
        self.whole.send("PUT", f"{MAIN}/indicators/{name}", {"kind": "indicator", "properties": sent | properties})

    def rows(self, table: str, *rows: dict[str, Any]) -> None:
        self.whole.services.logs.append(self.workspace, table, rows).result()

    def minutes(self, number: int = 1) -> None:
        target = self.clock.now() + timedelta(minutes=number)
        self.whole.services.detections.advance_to(self.clock, target)
        self.whole.services.periodic.run_due(target)

    def alerts(self, columns: str = "DisplayName") -> list[list[Any]]:
        return self.whole.rows(f"{ALERTS} | project {columns}")

    def observables(self) -> list[str]:
        return [name.partition(": ")[2] for (name,) in self.alerts()]

    @property
    def now(self) -> datetime:
        return self.clock.now()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with whole_server(tmp_path) as opened:
        yield Server(opened)


def test_an_event_that_arrives_makes_an_alert_and_an_incident(server: Server) -> None:
    server.indicator("[ipv4-addr:value = '198.51.100.7']", confidence=80, threatTypes=["botnet"])
    server.enable()
    server.minutes(2)
    server.rows(
        "CommonSecurityLog",
        {"DestinationIP": "198.51.100.7", "SourceIP": "10.0.0.5", "SourceUserName": "anna", "DeviceAction": "allow"},
        {"DestinationIP": "198.51.100.8"},
    )
    server.minutes(2)
    server.minutes(2)
    columns = "DisplayName, AlertSeverity, ProviderName, tostring(parse_json(Entities)[0].Address), ConfidenceScore"
    assert server.alerts(columns) == [
        [
            *("(Preview) Microsoft Threat Intelligence Analytics: 198.51.100.7", "High", "Threat Intelligence Alerts"),
            *("198.51.100.7", 0.8),
        ]
    ]
    ((entities, extended),) = server.alerts("Entities, ExtendedProperties")
    assert '"10.0.0.5"' in entities
    assert '"anna"' in entities
    assert "Feed" in extended
    ((query,),) = server.alerts("tostring(parse_json(ExtendedProperties).Query)")
    assert len(server.whole.rows(query)) == 1
    incidents = server.whole.send("GET", "incidents").body["value"]
    assert [each["properties"]["title"] for each in incidents] == [row[0] for row in server.alerts()]
    runs = (
        "SentinelHealth | where SentinelResourceKind == 'ThreatIntelligence' | summarize countif(Status != 'Success')"
    )
    assert server.whole.rows(runs) == [[0]]


def test_alerts_of_a_day_about_one_observable_are_one_incident(server: Server) -> None:
    server.indicator("[domain-name:value = 'evil.example']")
    server.enable()
    server.minutes()
    server.rows("DnsEvents", {"Name": "a.evil.example", "SubType": "LookupQuery", "ClientIP": "10.0.0.1"})
    server.minutes()
    server.rows("CommonSecurityLog", {"RequestURL": "https://evil.example/x"})
    server.minutes()
    assert server.observables() == ["evil.example", "evil.example"]
    (incident,) = server.whole.send("GET", "incidents").body["value"]
    assert incident["properties"]["additionalData"]["alertsCount"] == 2
    server.enable(enabled=False)
    server.minutes(60 * 25)
    server.enable()
    server.minutes()
    server.rows("CommonSecurityLog", {"RequestURL": "https://evil.example/y"})
    server.minutes(2)
    assert len(server.whole.send("GET", "incidents").body["value"]) == 2


MATCHES: list[tuple[str, str, str, dict[str, Any]]] = [
    ("ipv4-addr:value", "198.51.1.0/24", "CommonSecurityLog", {"DestinationIP": "198.51.1.9"}),
    ("ipv4-addr:value", "190.0.0.0/7", "AzureActivity", {"CallerIpAddress": "191.1.2.3"}),
    ("ipv6-addr:value", "2001:db8::7", "SigninLogs", {"IPAddress": "2001:0DB8:0:0::7"}),
    ("ipv6-addr:value", "2001:db9::/33", "SigninLogs", {"IPAddress": "2001:db9:7fff::1"}),
    ("network-traffic:dst_ref.value", "198.51.2.1", "OfficeActivity", {"ClientIP": "198.51.2.1"}),
    ("domain-name:value", "Evil1.Example.", "CommonSecurityLog", {"DestinationHostName": "www.EVIL1.example"}),
    ("domain-name:value", "evil2.example", "EmailEvents", {"SenderFromDomain": "evil2.example"}),
    ("domain-name:value", "evil3.example", "DeviceNetworkEvents", {"RemoteUrl": "http://u:p@x.evil3.example:8/"}),
    ("ipv4-addr:value", "198.51.2.2", "CommonSecurityLog", {"RequestURL": "http://198.51.2.2:8080/a"}),
    ("url:value", "http://evil4.example/Path/", "CommonSecurityLog", {"RequestURL": "evil4.example/path"}),
    ("file:hashes.'SHA-256'", "ABCD", "DeviceFileEvents", {"SHA256": "abcd"}),
    ("file:hashes.MD5", "ABCE", "CommonSecurityLog", {"FileHash": "AbCe"}),
    ("email-message:from_ref.value", "bad@e5.example", "EmailEvents", {"SenderFromAddress": "Bad@e5.Example"}),
    ("email-addr:value", "bad@e6.example", "EmailEvents", {"SenderMailFromAddress": "bad@e6.example"}),
    ("ipv4-addr:value", "198.51.2.3", "DnsEvents", {"SubType": "LookupQuery", "IPAddresses": "10.0.0.1, 198.51.2.3"}),
    ("ipv4-addr:value", "198.51.2.4", "Syslog", {"SyslogMessage": "from 198.51.2.4: failed"}),
    ("domain-name:value", "evil7.example", "Syslog", {"SyslogMessage": "query a.evil7.example failed"}),
    ("url:value", "https://evil8.example/x", "Syslog", {"SyslogMessage": "GET https://evil8.example/x 200"}),
]
NO_MATCHES: list[tuple[str, str, str, dict[str, Any]]] = [
    ("ipv4-addr:value", "203.0.113.0/25", "CommonSecurityLog", {"DestinationIP": "203.0.113.128"}),
    ("ipv4-addr:value", "203.0.114.1", "CommonSecurityLog", {"DestinationIP": "no address"}),
    ("domain-name:value", "a.good1.example", "CommonSecurityLog", {"DestinationHostName": "good1.example"}),
    ("domain-name:value", "example", "CommonSecurityLog", {"DestinationHostName": "good2.example"}),
    ("domain-name:value", "good3.example", "CommonSecurityLog", {"DestinationHostName": "notgood3.example"}),
    ("url:value", "http://good4.example/x", "CommonSecurityLog", {"RequestURL": "http://good4.example/y"}),
    ("file:name", "abcf", "DeviceFileEvents", {"SHA256": "abcf"}),
    ("domain-name:value", "good5.example", "DnsEvents", {"SubType": "Other", "Name": "good5.example"}),
    ("ipv4-addr:value", "1.2.3.4", "Syslog", {"SyslogMessage": "version 1.2.3.4.5 of x"}),
]


def test_what_matches(server: Server) -> None:
    for number, (key, value, table, row) in enumerate([*MATCHES, *NO_MATCHES]):
        operator = "ISSUBSET" if number == 1 else "="
        server.indicator(f"[{key} {operator} '{value}']", f"n{number}")
        server.rows(table, row)
    server.indicator("[ipv4-addr:value != '198.51.9.9']", "not")
    server.rows("CommonSecurityLog", {"DestinationIP": "198.51.9.9"})
    server.minutes()
    server.enable()
    server.minutes(2)
    details = "parse_json(tostring(parse_json(ExtendedProperties)['Custom Details']))"
    found = server.alerts(f"tostring({details}.Table[0]), tostring({details}.Observable[0]), Entities")
    assert sorted((table, value) for table, value, _ in found) == sorted((each[2], each[1]) for each in MATCHES)
    assert all(entities for _, _, entities in found)


def test_a_new_indicator_meets_the_past(server: Server) -> None:
    server.rows(
        "CommonSecurityLog", {"DestinationIP": "198.51.100.7", "TimeGenerated": server.now - timedelta(days=13)}
    )
    server.rows(
        "CommonSecurityLog", {"DestinationIP": "198.51.100.8", "TimeGenerated": server.now - timedelta(days=15)}
    )
    server.minutes()
    server.enable()
    server.minutes()
    for number in (7, 8):
        server.indicator(f"[ipv4-addr:value = '198.51.100.{number}']", f"n{number}")
    server.minutes(2)
    assert server.observables() == ["198.51.100.7"]
    server.indicator("[ipv4-addr:value = '198.51.100.7']", "n7", confidence=90)  # known: the past is not told again
    server.minutes(2)
    assert len(server.alerts()) == 1


def test_the_first_run_meets_all_of_two_weeks(server: Server) -> None:
    server.indicator("[ipv4-addr:value = '198.51.100.7']")
    server.rows("CommonSecurityLog", {"DestinationIP": "198.51.100.7", "TimeGenerated": server.now - timedelta(days=2)})
    server.minutes(60)
    server.enable()
    server.minutes(3)
    assert server.observables() == ["198.51.100.7"]


def test_only_indicators_that_count(server: Server) -> None:
    soon = (server.now + timedelta(minutes=5)).isoformat()
    server.indicator("[ipv4-addr:value = '198.51.100.1']", "revoked")
    server.indicator("[ipv4-addr:value = '198.51.100.1']", "revoked", revoked=True)
    server.indicator("[ipv4-addr:value = '198.51.100.2']", "expires", validUntil=soon)
    server.indicator("[ipv4-addr:value = '198.51.100.3']", "later", validFrom=soon)
    server.indicator("[ipv4-addr:value = '198.51.100.4']", "deleted")
    server.whole.send("DELETE", f"{MAIN}/indicators/deleted")
    server.indicator("[ipv4-addr:value = '198.51.100.5']", "changed")
    server.indicator("[ipv4-addr:value = '198.51.100.6']", "changed")
    server.enable()
    server.minutes()
    for number in range(1, 7):
        server.rows("CommonSecurityLog", {"DestinationIP": f"198.51.100.{number}"})
    server.minutes()
    assert server.observables() == ["198.51.100.2", "198.51.100.6"]
    server.minutes(10)
    for number in range(1, 4):
        server.rows("CommonSecurityLog", {"DestinationIP": f"198.51.100.{number}"})
    server.minutes()
    assert server.observables()[2:] == ["198.51.100.3"]


def test_late_events_match_when_they_arrive(server: Server) -> None:
    server.indicator("[ipv4-addr:value = '198.51.100.7']")
    server.enable()
    server.minutes(3)
    server.rows(
        "CommonSecurityLog", {"DestinationIP": "198.51.100.7", "TimeGenerated": server.now - timedelta(days=30)}
    )
    server.minutes(3)
    assert server.observables() == ["198.51.100.7"]


def test_a_rule_that_is_off_matches_nothing_and_begins_anew(server: Server) -> None:
    server.indicator("[ipv4-addr:value = '198.51.100.7']")
    server.enable(enabled=False)
    server.minutes()
    server.rows("CommonSecurityLog", {"DestinationIP": "198.51.100.7"})
    server.minutes(2)
    assert server.alerts() == []


def test_a_restart_tells_nothing_twice_and_misses_nothing(tmp_path: Path) -> None:
    with whole_server(tmp_path) as whole:
        server = Server(whole)
        server.indicator("[ipv4-addr:value = '198.51.100.0/24']")
        server.enable()
        server.minutes()
        server.rows("CommonSecurityLog", {"DestinationIP": "198.51.100.1"})
        server.minutes()
        server.rows("CommonSecurityLog", {"DestinationIP": "198.51.100.2"})
        server.clock.set(server.now + timedelta(seconds=59))
    with whole_server(tmp_path) as whole:
        server = Server(whole)
        server.minutes(3)
        server.rows("CommonSecurityLog", {"DestinationIP": "198.51.100.3"})
        server.minutes(2)
        found = server.alerts("tostring(parse_json(Entities)[0].Address)")
        assert found == [["198.51.100.1"], ["198.51.100.2"], ["198.51.100.3"]]


def test_more_observables_than_a_run_tells_of(server: Server) -> None:
    server.rows("CommonSecurityLog", *({"DestinationIP": f"198.51.{n // 200}.{n % 200}"} for n in range(160)))
    for name, numbers in (("one", range(90)), ("two", range(90, 160))):
        server.indicator("[" + " OR ".join(f"ipv4-addr:value = '198.51.0.{n}'" for n in numbers) + "]", name)
    server.minutes()
    server.enable()
    server.minutes(2)
    assert len(server.alerts()) == 150
    assert sum("11 other observables" in name for (name,) in server.alerts()) == 1


def test_every_column_is_there() -> None:
    for name, table in matched_tables().items():
        known = built_in(name)
        assert known is not None, name
        named = [*table.texts, *table.hosts, *table.accounts, *table.addresses]
        for columns in (*table.single.values(), *table.lists.values()):
            named += columns
        assert named
        assert not set(named) - set(known.columns), name
