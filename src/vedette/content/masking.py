"""Differences as they may be shown: plans are printed, kept as artefacts of builds and posted under pull requests."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from vedette.content.differences import Difference
from vedette.core.redaction import is_secret, without_texts


def masked(differences: Iterable[Difference], secrets: Collection[str]) -> Iterator[Difference]:
    """The differences without the texts that are `secrets`."""
    for each in differences:
        yield Difference(each.place, without_texts(each.before, secrets), without_texts(each.after, secrets))


def secrets_of(parameters: Mapping[str, Any]) -> frozenset[str]:
    """The values of parameters that are called what secrets are."""
    return frozenset(str(value) for name, value in parameters.items() if is_secret(name) and value not in (None, ""))
