"""The one analytics rule of a file, in whatever form it has it, for commands that look at a single rule."""

from pathlib import Path
from typing import Any

from vedette.content.document import Document, open_document
from vedette.content.forms.rule import defaults_of
from vedette.content.item import Item
from vedette.content.kinds import ALERT_RULE
from vedette.content.problem import Unreadable
from vedette.content.reading import ReadResult, read_document
from vedette.core.errors import InvalidInput, NotFound


def read_rule(path: Path) -> dict[str, Any]:
    """The rule as `{"kind", "properties"}`. Raises InvalidInput where the file cannot be read or holds several rules,
    NotFound where it holds none."""
    try:
        return _one(path, read_document(open_document(path)))
    except Unreadable as error:
        raise InvalidInput("InvalidRuleFile", f"{error.problem}.") from error


def rule_of(path: Path, told: Any) -> dict[str, Any]:
    """The rule that the file of this path holds as `told`. Raises as `read_rule` does."""
    return _one(path, read_document(Document(path, "", (told,), is_yaml=False)))


def _one(path: Path, read: ReadResult) -> dict[str, Any]:
    if read.errors:
        raise InvalidInput("InvalidRuleFile", f"{read.errors[0]}.")
    rules = [each for each in read.items if each.kind.name == ALERT_RULE.name]
    if not rules:
        raise NotFound("NoRule", f"{path} holds no analytics rule.")
    if len(rules) > 1:
        raise InvalidInput("InvalidRuleFile", f"{path} holds {len(rules)} analytics rules; one is needed.")
    return _body(rules[0])


def _body(rule: Item) -> dict[str, Any]:
    kind = rule.body.get("kind", "Scheduled")
    return {"kind": kind, "properties": defaults_of(kind) | rule.body["properties"]}
