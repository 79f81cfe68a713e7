"""Runs a query that may give several results, each within the limits."""

from collections.abc import Callable
from dataclasses import dataclass

from vedette.kql.several_results import for_each_result
from vedette.logs.result import QueryResult


@dataclass(frozen=True, slots=True)
class NamedResult:
    """One of a query's results."""

    name: str
    result: QueryResult


def all_results(text: str, run: Callable[[str], QueryResult]) -> tuple[NamedResult, ...]:
    """All results of a query, whose parts `run` runs one after the other. Raises what `run` raises."""
    return tuple(NamedResult(name, result) for name, result in for_each_result(text, run))
