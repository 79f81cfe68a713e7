"""The names that Kusto gives to columns that the query does not name."""

from collections.abc import Iterable

from vedette.kql import syntax
from vedette.kql.functions.library import aggregate_functions, scalar_functions

_NAMED_AFTER_TWO = frozenset({"covariance", "covarianceif", "covariancep", "covariancepif"})


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
    if isinstance(node, syntax.Call) and node.arguments:
        entries = scalar_functions().get(node.name)
        return _called_name(entries[0].naming, node.arguments[0].value) if entries else None
    return None


def _called_name(pattern: str, argument: syntax.Expression) -> str | None:
    if "{}" not in pattern:
        return pattern or None
    name = implied_name(argument)
    return None if name is None else pattern.replace("{}", name)


def aggregate_name(node: syntax.Expression) -> str | None:
    """The name of an unnamed aggregate: `count_`, `sum_x`, `set_x`; None where it is not a plain aggregate call."""
    if not isinstance(node, syntax.Call):
        return None
    entries = aggregate_functions().get(node.name)
    if not entries:
        return None
    prefix = entries[0].prefix
    argument = implied_name(node.arguments[0].value) if node.arguments else None
    if not prefix:
        return argument
    if entries[0].name == "percentile" and len(node.arguments) == 2:
        return f"{prefix}_{argument or ''}{_percentile_label(node.arguments[1].value)}"
    if entries[0].name in _NAMED_AFTER_TWO and len(node.arguments) > 1:
        return f"{prefix}_{argument or ''}_{implied_name(node.arguments[1].value) or ''}"
    return f"{prefix}_{argument or ''}"


def _percentile_label(node: syntax.Expression) -> str:
    """`_50` of `percentile(x, 50)`, `_99_9` of `percentile(x, 99.9)`."""
    if not isinstance(node, syntax.Literal):
        return ""
    return "_" + str(node.value).removesuffix(".0").replace(".", "_")


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
