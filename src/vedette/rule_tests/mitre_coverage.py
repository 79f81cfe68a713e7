"""Which techniques of MITRE ATT&CK the tested rules find: a technique is covered once a test shows its rule firing."""

from dataclasses import dataclass, field
from typing import Any

import orjson

from vedette.rule_tests.case import Case
from vedette.rule_tests.rule_file import RuleFile

_COVERED, _UNPROVEN = "#31a354", "#fdae6b"


@dataclass(slots=True)
class _Technique:
    tactics: set[str] = field(default_factory=set[str])
    rules: set[str] = field(default_factory=set[str])
    proven: set[str] = field(default_factory=set[str])


class MitreCoverage:
    """The techniques of the rules that tests were run of, and of those that fired as they should."""

    def __init__(self) -> None:
        self._techniques: dict[str, _Technique] = {}
        self._untested: set[str] = set()

    def seen(self, rule: RuleFile) -> None:
        """Take note of a rule that has tests."""
        for name in _techniques(rule):
            technique = self._techniques.setdefault(name, _Technique())
            technique.rules.add(rule.title)
            technique.tactics.update(str(each) for each in rule.given.get("tactics") or ())

    def untested(self, rule: RuleFile) -> None:
        """Take note of a rule that has no test."""
        self._untested.add(rule.title)
        self.seen(rule)

    def passed(self, rule: RuleFile, case: Case) -> None:
        """Take note of a case that passed."""
        if case.expect.fires:
            for name in _techniques(rule):
                self._techniques[name].proven.add(rule.title)

    def table(self) -> list[str]:
        """A line for each technique: proven by tests or not, its tactics and its rules; then rules without tests."""
        untested = [f"no test: {title}" for title in sorted(self._untested)]
        if not self._techniques:
            return ["no tested rule names a technique", *untested]
        width = max(len(", ".join(sorted(each.tactics))) for each in self._techniques.values())
        lines = [
            f"{name:<11} {'fires' if each.proven else 'unproven':<9} {', '.join(sorted(each.tactics)):<{width}}  "
            f"{', '.join(sorted(each.proven or each.rules))}"
            for name, each in sorted(self._techniques.items())
        ]
        proven = sum(bool(each.proven) for each in self._techniques.values())
        return [*lines, *untested, f"{proven} of {len(self._techniques)} techniques are shown to be found"]

    def navigator(self) -> bytes:
        """A layer of the ATT&CK Navigator: https://github.com/mitre-attack/attack-navigator/tree/master/layers"""
        techniques: list[dict[str, Any]] = [
            {
                "techniqueID": name,
                "score": len(each.proven),
                "color": _COVERED if each.proven else _UNPROVEN,
                "comment": "\n".join(sorted(each.proven or each.rules)),
                "enabled": True,
            }
            for name, each in sorted(self._techniques.items())
        ]
        layer = {
            "name": "Tested detections",
            "versions": {"layer": "4.5"},
            "domain": "enterprise-attack",
            "description": "Techniques of rules with tests; the score is how many rules are shown to find one.",
            "techniques": techniques,
            "legendItems": [
                {"label": "a test shows that it is found", "color": _COVERED},
                {"label": "no test shows it", "color": _UNPROVEN},
            ],
        }
        return orjson.dumps(layer, option=orjson.OPT_INDENT_2)


def _techniques(rule: RuleFile) -> list[str]:
    told = [*(rule.given.get("techniques") or ()), *(rule.given.get("subTechniques") or ())]
    return [str(each) for each in dict.fromkeys(told)]
