"""Sigma rules become analytics rules, by the pipeline that is asked for."""

import sys
from pathlib import Path

import pytest

from vedette.content.item import Item
from vedette.content.reading import read_text
from vedette.content.target import Target

SIGMA = r"""
title: Whoami
id: 11111111-1111-4111-8111-111111111111
status: test
level: critical
description: Somebody asks who they are.
tags: [attack.discovery, attack.privilege-escalation, attack.t1033, attack.t1059.001, cve.2020-1]
logsource: {category: process_creation, product: windows}
detection:
  selection:
    Image|endswith: '\whoami.exe'
    CommandLine|contains: [/all, /priv]
  condition: selection
"""


def one(pipeline: str) -> Item:
    pytest.importorskip("sigma.backends.kusto", reason="the extra sigma is not installed")
    result = read_text(Path("a.yml"), SIGMA, Target(sigma_pipeline=pipeline))
    assert not result.problems, [str(each) for each in result.problems]
    return result.items[0]


@pytest.mark.parametrize(
    ("pipeline", "table"),
    [
        ("azure_monitor", "SecurityEvent"),
        ("sentinel_asim", "imProcessCreate"),
        ("microsoft_xdr", "DeviceProcessEvents"),
    ],
)
def test_a_rule(pipeline: str, table: str) -> None:
    item = one(pipeline)
    properties = item.body["properties"]
    assert (item.name, item.body["kind"], item.title) == (
        *("11111111-1111-4111-8111-111111111111", "Scheduled", "Whoami"),
    )
    assert properties["query"].splitlines()[0] == table
    assert properties["severity"] == "High"
    assert properties["tactics"] == ["Discovery", "PrivilegeEscalation"]
    assert (properties["techniques"], properties["subTechniques"]) == (["T1033", "T1059"], ["T1059.001"])


def test_what_cannot_be_turned_into_a_query_is_told() -> None:
    pytest.importorskip("sigma.backends.kusto", reason="the extra sigma is not installed")
    wrong = SIGMA.replace("Image|", "Nonsense|")
    (problem,) = read_text(Path("a.yml"), wrong).problems
    assert str(problem).startswith(
        "a.yml:2:1: it cannot be turned into KQL by azure_monitor: Invalid SigmaDetectionItem"
    )
    (problem,) = read_text(Path("a.yml"), SIGMA, Target(sigma_pipeline="x")).problems
    assert "there is no pipeline 'x'" in problem.message


@pytest.mark.parametrize(
    ("good", "wrong", "told"),
    [
        ("condition: selection", "condition: 3", "argument of type 'int' is not iterable"),
        (
            "Image|endswith: '\\whoami.exe'",
            "Image|cased: whoami.exe",
            "Case-sensitive string matching is not supported",
        ),
        ("Image|endswith: '\\whoami.exe'", "Image|minute: 3", "not supported"),
        ("id: 11111111-1111-4111-8111-111111111111", "id: 3", "'int' object"),
    ],
)
def test_whatever_pysigma_raises_is_a_problem_of_the_file(good: str, wrong: str, told: str) -> None:
    pytest.importorskip("sigma.backends.kusto", reason="the extra sigma is not installed")
    assert good in SIGMA
    result = read_text(Path("a.yml"), SIGMA.replace(good, wrong))
    (problem,) = result.problems
    assert problem.message.startswith("it cannot be turned into KQL by azure_monitor: ")
    assert told in problem.message
    assert not result.items


def test_without_the_extra_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sigma.backends.kusto", None)
    (problem,) = read_text(Path("a.yml"), SIGMA).problems
    assert "pip install 'vedette[sigma]'" in problem.message
