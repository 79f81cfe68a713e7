"""Lookups by network: `ipv4_lookup`, `ipv6_lookup`."""

from collections.abc import Sequence
from dataclasses import dataclass

from vedette.kql import plan, syntax
from vedette.kql.column_names import unique_name
from vedette.kql.conversion import convert
from vedette.kql.environment import Environment, RowScope
from vedette.kql.plugins.call import PluginCall
from vedette.kql.plugins.entry import Plugin
from vedette.kql.types import ScalarType

_SAYS = "the table to look up in, the address, its column with networks, columns to compare, and return_unmatched"

# An address is looked up once, however many rows have it: cut to each length that a network of the table has, it is
# compared for equality, which is a hash join.
_IPV4 = r"""
let Networks = L | extend length_ = iff(network_ contains '/', tolong(extract(@'/\s*(\d+)\s*$', 1, network_)), 32)
    | extend start_ = parse_ipv4(network_) | where isnotnull(start_);
let Found = S | distinct address_ | extend bits_ = parse_ipv4(address_)
    | extend own_ = iff(address_ contains '/', tolong(extract(@'/\s*(\d+)\s*$', 1, address_)), 32), one_ = 1
    | where isnotnull(bits_)
    | join kind=inner (Networks | distinct length_ | extend one_ = 1) on one_
    | where own_ >= length_
    | project address_, length_,
        start_ = binary_shift_left(binary_shift_right(bits_, 32 - length_), 32 - length_)
    | join kind=inner Networks on length_, start_;
"""
_IPV6 = r"""
let Networks = L | extend length_ = tolong(extract(@'/\s*(\d+)\s*$', 1, network_))
    | extend length_ = iff(isnull(length_), 128, iff(network_ contains ':', length_, length_ + 96))
    | extend start_ = parse_ipv6_mask(network_, length_) | where isnotempty(start_);
let Found = S | distinct address_ | where isnotempty(parse_ipv6(address_)) | extend one_ = 1
    | extend own_ = tolong(extract(@'/\s*(\d+)\s*$', 1, address_))
    | extend own_ = iff(isnull(own_), 128, iff(address_ contains ':', own_, own_ + 96))
    | join kind=inner (Networks | distinct length_ | extend one_ = 1) on one_
    | where own_ >= length_
    | project address_, length_, start_ = parse_ipv6_mask(address_, length_)
    | join kind=inner Networks on length_, start_;
"""


@dataclass(frozen=True, slots=True)
class _Lookup:
    table: plan.Plan
    address: plan.Expression
    network: plan.Expression
    extra: tuple[tuple[plan.Field, plan.Field], ...]
    is_outer: bool


def _ipv4_lookup(call: PluginCall) -> plan.Plan:
    lookup = _arguments(call)
    compared = {other.id for _, other in lookup.extra}
    shown = [field for field in lookup.table.fields if field.id not in compared]
    return _looked_up(call, lookup, _IPV4, [*call.rows.fields, *shown])


def _ipv6_lookup(call: PluginCall) -> plan.Plan:
    """Its columns come the other way round: the table's, then those of the rows that it has not."""
    lookup = _arguments(call)
    compared = {one.id for one, _ in lookup.extra}
    shown = [field for field in call.rows.fields if field.id not in compared]
    return _looked_up(call, lookup, _IPV6, [*lookup.table.fields, *shown])


def _arguments(call: PluginCall) -> _Lookup:
    given = list(call.numbered(3, None, _SAYS))
    named = call.named("return_unmatched")
    table_node, address_node, network_node, *rest = given
    flag = named.get("return_unmatched")
    if rest and _is_flag(rest[-1]):
        flag = rest.pop()
    table = call.table(table_node)
    address = call.typed(address_node, ScalarType.string)
    network = _typed_in(call, table, network_node)
    extra = tuple((call.column(node), _column_in(call, table, node)) for node in rest)
    is_outer = flag is not None and call.constant(flag, ScalarType.bool)
    return _Lookup(table, address, network, extra, is_outer)


def _is_flag(node: syntax.Expression) -> bool:
    return isinstance(node, syntax.Literal) and node.type is ScalarType.bool


def _column_in(call: PluginCall, table: plan.Plan, node: syntax.Expression) -> plan.Field:
    value = call.binder.bind_scalar(call.binder, node, RowScope(table.fields, Environment()))
    if not isinstance(value, plan.Reference):
        call.fail("This must be a column of the lookup table.", node)
    return value.field


def _typed_in(call: PluginCall, table: plan.Plan, node: syntax.Expression) -> plan.Expression:
    return convert(plan.Reference(_column_in(call, table, node)), ScalarType.string)


def _looked_up(call: PluginCall, lookup: _Lookup, search: str, shown: Sequence[plan.Field]) -> plan.Plan:
    """The rows with those of the table that are found for them; `shown` are the columns of either side, in order."""
    names = {field.id: f"s{number}" for number, field in enumerate(call.rows.fields)}
    names |= {field.id: f"l{number}" for number, field in enumerate(lookup.table.fields)}
    source = _aliased(call, call.rows, names, "address_", lookup.address)
    table = _aliased(call, lookup.table, names, "network_", lookup.network)
    keys = ["$left.address_ == $right.address_"]
    keys += [f"$left.{names[one.id]} == $right.{names[other.id]}" for one, other in lookup.extra]
    kind = "leftouter" if lookup.is_outer else "inner"
    columns = ", ".join(names[field.id] for field in shown)
    found = ", ".join(["address_", *(names[field.id] for field in lookup.table.fields)])
    body = f"{search} S | join kind={kind} (Found | project {found}) on {', '.join(keys)} | project {columns}"
    taken: list[str] = []
    for field in shown:
        taken.append(unique_name(field.name, taken))
    return call.renamed(call.kql(body, {"S": source, "L": table}), taken)


def _aliased(
    call: PluginCall, table: plan.Plan, names: dict[int, str], extra: str, value: plan.Expression
) -> plan.Plan:
    """The table's columns under the names that the search knows, and one more."""
    items = [(call.binder.new_field(names[field.id], field.type), plan.Reference(field)) for field in table.fields]
    return plan.Project(table, (*items, (call.binder.new_field(extra, ScalarType.string), value)))


_NETWORKS = "datatable(network:string, name:string)['10.1.0.0/16', 'office', '2001:db8::/32', 'lab']"

PLUGINS: tuple[Plugin, ...] = (
    Plugin(
        "ipv4_lookup",
        "T | evaluate ipv4_lookup(LookupTable, Address, NetworkColumn, Column, ..., return_unmatched=false)",
        "The rows with the columns of each row of the lookup table whose network holds the IPv4 address (and whose "
        "columns named besides are equal).",
        f"let N = {_NETWORKS}; print ip = '10.1.2.3' | evaluate ipv4_lookup(N, ip, network)",
        _ipv4_lookup,
    ),
    Plugin(
        "ipv6_lookup",
        "T | evaluate ipv6_lookup(LookupTable, Address, NetworkColumn, return_unmatched=false)",
        "The rows with the columns of each row of the lookup table whose network holds the address, IPv6 or IPv4; the "
        "lookup table's columns come first.",
        f"let N = {_NETWORKS}; print ip = '2001:db8::7' | evaluate ipv6_lookup(N, ip, network)",
        _ipv6_lookup,
    ),
)
"""https://learn.microsoft.com/kusto/query/ipv4-lookup-plugin"""
