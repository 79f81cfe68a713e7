"""The `api-version` that each management request must carry, and what is known of it.

`shapes/versions.json` is the table: for each provider its versions, each with dated steps from `preview` or `stable` to
`deprecated` and `retired`; a step may lie in the future. `previews` are types that only previews have.
docs/decisions/0040-api-versions.md says why a version that is not in it is served all the same.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from functools import cache
from typing import Any

import orjson

from vedette.arm.published_shapes import folder_of_shapes, nearest
from vedette.core.errors import InvalidInput

_VERSION = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:-[a-z]+(?:\.\d+)?)?", re.ASCII | re.IGNORECASE)
_HELP = "https://learn.microsoft.com/azure/azure-resource-manager/management/resource-providers-and-types"


@dataclass(frozen=True, slots=True)
class Version:
    """A version with its steps, each from a day on, the earliest first."""

    name: str
    steps: tuple[tuple[date, str], ...]

    def state(self, day: date) -> str:
        """`preview`, `stable`, `deprecated` or `retired`; before its first step a version has that one's."""
        reached = [state for begins, state in self.steps if begins <= day]
        return reached[-1] if reached else self.steps[0][1]

    def begins(self, state: str) -> date | None:
        """The first day of a state; None where it is not planned."""
        return next((begins for begins, named in self.steps if named == state), None)

    @property
    def is_preview(self) -> bool:
        """Whether it was made as a preview."""
        return self.steps[0][1] == "preview"


def require_version(version: str | None) -> str:
    """The version, lower-cased. Raises InvalidInput: MissingApiVersionParameter, or InvalidApiVersionParameter."""
    if not version:
        raise InvalidInput(
            "MissingApiVersionParameter",
            "The api-version query parameter (?api-version=) is required for all requests.",
        )
    match = _VERSION.fullmatch(version)
    if match is None or not _is_date(*(int(part) for part in match.groups())):
        raise InvalidInput(
            "InvalidApiVersionParameter",
            f"The api-version '{version}' is invalid. It is a date such as 2024-03-01 or 2024-01-01-preview.",
        )
    return version.lower()


def known_versions(type: str) -> tuple[Version, ...]:
    """The versions of a resource type, newest first; none for a provider that is not in the table."""
    namespace, _, noun = type.lower().partition("/")
    versions, previews = _table().get(namespace, ((), frozenset[str]()))
    only_previews = noun in previews
    return tuple(each for each in versions if each.is_preview or not only_previews)


def version_headers(type: str, version: str, now: datetime, *, strict: bool) -> dict[str, str]:
    """What an answer says about the version that it was asked in; empty for one that is served as it is.

    Raises InvalidInput (NoRegisteredProviderFound) for a retired version and, when `strict`, for one that is not known.
    """
    known = known_versions(type)
    if not known:
        return {}
    found = next((each for each in known if each.name == version), None)
    state = found.state(now.date()) if found else "unknown"
    if state == "retired" or (strict and found is None):
        raise _refusal(type, version, known, now.date())
    if found is None:
        shape = next(
            (each.version for each in nearest(type.partition("/")[0], version) if each.has(type)), "the newest"
        )
        return {"Warning": f'299 - "The api-version {version} of {type} is not known here; it is served as {shape}."'}
    return _deprecation(type, found) if state == "deprecated" else {}


def _refusal(type: str, version: str, known: tuple[Version, ...], day: date) -> InvalidInput:
    """As Azure says it: https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-not-found"""
    namespace, _, noun = type.partition("/")
    supported = ", ".join(sorted(each.name for each in known if each.state(day) != "retired"))
    return InvalidInput(
        "NoRegisteredProviderFound",
        f"No registered resource provider found for API version '{version}' for type '{noun}' of '{namespace}'. The "
        f"supported api-versions are '{supported}'.",
    )


def _deprecation(type: str, version: Version) -> dict[str, str]:
    """https://datatracker.ietf.org/doc/html/rfc9745 (Deprecation), https://datatracker.ietf.org/doc/html/rfc8594
    (Sunset) and https://github.com/microsoft/api-guidelines/blob/vNext/azure/Guidelines.md (azure-deprecating)"""
    begins, ends = version.begins("deprecated"), version.begins("retired")
    assert begins is not None, f"{type} {version.name} is deprecated"
    headers = {"Deprecation": f"@{int(_midnight(begins).timestamp())}"}
    if ends is not None:
        headers["Sunset"] = format_datetime(_midnight(ends), usegmt=True)
        headers["azure-deprecating"] = f"{type} api-version {version.name} will retire on {ends.isoformat()} ({_HELP})"
    return headers


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _is_date(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


@cache
def _table() -> Mapping[str, tuple[tuple[Version, ...], frozenset[str]]]:
    """The versions of each provider, newest first, and the types that only previews have; all names folded."""
    facts: Mapping[str, Any] = orjson.loads((folder_of_shapes() / "versions.json").read_bytes())
    return {
        namespace.lower(): (
            tuple(_version(name, steps) for name, steps in sorted(fact["versions"].items(), reverse=True)),
            frozenset(each.lower() for each in fact["previews"]),
        )
        for namespace, fact in facts.items()
    }


def _version(name: str, steps: list[tuple[str, str]]) -> Version:
    return Version(name, tuple((date.fromisoformat(begins), state) for begins, state in steps))
