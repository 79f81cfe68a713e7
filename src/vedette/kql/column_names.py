"""The names that Kusto gives to columns that the query does not name."""

from collections.abc import Iterable

from vedette.kql import syntax
from vedette.kql.functions.library import aggregate_functions, scalar_functions
from vedette.kql.signatures import takes

_NAMED_BY_THEMSELVES = frozenset({"percentile", "percentilew", "arg_max", "arg_min"})
"""Aggregates whose names no function around them takes over."""


def implied_name(node: syntax.Expression) -> str | None:
    """The name an expression brings along: a column its own, `a.b` is `a_b`, `a[0]` is `a_0`, and calls whose entry
    says so are named after their argument. None where Kusto numbers the column."""
    if isinstance(node, syntax.Name):
        return node.name
    if isinstance(node, syntax.Member):
        base = implied_name(node.base)
        return f"{base}_{node.name}" if base else None
    if isinstance(node, syntax.Index):
        base = implied_name(node.base)
        if base and isinstance(node.index, syntax.Literal) and isinstance(node.index.value, str | int):
            return f"{base}_{node.index.value}"
        return None
    if isinstance(node, syntax.Call):
        if node.name == "ingestion_time":
            return "$IngestionTime"
        if node.name == "bin_auto" and node.arguments:
            return implied_name(node.arguments[0].value)
        return _called_name(node) if node.arguments else None
    return None


def _called_name(node: syntax.Call) -> str | None:
    pattern = _pattern(node)
    if "{}" not in pattern:
        return pattern or None
    name = node.arguments[0].name or implied_name(node.arguments[0].value)
    return None if name is None else pattern.replace("{}", name)


def _pattern(node: syntax.Call) -> str:
    """How a call is named, by the overload that takes so many arguments, as far as their number tells."""
    entries = scalar_functions().get(node.name)
    if not entries:
        return ""
    count = len(node.arguments)
    return next((entry.naming for entry in entries if takes(entry.params, count)), entries[0].naming)


def aggregate_name(node: syntax.Expression) -> str | None:
    """The name of an unnamed aggregate: `count_`, `sum_x`, `set_x`, and `count_` for `tostring(count())` too; None
    where it is not a plain aggregate call."""
    if not isinstance(node, syntax.Call):
        return None
    entries = aggregate_functions().get(node.name)
    if not entries:
        inner = node.arguments[0].value if node.arguments and _pattern(node) == "{}" else None
        has_own = isinstance(inner, syntax.Call) and inner.name in _NAMED_BY_THEMSELVES
        return None if inner is None or has_own else aggregate_name(inner)
    prefix, named = entries[0].prefix, node.arguments[: entries[0].named_arguments]
    if not prefix:
        return implied_name(named[0].value) if named else None
    names = "_".join(implied_name(argument.value) or "" for argument in named)
    if prefix == "percentile" and len(node.arguments) > 1:
        percent = node.arguments[-1].value
        return f"{prefix}_{names}_{percentile_label(percent.value if isinstance(percent, syntax.Literal) else None)}"
    return f"{prefix}_{names}"


def percentile_label(percent: object) -> str:
    """`50` for `percentile(x, 50)`, `99_9` for `percentile(x, 99.9)`; nothing for what is no number."""
    return str(percent).removesuffix(".0").replace(".", "_") if isinstance(percent, int | float) else ""


def unique_name(wanted: str, taken: Iterable[str]) -> str:
    """`wanted`, or `wanted1`, `wanted2` … whichever is free."""
    used = set(taken)
    if wanted not in used:
        return wanted
    number = 1
    while f"{wanted}{number}" in used:
        number += 1
    return f"{wanted}{number}"


def naming(node: syntax.Expression) -> tuple[tuple[str, ...], syntax.Expression]:
    """The names that a list item gives (none for an unnamed one) and its value."""
    if isinstance(node, syntax.Named):
        return node.names, node.value
    implied = implied_name(node)
    return ((implied,) if implied else ()), node
