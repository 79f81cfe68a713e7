"""Tables named by a pattern: stored ones in full, and of those without rows only columns that the query names."""

import re
from collections import Counter

from vedette.kql import plan, syntax
from vedette.kql.binder import Binder
from vedette.kql.environment import Environment
from vedette.kql.operators.shaping import matches
from vedette.kql.types import ScalarType

_NAMES = re.compile(r"\w+")


def tables_like(
    binder: Binder, pattern: str, node: syntax.Expression, environment: Environment
) -> list[tuple[str, plan.Plan]]:
    """The workspace's tables whose names fit `pattern` (`*` stands for any text), each under its name.

    A workspace knows far more tables than it stores. A table that has no rows adds none to a result, and its columns
    would only make that wide and split columns of one name by type; but a query may name them. So tables without rows
    come in together, as one empty table with those of their columns that the query's text mentions and no stored table
    has, in the type that most of them give it.
    """
    stored: list[tuple[str, plan.Plan]] = []
    known: dict[str, Counter[ScalarType]] = {}
    mentioned = frozenset(name for text in (binder.text, *binder.bodies) for name in _NAMES.findall(text))
    for name in binder.catalog.table_names():
        if not matches(pattern, name) or not environment.sees_table(name):
            continue
        table = binder.catalog.table(name)
        if table is None:
            continue
        if table.is_stored:
            stored.append((name, binder.bind_table(binder, syntax.Name(node.span, name), Environment())))
            continue
        for column in table.columns:
            if column.name in mentioned or column.name == "TimeGenerated":
                known.setdefault(column.name, Counter())[column.type] += 1
    there = {field.name for _, rows in stored for field in rows.fields}
    fields = tuple(
        binder.new_field(name, types.most_common(1)[0][0]) for name, types in known.items() if name not in there
    )
    return [*stored, ("", plan.Values(fields, ()))] if fields else stored
