"""Tactics and techniques: known, and belonging together."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from vedette.content.forms.rule import TACTICS
from vedette.content.lint.finding import Finding
from vedette.content.lint.subject import Subject
from vedette.content.plain_values import list_of, mapping_of

_TECHNIQUE = re.compile(r"T\d{4}(?:\.\d{3})?")
_INDUSTRIAL = re.compile(r"T[01]8\d\d|T08\d\d")
"""Techniques of ATT&CK for ICS, whose tactics are not told apart here."""


@cache
def techniques_by_tactic() -> Mapping[str, frozenset[str]]:
    """The techniques of ATT&CK Enterprise by tactic, without those below them."""
    lines = Path(__file__).with_name("attack.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split(": ") for line in lines if line and line[0] != "#")
    return {tactic: frozenset(techniques.split()) for tactic, techniques in pairs}


def check_attack(subject: Subject) -> Iterator[Finding]:
    """Findings about `tactics`, `techniques` and `subTechniques`, or the tags that a hunting query has for them."""
    tactics, techniques, places = _told(subject)
    for index, tactic in enumerate(tactics):
        if tactic.lower() not in TACTICS:
            yield subject.finding(
                "VED401", f"'{tactic}' is no tactic; there are {', '.join(TACTICS.values())}", f"{places[0]}[{index}]"
            )
    named = [TACTICS[each.lower()] for each in tactics if each.lower() in TACTICS]
    with_parts = {each.partition(".")[0] for each in techniques if "." in each}
    for technique in techniques:
        message = None if technique in with_parts else _technique(technique, named)
        if message is not None:
            yield subject.finding(*message, _place(subject, places[1], technique))


def _place(subject: Subject, place: str, technique: str) -> str:
    """Where a technique is in the file, whose list has techniques and those below them together."""
    written = [str(each) for each in list_of(subject.written(place))]
    return f"{place}[{written.index(technique)}]" if technique in written else place


def _technique(technique: str, tactics: list[str]) -> tuple[str, str] | None:
    if not _TECHNIQUE.fullmatch(technique):
        return "VED402", f"'{technique}' is no technique; they are like T1078 or T1078.004"
    if _INDUSTRIAL.fullmatch(technique[:5]):
        return None
    parent = technique.partition(".")[0]
    of = [tactic for tactic, known in techniques_by_tactic().items() if parent in known]
    if not of:
        return "VED402", f"'{technique}' is none of the techniques of ATT&CK Enterprise that are known here"
    if not set(of) & set(tactics) and "PreAttack" not in tactics:
        return (
            "VED403",
            f"'{technique}' belongs to {' and '.join(of)}, and not to {' or '.join(tactics) or 'no tactic'}",
        )
    return None


def _told(subject: Subject) -> tuple[list[str], list[str], tuple[str, str]]:
    properties = subject.properties
    if "tags" in properties and subject.item.kind.name != "AlertRule":
        tags = {
            str(mapping_of(each).get("name")): str(mapping_of(each).get("value") or "")
            for each in list_of(properties["tags"])
        }
        lists = [
            [each.strip() for each in tags.get(name, "").split(",") if each.strip()]
            for name in ("tactics", "techniques")
        ]
        return lists[0], lists[1], ("properties.tactics", "properties.techniques")
    texts = [
        [str(each) for each in list_of(properties.get(name))] for name in ("tactics", "techniques", "subTechniques")
    ]
    return texts[0], [*texts[1], *texts[2]], ("properties.tactics", "properties.techniques")
