"""A file of the findings that were there before, so that only new ones fail."""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

import orjson

from vedette.content.lint.finding import Finding
from vedette.content.plain_values import mapping_of
from vedette.core.errors import InvalidInput

_VERSION = 1


def baseline_text(findings: Iterable[Finding]) -> str:
    """The file that knows these findings: how often each is there, by its fingerprint."""
    times = Counter(each.fingerprint for each in findings)
    told = {"version": _VERSION, "findings": dict(sorted(times.items()))}
    return orjson.dumps(told, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


def read_baseline(path: Path) -> Mapping[str, int]:
    """How often each finding is known. Raises InvalidInput (InvalidBaseline)."""
    try:
        told = mapping_of(orjson.loads(path.read_bytes()))
    except (OSError, orjson.JSONDecodeError) as error:
        raise InvalidInput("InvalidBaseline", f"The baseline {path} cannot be read: {error}.") from error
    found = mapping_of(told.get("findings"))
    if told.get("version") != _VERSION or not all(isinstance(each, int) for each in found.values()):
        raise InvalidInput("InvalidBaseline", f"{path} is no baseline that --write-baseline has written.")
    return dict(found)
