"""The rule that a test is of, as its file has it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from vedette.content.document import Document
from vedette.content.item import Item
from vedette.content.kinds import ALERT_RULE
from vedette.content.reading import read
from vedette.core.durations import format_duration
from vedette.core.errors import InvalidInput
from vedette.rule_tests.moments import length_of

_DURATIONS = ("queryFrequency", "queryPeriod", "suppressionDuration")
_QUERIES: Final = ("scheduled", "nrt")
_OFTEN_LEFT_OUT: Final[Mapping[str, Any]] = {
    "severity": "Medium",
    "triggerOperator": "GreaterThan",
    "triggerThreshold": 0,
    "suppressionDuration": "PT5H",
    "suppressionEnabled": False,
}


@dataclass(frozen=True, slots=True)
class RuleFile:
    """A rule file: the rule's kind and properties as the management API has them, and the line of the file, from one,
    where its query begins; 0 where it stands there in another form."""

    path: Path
    name: str
    kind: str
    given: Mapping[str, Any]
    first_line: int = 0

    @property
    def title(self) -> str:
        """What people call it."""
        return str(self.given.get("displayName") or self.name)

    def properties(self, change: Mapping[str, Any]) -> dict[str, Any]:
        """The rule's properties with what a case changes of them, however deep."""
        changed = {name: _duration(each) if name in _DURATIONS else each for name, each in change.items()}
        return _overlaid(self.given, changed)


def read_rule_file(path: Path, name: str = "") -> RuleFile:
    """The rule of a file: the only one, or the one of this name, id or display name. Raises InvalidInput."""
    found = read([path])
    rules = [each for each in found.items if each.kind is ALERT_RULE]
    if name:
        rules = [each for each in rules if name.casefold() in (each.name.casefold(), each.title.casefold())]
    if len(rules) != 1:
        raise InvalidInput("InvalidRuleFile", _not_one(path, name, rules, [str(each) for each in found.errors]))
    item = rules[0]
    properties = cast("Mapping[str, Any]", item.body.get("properties") or {})
    given = {**_OFTEN_LEFT_OUT, **properties}
    return RuleFile(
        path, item.name, str(item.body.get("kind", "")), given, _first_line(item, found.documents.get(path))
    )


def given_rule(name: str, body: Mapping[str, Any]) -> RuleFile:
    """The rule of a body with `kind` and `properties`, which is in no file."""
    properties = cast("Mapping[str, Any]", body.get("properties") or {})
    return RuleFile(Path(name), name, str(body.get("kind", "")), {**_OFTEN_LEFT_OUT, **properties})


def rules_in(folders: Sequence[Path]) -> list[tuple[Path, str]]:
    """The rules in the files of folders that can be read, whose kind is a query: each its file and its name."""
    return [
        (item.source.path, item.name)
        for item in read(folders).items
        if item.kind is ALERT_RULE and item.source is not None and str(item.body.get("kind")).lower() in _QUERIES
    ]


def _not_one(path: Path, name: str, rules: Sequence[Item], problems: Sequence[str]) -> str:
    if rules:
        return f"{path} has {len(rules)} rules; name one behind the file: {path.name}#{rules[0].title}"
    if problems:
        return f"the rule cannot be read: {problems[0]}"
    return f"{path} has no rule '{name}'." if name else f"{path} has no analytics rule."


def _first_line(item: Item, document: Document | None) -> int:
    if item.source is None or document is None:
        return 0
    for way in (("query",), ("properties", "query")):
        mark = document.marks.get((*item.source.at, *way))
        if mark is not None:
            is_block = mark.style in ("|", ">")
            folded = mark.style != "|" and "\n" in str(item.body["properties"]["query"])
            return 0 if folded else mark.line + is_block
    return 0


def _overlaid(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    whole = dict(under)
    for name, value in over.items():
        below = whole.get(name)
        if isinstance(below, dict) and isinstance(value, dict):
            whole[name] = _overlaid(cast("dict[str, Any]", below), cast("dict[str, Any]", value))
        else:
            whole[name] = value
    return whole


def _duration(told: Any) -> Any:
    try:
        return format_duration(length_of(str(told)))
    except ValueError:
        return told
