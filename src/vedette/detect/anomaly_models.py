"""The statistical models of rules of kind MLBehaviorAnalytics, as queries: what each takes for unusual, and how much.

There are two, both told in docs/rule-kinds.md, and neither learns anything but what its query counts. *Surprise* is of
a place that nobody signed in from before: with n sign-ins from k places in the history, a new place has by Witten and
Bell the chance k / (n + k), and log2((n + k) / k) bits of surprise. *Deviation* is of an hour's count: how many
standard deviations of the hours before it lies above their mean.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from vedette.detect.schedule import Window
from vedette.kql.literals import format_datetime

HOUR: Final = timedelta(hours=1)

_SURPRISE: Final = """let events = {events};
let split = datetime({split});
let history = events | where TimeGenerated < split | summarize n = count() by Subject, Value;
let known = history | summarize n = sum(n), k = count() by Subject;
events
| where TimeGenerated >= split and isnotempty(Value)
| summarize Count = count(), First = min(TimeGenerated), Last = max(TimeGenerated) by Subject, Value
| join kind=leftanti history on Subject, Value
| join kind=inner known on Subject
| extend Score = log2((n + k) * 1.0 / k), Usual = strcat(n, ' from ', k)
| where n >= {least} and Score >= {threshold}
| project Subject, Value, Count, First, Last, Score, Usual
| top {most} by Score desc"""

_DEVIATION: Final = """let events = {events};
let split = datetime({split});
let history = events
| where TimeGenerated < split
| summarize Count = count() by Subject, Hour = bin_at(TimeGenerated, 1h, split)
| summarize Total = sum(Count), Squares = sum(Count * Count) by Subject;
events
| where TimeGenerated >= split
| summarize Count = count(), First = min(TimeGenerated), Last = max(TimeGenerated) by Subject
| join kind=inner history on Subject
| extend Mean = Total * 1.0 / {hours}
| extend Deviation = max_of(sqrt(max_of(Squares * 1.0 / {hours} - Mean * Mean, 0.0)), 1.0)
| extend Score = (Count - Mean) / Deviation, Usual = strcat(round(Mean, 2), ' an hour')
| where Total >= {least} and Score >= {threshold}
| project Subject, Value = '', Count, First, Last, Score, Usual
| top {most} by Score desc"""


@dataclass(frozen=True, slots=True)
class Model:
    """A model over events that have a `Subject` and a `Value`: which events, what a subject and a value are, how high
    the score has to be, and how much of a history there has to be. `told` is what an anomaly of it is in words."""

    name: str
    query: str
    events: str
    threshold: float
    least: int
    subject: tuple[str, str]
    value: tuple[str, str] | None
    told: str
    tactics: tuple[str, ...]
    techniques: tuple[str, ...]

    def text(self, window: Window, threshold: float, least: int, most: int) -> str:
        """The query for the last hour of a window."""
        split = window.end - HOUR
        hours = round((split - window.start) / HOUR)
        return self.query.format(
            events=self.events,
            split=format_datetime(split),
            hours=hours,
            threshold=f"{threshold:g}",
            least=least,
            most=most,
        )


_ACCOUNT: Final = ("Account", "FullName")
_ADDRESS: Final = ("IP", "Address")

MODELS: Final[Mapping[str, Model]] = {
    "737a2ce1-70a3-4968-9e90-3e6aca836abf": Model(
        "Unusual address of remote desktop sign-ins",
        _SURPRISE,
        "SecurityEvent | where EventID == 4624 and LogonType == 10 and IpAddress !in ('', '-', '127.0.0.1', '::1')"
        " | project TimeGenerated, Subject = tolower(Account), Value = IpAddress",
        4.0,
        10,
        _ACCOUNT,
        _ADDRESS,
        "{subject} signed in by remote desktop from {value}, for the first time: before there were {usual} addresses.",
        ("InitialAccess",),
        ("T1078",),
    ),
    "fa118b98-de46-4e94-87f9-8e6d5060b60b": Model(
        "Unusual address of SSH sign-ins",
        _SURPRISE,
        "Syslog | where ProcessName == 'sshd' and SyslogMessage startswith 'Accepted '"
        " | parse SyslogMessage with 'Accepted ' * ' for ' Subject:string ' from ' Value:string ' port ' *"
        " | project TimeGenerated, Subject = strcat(Subject, '@', Computer), Value",
        4.0,
        10,
        _ACCOUNT,
        _ADDRESS,
        "{subject} signed in by SSH from {value}, for the first time: before there were {usual} addresses.",
        ("InitialAccess",),
        ("T1078",),
    ),
    "6d1c8a52-6a4e-4f0b-9c34-0d6f0a5b7e11": Model(
        "Unusual country of sign-ins",
        _SURPRISE,
        "SigninLogs | where ResultType in ('0', '')"
        " | project TimeGenerated, Subject = tolower(UserPrincipalName), Value = Location",
        4.0,
        10,
        _ACCOUNT,
        None,
        "{subject} signed in from {value}, for the first time: before there were {usual} countries.",
        ("InitialAccess",),
        ("T1078",),
    ),
    "0b7f2f3e-3c55-4d0e-8f7c-51b1a5b0c3d2": Model(
        "Unusual number of failed sign-ins",
        _DEVIATION,
        "SigninLogs | where ResultType !in ('0', '', '50140')"
        " | project TimeGenerated, Subject = tolower(UserPrincipalName)",
        6.0,
        5,
        _ACCOUNT,
        None,
        "{subject} failed to sign in {count} times in an hour; usual are {usual}.",
        ("CredentialAccess",),
        ("T1110",),
    ),
    "b1e0a4d9-7a2c-4c62-8d0e-2f9c6e4a1f63": Model(
        "Unusual number of DNS queries",
        _DEVIATION,
        "DnsEvents | where SubType == 'LookupQuery' and isnotempty(ClientIP)"
        " | project TimeGenerated, Subject = ClientIP",
        6.0,
        100,
        _ADDRESS,
        None,
        "{subject} asked {count} times for names in an hour; usual are {usual}.",
        ("CommandAndControl", "Exfiltration"),
        ("T1071",),
    ),
    "e4c9d7a0-52f1-4b39-a6c8-90d3f1b27c58": Model(
        "Unusual number of names that do not exist",
        _DEVIATION,
        "DnsEvents | where SubType == 'LookupQuery' and ResultCode == 3 and isnotempty(ClientIP)"
        " | project TimeGenerated, Subject = ClientIP",
        6.0,
        20,
        _ADDRESS,
        None,
        "{subject} asked {count} times in an hour for names that do not exist; usual are {usual}.",
        ("CommandAndControl",),
        ("T1568",),
    ),
}
"""By the name of the template that a rule is made of."""
