"""`bag_unpack`: the properties of a bag as columns, which the data says or the query declares."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from vedette.kql import plan, syntax
from vedette.kql.conversion import convert
from vedette.kql.open_columns import mark_open
from vedette.kql.plugins.call import PluginCall
from vedette.kql.plugins.entry import Plugin
from vedette.kql.types import ScalarType

MOST_COLUMNS = 5000
_AT_ONCE = 100
_TYPES = {
    "string": ScalarType.string,
    "long": ScalarType.long,
    "double": ScalarType.real,
    "bool": ScalarType.bool,
}
_CONFLICTS = ("error", "replace_source", "keep_source")
_KEYS = "T | mv-expand key = bag_keys(bag) to typeof(string) | distinct key"

Slots = list[tuple[str, ScalarType]]


def _bag_unpack(call: PluginCall) -> plan.Plan:
    given = call.numbered(1, 4, "the column to unpack, a prefix, columnsConflict and ignoredProperties")
    named = {**dict(zip(("", "prefix", "columnsConflict", "ignoredProperties"), given, strict=False))}
    named |= call.named("OutputColumnPrefix", "columnsConflict", "ignoredProperties")
    bag = call.value(given[0])
    if bag.type is not ScalarType.dynamic:
        call.fail(f"This must be a dynamic, not a {bag.type.value}.", given[0], "Use parse_json() on a text first.")
    prefix_node = named.get("OutputColumnPrefix", named.get("prefix"))
    prefix = "" if prefix_node is None else call.constant(prefix_node, ScalarType.string)
    ignored = _ignored(call, named.get("ignoredProperties"))
    source = [field for field in call.rows.fields if not (isinstance(bag, plan.Reference) and field == bag.field)]
    if call.node.columns is not None:
        return _declared(call, bag, source, call.node.columns, prefix)
    slots = [slot for slot in _slots(call, bag) if slot[0] not in ignored]
    prefixed = [(prefix + key, key, type) for key, type in slots]
    fields, columns = _conflicts(call, _conflict(call, named), source, prefixed)
    kept = [(field, plan.Reference(field)) for field in fields]
    added = [(call.binder.new_field(name, type), _slot(bag, key, type)) for name, key, type in columns]
    items = (*kept, *added) or ((call.binder.new_field(_name(bag), ScalarType.dynamic), bag),)  # a table has columns
    return mark_open(call.binder, plan.Project(call.rows, items))


def _name(bag: plan.Expression) -> str:
    return bag.field.name if isinstance(bag, plan.Reference) else "bag"


def _slot(bag: plan.Expression, key: str, type: ScalarType) -> plan.Expression:
    return convert(plan.Extract(bag, plan.Constant(key, ScalarType.string)), type)


def _ignored(call: PluginCall, node: syntax.Expression | None) -> frozenset[str]:
    if node is None:
        return frozenset()
    value: Any = call.constant(node, ScalarType.dynamic)
    if not isinstance(value, list):
        call.fail("The properties to ignore are a dynamic array of names.", node)
    return frozenset(map(str, value))  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]


def _conflict(call: PluginCall, named: dict[str, syntax.Expression]) -> str:
    node = named.get("columnsConflict")
    if node is None:
        return "error"
    chosen = call.constant(node, ScalarType.string)
    if chosen not in _CONFLICTS:
        call.fail(f"'{chosen}' is no way to resolve conflicts.", node, f"The ways are {', '.join(_CONFLICTS)}.")
    return chosen


def _conflicts(
    call: PluginCall, conflict: str, source: list[plan.Field], slots: list[tuple[str, str, ScalarType]]
) -> tuple[list[plan.Field], list[tuple[str, str, ScalarType]]]:
    """The source's fields and the slots that make the output."""
    names = {name for name, _, _ in slots}
    clashing = {field.name for field in source} & names
    if clashing and conflict == "error":
        call.fail(
            f"The table has a column '{min(clashing)}' already.",
            None,
            "Give a prefix, or columnsConflict='replace_source' or 'keep_source'.",
        )
    if conflict == "replace_source":
        return [field for field in source if field.name not in names], slots
    return source, [slot for slot in slots if slot[0] not in clashing]


def _declared(
    call: PluginCall,
    bag: plan.Expression,
    source: Sequence[plan.Field],
    columns: Sequence[syntax.ColumnDeclaration],
    prefix: str,
) -> plan.Plan:
    """The columns that the query names: the source's with a `*`, and a name that the source has not is a slot's."""
    own = {field.name: field for field in source}
    names = {column.name for column in columns}
    kept = [field for field in source if field.name not in names] if call.node.keeps_columns else []
    items: list[tuple[plan.Field, plan.Expression]] = [(field, plan.Reference(field)) for field in kept]
    for column in columns:
        known = own.get(column.name)
        value = plan.Reference(known) if known is not None else None
        slot = _slot(bag, column.name.removeprefix(prefix), column.type)
        items.append(
            (call.binder.new_field(column.name, column.type), slot if value is None else convert(value, column.type))
        )
    return plan.Project(call.rows, tuple(items))


def _slots(call: PluginCall, bag: plan.Expression) -> Slots:
    """The properties that the bags have, by name, each with the one type of its values or dynamic."""
    binder = call.binder
    if not call.can_ask():
        return []
    bags = plan.Project(call.rows, ((binder.new_field("bag", ScalarType.dynamic), bag),))
    keys = sorted(row[0] for row in call.ask(call.kql(_KEYS, {"T": bags})) if row[0])
    if len(keys) > MOST_COLUMNS:
        call.fail(
            f"The bags have {len(keys)} different properties; {MOST_COLUMNS} is the most.",
            None,
            "Say which are wanted, as in ': (*, Name:string)'.",
        )
    return list(_typed(call, bags, keys))


def _typed(call: PluginCall, bags: plan.Plan, keys: Sequence[str]) -> Iterator[tuple[str, ScalarType]]:
    for start in range(0, len(keys), _AT_ONCE):
        some = keys[start : start + _AT_ONCE]
        names = {f"k{number}": plan.Constant(key, ScalarType.string) for number, key in enumerate(some)}
        sets = ", ".join(f"t{number} = make_set(gettype(bag[k{number}]))" for number in range(len(some)))
        for row in call.ask(call.kql(f"T | summarize {sets}", {"T": bags}, names)):
            yield from zip(some, map(_one_type, row), strict=True)


def _one_type(found: str) -> ScalarType:
    types = set(json.loads(found)) - {"null"}
    return _TYPES.get(types.pop(), ScalarType.dynamic) if len(types) == 1 else ScalarType.dynamic


PLUGINS: tuple[Plugin, ...] = (
    Plugin(
        "bag_unpack",
        "T | evaluate bag_unpack(Column, Prefix, columnsConflict='error', ignoredProperties=dynamic([])) : (schema)",
        "A column for each property of the bags in a column, which goes away. Without a schema the data says which "
        "properties there are; a name that no bag has at present is then null.",
        "datatable(d:dynamic)[dynamic({'a': 1}), dynamic({'a': 2, 'b': 'x'})] | evaluate bag_unpack(d)",
        _bag_unpack,
        takes_schema=True,
    ),
)
"""https://learn.microsoft.com/kusto/query/bag-unpack-plugin"""
