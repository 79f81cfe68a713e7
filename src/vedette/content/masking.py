"""Differences as they may be shown: plans are printed, kept as artefacts of builds and posted under pull requests."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, cast

from vedette.content.differences import Difference
from vedette.core.redaction import REDACTED, is_secret

_SHORT = 4  # characters; a shorter secret is only masked where it is all of a text


def masked(differences: Iterable[Difference], secrets: Collection[str]) -> Iterator[Difference]:
    """The differences without the texts that are `secrets`."""
    ordered = sorted((each for each in secrets if each), key=len, reverse=True)
    for each in differences:
        yield Difference(each.place, _without(each.before, ordered), _without(each.after, ordered))


def secrets_of(parameters: Mapping[str, Any]) -> frozenset[str]:
    """The values of parameters that are called what secrets are."""
    return frozenset(str(value) for name, value in parameters.items() if is_secret(name) and value not in (None, ""))


def _without(value: Any, secrets: list[str]) -> Any:
    if isinstance(value, dict):
        return {name: _without(each, secrets) for name, each in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [_without(each, secrets) for each in cast("list[Any]", value)]
    if not isinstance(value, str):
        return REDACTED if not isinstance(value, bool) and str(value) in secrets else value
    for each in secrets:
        value = (REDACTED if value == each else value) if len(each) < _SHORT else value.replace(each, REDACTED)
    return value
