"""Findings for people, and for machines: as text with the lines of the files, JSON, SARIF and JUnit."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import orjson

from vedette import __version__
from vedette.content.lint.finding import Finding
from vedette.content.lint.linted import Linted
from vedette.content.lint.rules import Level, Rule, rules

FORMATS = ("text", "json", "sarif", "junit")
_SARIF = "https://json.schemastore.org/sarif-2.1.0.json"
_LONGEST = 200


def report(linted: Linted, format: str) -> str:
    """The report in one of FORMATS."""
    return {"text": _text, "json": _json, "sarif": _sarif, "junit": _junit}[format](linted)


def explained(rule: Rule) -> str:
    """What `--explain` prints."""
    return f"{rule.code} {rule.name} ({rule.level.value})\n\n{rule.summary}\n{rule.why}\n"


def _text(linted: Linted) -> str:
    parts = [_shown(linted, each) for each in linted.findings]
    return "\n".join([*parts, summary(linted), ""])


def summary(linted: Linted) -> str:
    """One line: what was looked at, and how many findings there are."""
    counts = ", ".join(_counted(linted.count(level), level.value) for level in Level)
    left = [f"{linted.suppressed:,} suppressed"] if linted.suppressed else []
    left += [f"{linted.known:,} in the baseline"] if linted.known else []
    rest = f" ({', '.join(left)})" if left else ""
    return f"{_counted(linted.items, 'item')} in {_counted(len(linted.documents), 'file')}: {counts}{rest}"


def _counted(count: int, name: str) -> str:
    return f"{count:,} {name}" if count == 1 else f"{count:,} {name}s"


def _shown(linted: Linted, finding: Finding) -> str:
    head = f"{finding.path}:{finding.line}:{finding.column}: {finding.level.value} {finding.code}: {finding.message}"
    return "\n".join([_clean(head), *_excerpt(linted, finding)])


def _excerpt(linted: Linted, finding: Finding) -> Iterator[str]:
    document = linted.documents.get(finding.path)
    if document is None or finding.line > len(document.lines):
        return
    line = document.lines[finding.line - 1]
    start = max(0, finding.column - 1 - _LONGEST // 2)
    shown = _clean(line[start : start + _LONGEST].replace("\t", " "))
    margin = " " * len(str(finding.line))
    yield f"  {finding.line} | {shown}"
    yield f"  {margin} | {' ' * (finding.column - 1 - start)}^"


def _json(linted: Linted) -> str:
    told = {
        "items": linted.items,
        "files": len(linted.documents),
        "counts": {level.value: linted.count(level) for level in Level},
        "suppressed": linted.suppressed,
        "known": linted.known,
        "findings": [
            {
                "code": each.code,
                "name": rules()[each.code].name,
                "level": each.level.value,
                "message": each.message,
                "file": str(each.path),
                "line": each.line,
                "column": each.column,
                "item": each.item,
                "fingerprint": each.fingerprint,
            }
            for each in linted.findings
        ],
    }
    return orjson.dumps(told, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


def _sarif(linted: Linted) -> str:
    """https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html"""
    index = {code: at for at, code in enumerate(rules())}
    driver = {
        "name": "vedette lint",
        "version": __version__,
        "rules": [_sarif_rule(rule) for rule in rules().values()],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_sarif_result(each, index) for each in linted.findings],
    }
    told = {"$schema": _SARIF, "version": "2.1.0", "runs": [run]}
    return orjson.dumps(told, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


def _sarif_rule(rule: Rule) -> Mapping[str, Any]:
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.why},
        "defaultConfiguration": {"level": rule.level.value},
    }


def _sarif_result(finding: Finding, index: Mapping[str, int]) -> Mapping[str, Any]:
    region = {"startLine": finding.line, "startColumn": finding.column}
    place = {"artifactLocation": {"uri": _uri(finding.path)}, "region": region}
    return {
        "ruleId": finding.code,
        "ruleIndex": index[finding.code],
        "level": finding.level.value,
        "message": {"text": f"{finding.item}: {finding.message}" if finding.item else finding.message},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {"vedette/v1": finding.fingerprint},
    }


def _uri(path: Path) -> str:
    """A path as a URI: relative ones stay relative, to the root of the repository that the report is for."""
    if path.is_absolute():
        return path.as_uri()
    text = path.as_posix()
    return "".join(each if each.isascii() and (each.isalnum() or each in "/._-~") else _percent(each) for each in text)


def _percent(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode())


def _junit(linted: Linted) -> str:
    """A case for each file; findings that are errors are failures of it, others are in its output."""
    by_path: dict[Path, list[Finding]] = {path: [] for path in linted.documents}
    for each in linted.findings:
        by_path.setdefault(each.path, []).append(each)
    failed = sum(any(each.level is Level.ERROR for each in found) for found in by_path.values())
    root = ElementTree.Element("testsuites")
    numbers = {"tests": str(len(by_path)), "failures": str(failed), "errors": "0", "skipped": "0"}
    suite = ElementTree.SubElement(root, "testsuite", {"name": "vedette lint", **numbers})
    for path, found in by_path.items():
        case = ElementTree.SubElement(suite, "testcase", {"classname": "vedette.lint", "name": _clean(str(path))})
        errors = [_shown(linted, each) for each in found if each.level is Level.ERROR]
        others = [_shown(linted, each) for each in found if each.level is not Level.ERROR]
        if errors:
            failure = ElementTree.SubElement(case, "failure", {"message": f"{len(errors)} errors", "type": "lint"})
            failure.text = "\n".join(errors)
        if others:
            ElementTree.SubElement(case, "system-out").text = "\n".join(others)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _clean(text: str) -> str:
    """Without characters that a terminal would obey and XML has no place for."""
    return "".join(each for each in text if each.isprintable() or each == "\n")
