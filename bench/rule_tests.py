"""How long do the tests of a hundred rules take, three cases each, as somebody types `vedette test`?"""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from bench.question import Finding

RULES = 100
CASES = 3
TARGET = 10.0  # seconds

_SHAPES = (
    (
        "SigninLogs",
        """SigninLogs
  | where ResultType in ("50126", "50053", "{n}")
  | summarize Failures = count(), Users = make_set(UserPrincipalName, 100), First = min(TimeGenerated) by IPAddress
  | where Failures >= 5
  | extend Address = IPAddress""",
        '{ResultType: "50126", IPAddress: 203.0.113.9, UserPrincipalName: "u{n}@contoso.com", $times: 6}',
        '{ResultType: "50126", IPAddress: 203.0.113.9, UserPrincipalName: "u{n}@contoso.com", $times: 4}',
    ),
    (
        "SecurityEvent",
        """let tools = dynamic(["procdump{n}.exe", "mimikatz.exe", "psexec.exe"]);
  SecurityEvent
  | where EventID == 4688
  | extend Image = tolower(tostring(split(NewProcessName, "\\\\")[-1]))
  | where Image in (tools) or CommandLine has "sekurlsa"
  | summarize Commands = make_set(CommandLine), Last = max(TimeGenerated) by Computer, Account
  | extend Address = "198.51.100.1\"""",
        '{EventID: 4688, Computer: web01, Account: ana, NewProcessName: "C:\\\\x\\\\mimikatz.exe", CommandLine: m}',
        '{EventID: 4688, Computer: web01, Account: ana, NewProcessName: "C:\\\\x\\\\cmd.exe", CommandLine: m}',
    ),
    (
        "CommonSecurityLog",
        """let allowed = CommonSecurityLog
      | where DeviceAction =~ "allow" and not(ipv4_is_private(DestinationIP)) and DestinationPort != {n};
  let rare = allowed | summarize Sources = dcount(SourceIP) by DestinationIP | where Sources == 1;
  allowed
  | summarize Sent = sum(SentBytes), Connections = count() by SourceIP, DestinationIP
  | where Sent > 1000000
  | join kind=inner rare on DestinationIP
  | extend Address = DestinationIP""",
        '{DeviceAction: allow, SourceIP: "10.0.0.{n}", DestinationIP: "203.0.113.{n}", SentBytes: 2000000, $times: 3}',
        '{DeviceAction: allow, SourceIP: "10.0.0.{n}", DestinationIP: 203.0.113.9, SentBytes: 2000000, $times: 3}',
    ),
    (
        "AuditLogs",
        """AuditLogs
  | where OperationName in~ ("Add member to role", "Add eligible member to role {n}")
  | mv-expand Target = TargetResources
  | extend Name = tostring(Target.userPrincipalName), By = tostring(InitiatedBy.user.userPrincipalName)
  | where isnotempty(Name) and Name != By
  | project TimeGenerated, Name, By, OperationName, Address = tostring(InitiatedBy.user.ipAddress)""",
        """{OperationName: Add member to role, TargetResources: [{userPrincipalName: bo@contoso.com}],
           InitiatedBy: {user: {userPrincipalName: ana@contoso.com, ipAddress: 203.0.113.9}}}""",
        """{OperationName: Add member to role, TargetResources: [{userPrincipalName: ana@contoso.com}],
           InitiatedBy: {user: {userPrincipalName: ana@contoso.com, ipAddress: 203.0.113.9}}}""",
    ),
    (
        "OfficeActivity",
        """let window = 1h;
  OfficeActivity
  | where Operation in ("New-InboxRule", "Set-InboxRule") and UserId !endswith "{n}.example"
  | extend Details = parse_json(Parameters)
  | mv-apply Detail = Details on (where Detail.Name == "ForwardTo" | project To = tostring(Detail.Value))
  | summarize Rules = count(), Targets = make_set(To) by UserId, ClientIP, bin(TimeGenerated, window)
  | extend Address = ClientIP""",
        """{Operation: New-InboxRule, UserId: ana@contoso.com, ClientIP: 203.0.113.9,
           Parameters: [{Name: ForwardTo, Value: x@example.org}]}""",
        """{Operation: New-InboxRule, UserId: ana@contoso.com, ClientIP: 203.0.113.9,
           Parameters: [{Name: MoveTo, Value: x@example.org}]}""",
    ),
)


def ask() -> list[Finding]:
    """The whole command, its start included, the better of two runs."""
    with TemporaryDirectory() as folder:
        for number in range(RULES):
            write_rule(Path(folder), number)
        taken = min(_run(Path(folder)) for _ in range(2))
    note = f"{RULES} rules with {CASES} cases each, each rule another query; the better of 2 runs"
    return [Finding("vedette test", taken, TARGET, "s", note)]


def write_rule(folder: Path, number: int) -> None:
    """One of the hundred and its tests."""
    table, query, fires, quiet = _SHAPES[number % len(_SHAPES)]
    query = query.replace("{n}", str(60000 + number))
    (folder / f"rule{number:03}.yaml").write_text(
        f"""id: 00000000-0000-4000-8000-{number:012}
name: Rule {number}
description: One of many.
severity: Medium
queryFrequency: 1h
queryPeriod: 1d
triggerOperator: gt
triggerThreshold: 0
tactics: [CredentialAccess]
relevantTechniques: [T1110]
query: |
  {query}
entityMappings:
  - entityType: IP
    fieldMappings: [{{identifier: Address, columnName: Address}}]
kind: Scheduled
""",
        encoding="utf-8",
    )
    (folder / f"rule{number:03}.test.yaml").write_text(
        f"""tests:
  - name: it fires
    events:
      {table}:
        - {fires}
    expect:
      alerts:
        - severity: Medium
          entities: [IP]
      incidents: 1
  - name: what is as it should be stays quiet
    events:
      {table}:
        - {quiet}
    expect: none
  - name: what happened long before stays quiet
    events:
      {table}:
        - {fires.replace("{", "{TimeGenerated: -3d, ", 1)}
    expect: none
""".replace("entities: [IP]", "entities: [{IP: }]"),
        encoding="utf-8",
    )


def _run(folder: Path) -> float:
    began = perf_counter()
    command = [sys.executable, "-m", "vedette.cli.main", "test", str(folder), "-q"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode or f"{RULES * CASES} passed" not in done.stdout:
        raise AssertionError(done.stdout[-3000:] + done.stderr[-2000:])
    return perf_counter() - began
