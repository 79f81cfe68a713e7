"""Queries bound as the server would bind them: their names, their types, and the columns that they give."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from vedette.content.lint.catalog import FilesCatalog
from vedette.content.lint.finding import Finding
from vedette.content.lint.source_names import source_names
from vedette.content.lint.subject import Subject
from vedette.content.plain_values import list_of, mapping_of
from vedette.detect.rule import PLACEHOLDER
from vedette.kql.compile import compile_query
from vedette.kql.diagnostics import Diagnostic, KqlError
from vedette.kql.parser import parse_function

_NOW = datetime(2024, 1, 1, tzinfo=UTC)
_TABLE = re.compile(r"Failed to resolve table[^']*'(?P<name>[^']+)'")
_NAMES = frozenset({"SEM0100", "SEM0260"})
"""Of names that nothing has, and of functions."""

_PLACEHOLDERS = ("alertDisplayNameFormat", "alertDescriptionFormat")


@dataclass(frozen=True, slots=True)
class Bound:
    """What binding a query told: findings, and the columns of its result where they are known for certain."""

    findings: tuple[Finding, ...]
    columns: frozenset[str] | None


def bind(subject: Subject, query: str, catalog: FilesCatalog) -> Bound:
    """Bind the query of a rule or a saved search; of a function, read its text and parameters."""
    if subject.properties.get("functionAlias"):
        return Bound(tuple(_function(subject, query)), None)
    try:
        compiled = compile_query(query, catalog, now=_NOW)
    except KqlError as error:
        return Bound(tuple(_told(subject, query, error, catalog)), None)
    columns = None if compiled.reads_data else frozenset(name for name, _ in compiled.columns)
    return Bound((), columns)


def _function(subject: Subject, query: str) -> Iterator[Finding]:
    try:
        parse_function(str(subject.properties.get("functionParameters") or ""), query)
    except KqlError as error:
        for finding in error.diagnostics:
            if error.text == query:
                yield subject.in_query("VED201", _message(finding), finding.span.start)
            else:
                yield subject.finding("VED201", _message(finding), "properties.functionParameters")


def _told(subject: Subject, query: str, error: KqlError, catalog: FilesCatalog) -> Iterator[Finding]:
    """A table or parser that is not known here may well be in the workspace. What its columns are is not known then, so
    that of the other findings only those of names are certain."""
    found = [each for each in error.diagnostics if each.severity == "error"]
    unknown = {each for each in found if _is_unknown_source(each, error.text, catalog)}
    for each in found:
        if unknown and not each.is_syntax and each.code not in _NAMES:
            continue
        code = "VED201" if each.is_syntax else "VED203" if each in unknown else "VED202"
        message = _message(each)
        if error.function is not None or error.text != query:
            yield subject.finding(code, f"in the function '{error.function}': {message}", "properties.query")
        else:
            yield subject.in_query(code, message, each.span.start)


def _is_unknown_source(finding: Diagnostic, text: str, catalog: FilesCatalog) -> bool:
    """Whether it is about a name that rows come from and that is no misspelt one of those that are known."""
    table = _TABLE.search(finding.message)  # its place is not the name's where it is in a function
    if table is None and (finding.code not in _NAMES or finding.span.start not in source_names(text)):
        return False
    name = table["name"] if table else text[finding.span.start : finding.span.end]
    return name.endswith("_CL") or not catalog.has_near(name)


def _message(finding: Diagnostic) -> str:
    return f"{finding.message.rstrip('.')}{f'. {finding.hint}' if finding.hint else ''} ({finding.code})"


def check_columns(subject: Subject, columns: frozenset[str]) -> Iterator[Finding]:
    """Findings about the columns that entity mappings, custom details and overrides name, and the query lacks."""
    properties = subject.properties
    for at, mapping in enumerate(list_of(properties.get("entityMappings"))):
        for inner, each in enumerate(list_of(mapping_of(mapping).get("fieldMappings"))):
            place = f"properties.entityMappings[{at}].fieldMappings[{inner}].columnName"
            yield from _column(subject, "VED301", mapping_of(each).get("columnName"), columns, place)
    for at, mapping in enumerate(list_of(properties.get("sentinelEntitiesMappings"))):
        place = f"properties.sentinelEntitiesMappings[{at}].columnName"
        yield from _column(subject, "VED301", mapping_of(mapping).get("columnName"), columns, place)
    for name, column in mapping_of(properties.get("customDetails")).items():
        yield from _column(subject, "VED302", column, columns, f"properties.customDetails.{name}")
    yield from _overrides(subject, columns)
    if (
        subject.is_rule
        and not list_of(properties.get("entityMappings"))
        and not properties.get("sentinelEntitiesMappings")
    ):
        yield subject.finding("VED304", "the rule maps no entities")


def _overrides(subject: Subject, columns: frozenset[str]) -> Iterator[Finding]:
    override = mapping_of(subject.properties.get("alertDetailsOverride"))
    at = "properties.alertDetailsOverride"
    for name in _PLACEHOLDERS:
        for column in PLACEHOLDER.findall(str(override.get(name) or "")):
            yield from _column(subject, "VED303", column, columns, f"{at}.{name}")
    for name in ("alertTacticsColumnName", "alertSeverityColumnName"):
        yield from _column(subject, "VED303", override.get(name), columns, f"{at}.{name}")
    for index, each in enumerate(list_of(override.get("alertDynamicProperties"))):
        place = f"{at}.alertDynamicProperties[{index}].value"
        yield from _column(subject, "VED303", mapping_of(each).get("value"), columns, place)


def _column(subject: Subject, code: str, name: object, columns: frozenset[str], place: str) -> Iterator[Finding]:
    if isinstance(name, str) and name and name not in columns:
        known = ", ".join(sorted(columns)[:12])
        more = f" and {len(columns) - 12} more" if len(columns) > 12 else ""
        yield subject.finding(code, f"the query gives no column '{name}'; it gives {known}{more}", place)
