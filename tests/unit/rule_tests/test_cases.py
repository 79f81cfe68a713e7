"""Cases against real parts: what passes, what fails, and what a failure says."""

from pathlib import Path

import pytest
from tests.unit.rule_tests.conftest import Bench

from vedette.core.errors import InvalidInput
from vedette.rule_tests.node import WrongTestFile

FAILING = """
      SigninLogs:
        - TimeGenerated: -30m
          ResultType: 50126
          IPAddress: 203.0.113.9
          UserPrincipalName: ana@contoso.com
          $times: 4
          $every: 1m
"""


def test_an_alert_with_all_that_can_be_asked_of_it(bench: Bench) -> None:
    assert bench.outcomes(
        f"""
tests:
  - name: fires
    events: {FAILING}
    expect:
      alerts:
        - title: Failures from 203.0.113.9
          severity: high
          description: {{contains: address FAILED}}
          tactics: [CredentialAccess]
          techniques: [T1110]
          subTechniques: T1110.003
          at: now
          start: -27m
          entities:
            - IP: 203.0.113.9
            - Account: {{Name: ana, UPNSuffix: contoso.com}}
            - {{type: Account, FullName: ana@contoso.com}}
          customDetails: {{Failures: 4}}
      incidents:
        - {{title: Failures from 203.0.113.9, alerts: 1, status: New, severity: High, entities: [IP: 203.0.113.9]}}
      results: 1
      runs: 1
""".replace("            - {type: Account, FullName: ana@contoso.com}\n", "")
    ) == [""]


def test_what_differs_is_said_and_how_the_nearest_alert_differs(bench: Bench) -> None:
    (told,) = bench.outcomes(f"""
tests:
  - name: fires otherwise
    events: {FAILING}
    expect:
      alerts:
        - severity: Low
          entities: {{exactly: [IP: 203.0.113.8]}}
          customDetails: {{Failures: 5, Country: SE}}
""")
    assert 'severity: expected "Low", found "High"' in told
    assert 'entities: there is no IP Address="203.0.113.8"; there are Account Name="ana"' in told
    assert 'customDetails: Failures: expected 5, found ["4"]' in told
    assert "customDetails: there is no 'Country'; there are Failures" in told
    assert "rule.test.yaml:3: fires otherwise" in told


def test_why_a_rule_did_not_fire_line_by_line_and_the_nearest_row(bench: Bench) -> None:
    (told,) = bench.outcomes("""
tests:
  - name: too few
    events:
      SigninLogs:
        - {ResultType: 50126, IPAddress: 203.0.113.9, $times: 2}
        - {ResultType: 50126, IPAddress: 10.0.0.1, $times: 5}
        - {ResultType: 0, IPAddress: 203.0.113.9, $times: 7}
    expect: fires
""")
    lines = [" ".join(line.split()) for line in told.splitlines()]
    assert "E expected at least one alert, found 0" in lines
    assert "13 14 SigninLogs" in lines
    assert '14 2 | where ResultType == "50126" and IPAddress != "10.0.0.1"' in lines
    assert '14 7 where ResultType == "50126"' in lines
    assert '14 9 where IPAddress != "10.0.0.1"' in lines
    assert "16 0 | where Failures >= 3 <- none left" in lines
    assert any(line.startswith('Failures=2 IPAddress="203.0.113.9"') for line in lines)
    assert "not: Failures >= 3" in lines


def test_events_of_another_time_are_pointed_out(bench: Bench) -> None:
    (told,) = bench.outcomes("""
tests:
  - name: long ago
    events: {SigninLogs: [{TimeGenerated: -3d, ResultType: 50126, $times: 4, $every: 1h}]}
    expect: fires
""")
    assert "SigninLogs in line 13 has 4 rows, all of another time: from -3d to -2d21h." in told


def test_nothing_may_fire(bench: Bench) -> None:
    passes, fails = bench.outcomes(f"""
tests:
  - name: quiet
    expect: none
  - name: not quiet
    events: {FAILING}
    expect: none
""")
    assert passes == ""
    assert "expected no alert, found 1:" in fails
    assert 'High "Failures from 203.0.113.9" at +0s' in fails


def test_runs_in_time_with_an_event_that_arrives_late_and_grouping(bench: Bench) -> None:
    assert bench.outcomes(f"""
change:
  incidentConfiguration:
    createIncident: true
    groupingConfiguration:
      {{enabled: true, reopenClosedIncident: false, lookbackDuration: PT5H, matchingMethod: AllEntities}}
tests:
  - name: late
    until: +10m
    events:
      SigninLogs:
        - {{TimeGenerated: -30m, ResultType: 50126, IPAddress: 203.0.113.9, $times: 2}}
        - {{TimeGenerated: -20m, ResultType: 50126, IPAddress: 203.0.113.9, $arrives: +7m}}
    expect:
      alerts: [at: +10m]
      runs: 3
  - name: grouped
    until: +10m
    events: {FAILING}
    expect:
      alerts: 3
      incidents: [alerts: 3]
""") == ["", ""]


def test_suppression_rests_after_an_alert(bench: Bench) -> None:
    assert bench.outcomes(f"""
tests:
  - name: rests
    until: +10m
    change: {{suppressionEnabled: true, suppressionDuration: 1h}}
    events: {FAILING}
    expect: {{alerts: 1, runs: 1}}
""") == [""]


def test_a_near_real_time_rule_sees_what_arrives(bench: Bench) -> None:
    bench.write(
        "rule.yaml",
        """
        id: n
        name: Near
        kind: NRT
        severity: Low
        query: |
          SigninLogs | where ResultType == "50126"
        """,
    )
    assert bench.outcomes("""
tests:
  - name: an old event that arrives now
    until: +1m
    events:
      SigninLogs:
        - {TimeGenerated: -2d, $arrives: +20s, ResultType: 50126}
    expect: {alerts: [{at: +1m}]}
  - name: an event of the hour before
    events: {SigninLogs: [{TimeGenerated: -1h, ResultType: 50126}]}
    expect: none
""") == ["", ""]


def test_a_matrix_of_lists_and_one_of_rows(bench: Bench) -> None:
    cases = bench.cases("""
tests:
  - name: by type
    matrix: {type: ["50126", "50053"], address: [203.0.113.9, 10.0.0.1]}
    events: {SigninLogs: [{ResultType: "${type}", IPAddress: "${address}", $times: 3}]}
    expect: {alerts: {lt: 5}}
  - name: of rows
    matrix:
      - {count: 2, expected: none}
      - {count: 3, expected: 1}
    events: {SigninLogs: [{ResultType: 50126, IPAddress: "203.0.113.9", $times: "${count}"}]}
    expect: ${expected}
""")
    assert [case.name for case in cases] == [
        "by type [50126-203.0.113.9]",
        "by type [50126-10.0.0.1]",
        "by type [50053-203.0.113.9]",
        "by type [50053-10.0.0.1]",
        "of rows [2-none]",
        "of rows [3-1]",
    ]
    assert [bench.outcome(case) for case in cases] == [""] * 6


def test_watchlists_functions_and_tables_of_ones_own(bench: Bench) -> None:
    bench.write(
        "rule.yaml",
        """
        id: w
        name: W
        severity: Low
        queryFrequency: 5m
        queryPeriod: 1h
        triggerOperator: gt
        triggerThreshold: 0
        query: |
          let hosts = _GetWatchlist('assets') | project Host;
          Doors("open") | where Host in (hosts)
        """,
    )
    bench.write(
        "parsers/doors.yaml",
        """
        id: doors
        Function: {Title: Doors}
        Category: Microsoft Sentinel Parser
        FunctionName: Doors
        FunctionAlias: Doors
        FunctionParameters: state:string
        FunctionQuery: |
          Doors_CL | where State == state | project TimeGenerated, Host, When
        """,
    )
    bench.write("assets.csv", "Host,Owner\ndoor1,ana\n")
    assert (
        bench.outcomes("""
watchlists: {assets: {file: assets.csv, key: Host}}
tables: {Doors_CL: {State: string, Host: string, When: datetime, Level: long}}
tests:
  - name: found
    events: {Doors_CL: [{State: open, Host: door1, When: -5m, Level: 3}, {State: open, Host: door2}]}
    expect: {alerts: 1, results: 1}
  - name: an empty table of ones own
    expect: none
  - name: a watchlist of its own
    watchlists: {assets: [{Host: door2}]}
    events: {Doors_CL: [{State: open, Host: door1}, {State: open, Host: door2}]}
    expect: {results: 1}
  - name: a function of its own
    functions: {Doors: {query: "Doors_CL | where State != state", parameters: "state:string"}}
    events: {Doors_CL: [{State: shut, Host: door1}]}
    expect: fires
""")
        == [""] * 4
    )


def test_nothing_of_a_test_is_left_for_the_next(bench: Bench) -> None:
    bench.write("rule.yaml", "id: a\nname: A\nseverity: Low\nqueryFrequency: 5m\nqueryPeriod: 1h\nquery: Things_CL\n")
    first, second, third = bench.cases("""
tests:
  - {name: text, events: {Things_CL: [{Value: a}]}, expect: 1}
  - {name: number, events: {Things_CL: [{Value: 1}]}, expect: {alerts: 1, incidents: [{alerts: 1}]}}
  - {name: gone, expect: {error: {code: SEM0100, message: {contains: Things_CL}}}}
""")
    assert [bench.outcome(case) for case in (first, second, third)] == ["", "", ""]


def test_what_rules_found_can_be_read_and_is_not_that_of_other_tests(bench: Bench) -> None:
    bench.write("rule.yaml", "id: a\nname: A\nseverity: Low\nqueryFrequency: 5m\nqueryPeriod: 1h\nquery: Heartbeat\n")
    bench.write(
        "after.yaml",
        "id: b\nname: B\nqueryFrequency: 5m\nqueryPeriod: 1h\nquery: SecurityAlert | where AlertName == 'A'\n",
    )
    assert bench.outcomes("""
tests:
  - {name: finds, events: {Heartbeat: [{Computer: a}]}, expect: 1}
  - {name: reads none, rule: after.yaml, expect: none}
  - {name: reads one, rule: after.yaml, events: {SecurityAlert: [{AlertName: A}]}, expect: 1}
""") == ["", "", ""]


def test_events_in_files(bench: Bench) -> None:
    bench.write(
        "rule.yaml", "id: a\nname: A\nseverity: Low\nqueryFrequency: 5m\nqueryPeriod: 1h\nquery: CommonSecurityLog\n"
    )
    bench.write("e.jsonl", '{"TimeGenerated": "2020-01-01T00:00:00Z", "DeviceVendor": "x"}\n{"DeviceVendor": "y"}\n')
    bench.write("e.csv", "TimeGenerated,DeviceVendor,SourcePort\n2020-01-01T00:00:00Z,x,4\n")
    bench.write("e.cef", "<134>2020-01-01T00:00:00Z fw CEF:0|Acme|Wall|1|100|A name|5|src=10.0.0.1 rt=1577836800000\n")
    assert bench.outcomes("""
tests:
  - {name: json lines, events: {CommonSecurityLog: {file: e.jsonl, newest: -1m}}, expect: {results: {ge: 1}}}
  - {name: csv, events: {CommonSecurityLog: {file: e.csv, newest: -1m, numbers: SourcePort}}, expect: {results: 1}}
  - {name: cef, events: {CommonSecurityLog: {file: e.cef, newest: -1m}}, expect: {results: 1}}
  - {name: as it was, clock: 2020-01-01T00:30:00Z, events: {CommonSecurityLog: e.cef}, expect: {results: 1}}
""") == ["", "", "", ""]


def test_an_expected_failure_of_the_rule(bench: Bench) -> None:
    bench.write(
        "rule.yaml", "id: a\nname: A\nseverity: Low\nqueryFrequency: 5m\nqueryPeriod: 1h\nquery: Heartbeat | where X\n"
    )
    passes, fails, cannot = bench.outcomes("""
tests:
  - {name: so, expect: {error: SEM0100}}
  - {name: otherwise, expect: {error: SEM0001}}
  - {name: cannot run, expect: none}
""")
    assert passes == ""
    assert "the rule fails with SEM0100" in fails
    assert "the rule cannot run: SEM0100" in cannot
    assert "1 | Heartbeat | where X" in cannot


def test_one_rule_of_a_file_with_several(bench: Bench) -> None:
    one = "kind: Scheduled\n  properties: {displayName: %s, query: Heartbeat, queryFrequency: PT5M, queryPeriod: PT5M}"
    bench.write("two.yaml", "\n".join(f"- {one % name}" for name in ("First", "Second")))
    passes = bench.outcomes("""
rule: two.yaml#second
tests:
  - {name: a, events: {Heartbeat: [{Computer: a}]}, expect: {alerts: [title: Second]}}
""")
    assert passes == [""]
    with pytest.raises(InvalidInput, match=r"has 2 rules; name one behind the file: two\.yaml#First"):
        bench.outcomes("rule: two.yaml\ntests: [{name: a, expect: none}]")


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("tests: []", 1, "it has no 'tests'"),
        (
            "tests:\n  - name: a\n    expcet: none",
            3,
            "there is no 'expcet' in item 1 of 'tests'. Did you mean 'expect'?",
        ),
        ("tests:\n  - name: a", 2, "the test 'a' says nothing to 'expect'"),
        ("tests:\n  - {name: a, expect: none}\n  - {name: a, expect: none}", 3, "another test with the name 'a'"),
        ("tests:\n  - name: a\n    expect: {alerts: [{sevrity: Low}]}", 3, "Did you mean 'severity'?"),
        (
            "tests:\n  - name: a\n    expect:\n      alerts:\n        - entities: [Acount: a]",
            5,
            "Did you mean 'Account'?",
        ),
        ("tests:\n  - name: a\n    expect: {alerts: [{entities: [IP: {Adress: a}]}]}", 3, "Did you mean 'Address'?"),
        ("tests:\n  - name: a\n    clock: soon\n    expect: none", 3, "'soon' is no time such as -5m"),
        ("tests:\n  - name: a\n    events: {Signin: [{A: b}]}\n    expect: none", 3, "no built-in table 'Signin'"),
        (
            "tests:\n  - name: a\n    events:\n      SigninLogs:\n        - {Resulttype: b}\n    expect: none",
            5,
            "'ResultType'?",
        ),
        ("tests:\n  - name: a\n    events: {SigninLogs: [{$time: 4}]}\n    expect: none", 3, "Did you mean '$times'?"),
        ("rule: no.yaml\ntests: [{name: a, expect: none}]", 1, "there is no rule file 'no.yaml'"),
        ("tests:\n  - name: a\n    matrix: {x: [1]}\n    expect: '${y}'", 4, "the matrix has no 'y'"),
        ("tests:\n  - name: a\n    expect: {alerts: [{title: {matches: '('}}]}", 3, "is no regular expression"),
        ("tests:\n  - name: a\n    expect: {alerts: [{title: {contain: x}}]}", 3, "Did you mean 'contains'?"),
        ("tests:\n  - name: a\n    expect: {alerts: [{at: soon}]}", 3, "'soon' is no time such as -5m"),
        ("tests:\n  - name: a\n    expect: {results: {gt: many}}", 3, "'gt' is held against a number"),
        ("tests:\n  - name: a\n    expect: {alerts: [{tactics: [Sorcery]}]}", 3, "there is no 'Sorcery'"),
        ("tests:\n  - name: a\n    expect: {alerts: [{entities: [Zzz: a]}]}", 3, "no type of entity 'Zzz'. There are "),
        (
            "tables:\n  A_CL: {B: xyz}\ntests: [{name: a, expect: none}]",
            2,
            "there is no type 'xyz'. There are bool, int, long, real, decimal, string, datetime, ",
        ),
        ("tests:\n  - name: a\n   expect: none", 3, "it is not YAML"),
        ("a: &a [1]\nb: !!python/object:os.system x", 2, "the tag"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_with_its_line(bench: Bench, text: str, line: int, message: str) -> None:
    with pytest.raises(WrongTestFile) as wrong:
        bench.outcomes(text)
    assert wrong.value.message.startswith(f"{bench.folder}/rule.test.yaml:{line}: ")
    assert message in wrong.value.message


def test_a_value_that_does_not_fit_names_its_row(bench: Bench) -> None:
    with pytest.raises(WrongTestFile, match=r":6: SigninLogs: Field 'DurationMs' of row 2 does not fit"):
        bench.outcomes(
            """
tests:
  - name: a
    events:
      SigninLogs:
        - {DurationMs: 1}
        - {DurationMs: many}
    expect: none
""".lstrip("\n")
        )


def test_a_bomb_of_aliases_is_refused(bench: Bench) -> None:
    lines = ["a0: &a0 [x,x,x,x,x,x,x,x,x]"]
    lines += [f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    with pytest.raises(WrongTestFile, match="aliases"):
        bench.outcomes("\n".join(lines))


def test_a_rule_is_looked_for_beside_its_test(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "rule.yaml").unlink()
    with pytest.raises(WrongTestFile, match=r"there is no rule 'rule\.yaml' or '\.json' beside it"):
        bench.outcomes("tests: [{name: a, expect: none}]")
