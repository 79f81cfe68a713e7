"""All functions by name, put together from the topics on first use."""

from collections.abc import Iterable, Mapping
from functools import cache

from vedette.kql.functions import (
    aggregates,
    arrays,
    columns,
    conditionals,
    conversions,
    datetimes,
    dynamics,
    encodings,
    gathering,
    geo_cells,
    geo_lines,
    geo_points,
    geo_polygons,
    hashing,
    markup,
    network,
    numbers,
    parsing,
    percentiles,
    regexes,
    series,
    series_models,
    sketches,
    statistics,
    strings,
    units,
    windows,
)
from vedette.kql.functions.entry import AggregateFunction, Function, WindowFunction
from vedette.kql.functions.refused import REFUSED

_SCALAR_TOPICS: tuple[tuple[Function, ...], ...] = (
    conversions.FUNCTIONS,
    conditionals.FUNCTIONS,
    strings.FUNCTIONS,
    regexes.FUNCTIONS,
    datetimes.FUNCTIONS,
    numbers.FUNCTIONS,
    dynamics.FUNCTIONS,
    arrays.FUNCTIONS,
    network.FUNCTIONS,
    parsing.FUNCTIONS,
    encodings.FUNCTIONS,
    hashing.FUNCTIONS,
    markup.FUNCTIONS,
    series.FUNCTIONS,
    series_models.FUNCTIONS,
    statistics.FUNCTIONS,
    units.FUNCTIONS,
    columns.FUNCTIONS,
    sketches.FUNCTIONS,
    geo_points.FUNCTIONS,
    geo_cells.FUNCTIONS,
    geo_lines.FUNCTIONS,
    geo_polygons.FUNCTIONS,
)
_AGGREGATE_TOPICS: tuple[tuple[AggregateFunction, ...], ...] = (
    aggregates.FUNCTIONS,
    gathering.FUNCTIONS,
    percentiles.FUNCTIONS,
    sketches.AGGREGATES,
)


@cache
def scalar_functions() -> Mapping[str, tuple[Function, ...]]:
    """The overloads of each scalar function, by name and by alias."""
    by_name: dict[str, list[Function]] = {}
    for entry in _entries(_SCALAR_TOPICS):
        for name in (entry.name, *entry.aliases, *entry.deprecated_aliases):
            by_name.setdefault(name, []).append(entry)
    return {name: tuple(entries) for name, entries in by_name.items()}


@cache
def aggregate_functions() -> Mapping[str, tuple[AggregateFunction, ...]]:
    """The overloads of each aggregate function, by name and by alias."""
    by_name: dict[str, list[AggregateFunction]] = {}
    for topic in _AGGREGATE_TOPICS:
        for entry in topic:
            for name in (entry.name, *entry.aliases):
                by_name.setdefault(name, []).append(entry)
    return {name: tuple(entries) for name, entries in by_name.items()}


@cache
def window_functions() -> Mapping[str, tuple[WindowFunction, ...]]:
    """The overloads of each window function, by name and by alias."""
    by_name: dict[str, list[WindowFunction]] = {}
    for entry in windows.FUNCTIONS:
        for name in (entry.name, *entry.aliases, *entry.deprecated_aliases):
            by_name.setdefault(name, []).append(entry)
    return {name: tuple(entries) for name, entries in by_name.items()}


@cache
def refused_names() -> Mapping[str, str]:
    """The reason for each name that is known and not run."""
    return {entry.name: entry.reason for entry in REFUSED}


def _entries(topics: Iterable[tuple[Function, ...]]) -> Iterable[Function]:
    for topic in topics:
        yield from topic
