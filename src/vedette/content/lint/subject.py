"""An item that is looked at: its properties and its query, with the way from each to its place in the file."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vedette.content.document import Document
from vedette.content.forms import azsentinel, function, rule, search, template
from vedette.content.item import Item
from vedette.content.kinds import ALERT_RULE
from vedette.content.lint.finding import Finding
from vedette.content.plain_values import list_of, mapping_of
from vedette.content.problem import Pointer
from vedette.kql.diagnostics import line_and_column

_STEP = re.compile(r"[^.\[\]]+|\[\d+\]")
_FLAT = {
    rule.FORM: {"displayName": ("name",), "techniques": ("relevantTechniques",)},
    search.FORM: {"displayName": ("name",), "techniques": ("relevantTechniques",)},
    function.FORM: {
        "query": ("FunctionQuery",),
        "functionAlias": ("FunctionName",),
        "functionParameters": ("FunctionParameters",),
        "displayName": ("Function", "Title"),
        "category": ("Category",),
    },
    azsentinel.FORM: {},
}


@dataclass(frozen=True, slots=True)
class Subject:
    """An item and the file that it is in."""

    item: Item
    document: Document

    @property
    def properties(self) -> Mapping[str, Any]:
        """The properties of the resource."""
        return mapping_of(self.item.body.get("properties"))

    @property
    def query(self) -> str | None:
        """The KQL of a rule, a saved search or a function."""
        query = self.properties.get("query")
        return query if isinstance(query, str) and query.strip() else None

    @property
    def is_rule(self) -> bool:
        """Whether it is a rule that runs a query."""
        return self.rule_kind in rule.QUERY_KINDS

    @property
    def rule_kind(self) -> str:
        """The kind of a rule as it is published, however it is spelled here; empty for anything else."""
        if self.item.kind.name != ALERT_RULE.name:
            return ""
        told = str(self.item.body.get("kind"))
        return next((each for each in rule.QUERY_KINDS if each.lower() == told.lower()), told)

    def at(self, place: str) -> Pointer:
        """The way through the file to a property of the body, such as `properties.entityMappings[0].entityType`."""
        steps: list[str | int] = [
            int(each[1:-1]) if each.startswith("[") else int(each) if each.isdigit() else each
            for each in _STEP.findall(place)
        ]
        source = self.item.source
        assert source is not None
        flat = _FLAT.get(source.form)
        if flat is None or steps[:1] != ["properties"]:
            return (*source.at, *steps)
        rest = steps[1:]
        head: tuple[str | int, ...] = flat.get(str(rest[0]), (rest[0],)) if rest else ()
        if source.form == function.FORM and head == ("FunctionQuery",) and not self._has((*source.at, *head)):
            head = ("ParserQuery",)
        return (*source.at, *head, *rest[1:])

    def written(self, place: str) -> Any:
        """The value of a property as the file has it; None where it is not there."""
        value: Any = list(self.document.values)
        for step in self.at(place):
            listed = list_of(value)
            if isinstance(step, int):
                value = listed[step] if step < len(listed) else None
            else:
                value = mapping_of(value).get(step)
        return value

    def _has(self, at: Pointer) -> bool:
        return at in self.document.marks

    def finding(self, code: str, message: str, place: str = "") -> Finding:
        """A finding at a property."""
        line, column = self.document.place(self.at(place))
        return Finding(self.document.path, line, column, code, message, self.item.title)

    def in_query(self, code: str, message: str, offset: int) -> Finding:
        """A finding at a character of the query."""
        line, column = self._place_in_query(offset)
        return Finding(self.document.path, line, column, code, message, self.item.title)

    def _place_in_query(self, offset: int) -> tuple[int, int]:
        """Where in the file a character of the query is; the beginning of the query where its text is not as it is."""
        at = self.at("properties.query")
        mark = self.document.marks.get(at)
        line, column = line_and_column(self.query or "", offset)
        if mark is None or self.item.source is None or self.item.source.form == template.FORM:
            return self.document.place(at)
        if mark.style == "|" and self.document.is_yaml:
            lines = self.document.lines
            indent = _indent(lines, mark.line, self.query or "")
            return mark.line + line, indent + column
        quotes = 1 if mark.style in ("'", '"') else 0
        written = self.document.lines[mark.line - 1][mark.column - 1 + quotes :]
        if line == 1 and written.startswith((self.query or "").split("\n")[0][:offset]):
            return mark.line, mark.column + quotes + column - 1
        return mark.line, mark.column


def _indent(lines: list[str], first: int, query: str) -> int:
    """How far a block of text is set in: what its first line that is not blank has before the query's own."""
    for index, own in enumerate(query.split("\n")):
        if own.strip() and first + index < len(lines):
            written = lines[first + index]
            return len(written) - len(written.lstrip()) - (len(own) - len(own.lstrip()))
    return 0
