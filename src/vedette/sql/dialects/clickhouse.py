"""ClickHouse's SQL (https://clickhouse.com/docs/sql-reference). Of the entries it takes only the templates that it
is known to read as DuckDB does; what has no template here is refused by name."""

from collections.abc import Sequence

from vedette.kql import plan
from vedette.kql.functions.entry import AggregateFunction, Function, SqlTemplate
from vedette.kql.types import ScalarType
from vedette.sql.dialects import clickhouse_types as types
from vedette.sql.dialects.base import Columns
from vedette.sql.dialects.clickhouse_aggregates import AGGREGATES
from vedette.sql.dialects.clickhouse_python import python_call
from vedette.sql.dialects.clickhouse_scalars import SAME, SCALARS
from vedette.sql.dialects.gap import DialectGap
from vedette.sql.fragment import Fragment, quote_name
from vedette.sql.instants import hole

_JOINS = {
    "inner": "INNER JOIN",
    "leftouter": "LEFT JOIN",
    "fullouter": "FULL JOIN",
    "leftsemi": "LEFT SEMI JOIN",
    "leftanti": "LEFT ANTI JOIN",
}


class ClickHouse:
    """The dialect of the engine that spreads over machines. `python` names the functions in Python that the server
    has."""

    name = types.NAME
    edge_types = frozenset(ScalarType)

    def __init__(self, python: frozenset[str] = frozenset()) -> None:
        self._python = python

    def wrapping(self) -> None:
        """The engine's own integers wrap around."""

    def runs(self, entry: Function | AggregateFunction) -> bool:
        """Whether there is a template for the function (some forms of a call may still be refused)."""
        if isinstance(entry, AggregateFunction):
            return entry.name in AGGREGATES
        return entry.name in SCALARS or self._template(entry) is not None

    def constant(self, constant: plan.Constant) -> Fragment:
        """A typed literal."""
        return types.constant(constant)

    def instant(self, of: str, offset: int) -> Fragment:
        """A datetime literal with a hole."""
        return Fragment(f"toDateTime64('{hole(of, offset)}', 6, 'UTC')", True)

    def conversion(self, source: ScalarType, target: ScalarType) -> str | None:
        """The template of a conversion."""
        return types.CONVERSIONS.get((source, target))

    def function(self, entry: Function) -> SqlTemplate:
        """The template here, or the entry's own where it means the same. Raises DialectGap."""
        if entry.name in SCALARS:
            return SCALARS[entry.name]
        template = self._template(entry)
        if template is None:
            raise DialectGap(self.name, entry.name)
        return template

    def _template(self, entry: Function) -> str | None:
        """The entry's own template, where the engine can run it."""
        if entry.name in SAME and isinstance(entry.sql, str):
            return entry.sql
        call = python_call(entry.sql)
        return call[0] if call is not None and call[1] <= self._python else None

    def streams(self, call: plan.WindowCall) -> bool:
        """Numbers of rows."""
        return call.function.name == "row_number" and not call.partition

    def aggregate(self, entry: AggregateFunction) -> SqlTemplate:
        """The template here. Raises DialectGap."""
        if entry.name not in AGGREGATES:
            raise DialectGap(self.name, entry.name)
        return AGGREGATES[entry.name]

    def extract(self, base: Fragment, key: Fragment, constant: str | int | None, key_type: ScalarType) -> Fragment:
        """A member of JSON text; an object's members have no numbers here."""
        if key_type in (ScalarType.long, ScalarType.int):
            return Fragment(f"kql_item({base.text}, {key.text})", True)
        return Fragment(types.member(base.text, key.text), True)

    def with_digit(self, template: str, digit: int, target: ScalarType) -> str:
        """Texts and numbers leave it out."""
        return template

    def edge(self, value: Fragment, type: ScalarType) -> Fragment:
        """Every column in exactly its type, for a comparison is a UInt8 here; decimal and guid as text."""
        match type:
            case ScalarType.string | ScalarType.dynamic:
                return value
            case ScalarType.decimal | ScalarType.guid:
                return Fragment(f"toString({value.text})", True)
            case _:
                return Fragment(f"CAST({value.text} AS {types.TYPES[type]})", True)

    def lower(self, text: Fragment) -> Fragment:
        """The plain `lower` knows ASCII only."""
        return Fragment(f"lowerUTF8({text.text})", True)

    def cte(self, name: str, sql: str, *, is_kept: bool) -> str:
        """One that is not kept is written in place by itself."""
        return f"{name} AS {'MATERIALIZED ' if is_kept else ''}(\n{sql}\n)"

    def join(self, kind: str) -> str:
        """Semi and anti joins name their side; unmatched columns are null by the engine's settings."""
        return _JOINS[kind]

    def record(self, items: list[tuple[str, Fragment]]) -> Fragment:
        """A tuple."""
        return Fragment(f"tuple({', '.join(value.text for _, value in items)})", True)

    def record_part(self, record: str, name: str, position: int) -> Fragment:
        """A tuple's element."""
        return Fragment(f"tupleElement({record}, {position + 1})", True)

    def best(self, record: Fragment, key: Fragment, *, is_max: bool) -> Fragment:
        """`argMax` skips null keys; where there is no other, any row serves."""
        chosen = f"{'argMax' if is_max else 'argMin'}({record.text}, {key.text})"
        return Fragment(f"if(count({key.text}) > 0, {chosen}, any({record.text}))", True)

    def ordered(self, value: Fragment, type: ScalarType) -> Fragment:
        """A guid is in the order of its text; dynamics have none here."""
        if type is ScalarType.dynamic:
            raise DialectGap(self.name, "the order of dynamic values")
        return Fragment(f"toString({value.text})", True) if type is ScalarType.guid else value

    def once(self, value: Fragment, name: str, body: str) -> Fragment:
        """A lambda over an array of the one value."""
        return Fragment(f"arrayElement(arrayMap({name} -> {body}, [{value.text}]), 1)", True)

    def elements(self, value: Fragment, *, bags_as_arrays: bool) -> Fragment:
        """An array of JSON texts."""
        function = "kql_elements_as_arrays" if bags_as_arrays else "kql_elements"
        return Fragment(f"{function}({value.text})", True)

    def typed_elements(self, value: Fragment, type: ScalarType) -> Fragment | None:
        """None."""
        return None

    def unfolded(self, source: str, list_names: list[str]) -> str:
        """ARRAY JOIN puts arrays side by side; the engine's settings pad the shorter ones with nulls."""
        arrays = [f"{name} AS {self.unnest(name)}" for name in list_names]
        longest = f"arrayMax([{', '.join(f'length({name})' for name in list_names)}])"
        return f"{source} ARRAY JOIN {', '.join(arrays)}, range({longest}) AS place_in_{list_names[0]}"

    def unnest(self, list_name: str) -> str:
        """The element beside the list."""
        return f"element_of_{list_name}"

    def positions(self, list_names: list[str]) -> str:
        """The place of the element."""
        return f"toInt64(place_in_{list_names[0]})"

    def first(self, list: Fragment, count: int) -> Fragment:
        """A slice."""
        return Fragment(f"arraySlice({list.text}, 1, {count})", True)

    def values(self, rows: Sequence[Sequence[Fragment]], names: Sequence[str], alias: str) -> str:
        """VALUES takes literals only, and what is folded to one; other expressions come out of an array."""
        if not any("kql_" in value.text for row in rows for value in row):
            listed = ", ".join(f"({', '.join(value.text for value in row)})" for row in rows)
            return f"(VALUES {listed}) AS {alias}({', '.join(names)})"
        listed = ", ".join(f"tuple({', '.join(value.text for value in row)})" for row in rows)
        columns = ", ".join(f"tupleElement(given_row, {place}) AS {name}" for place, name in enumerate(names, 1))
        return f"(SELECT {columns} FROM (SELECT arrayJoin([{listed}]) AS given_row)) AS {alias}"

    def series(self, start: Fragment, stop: Fragment, step: Fragment, type: ScalarType) -> str:
        """Counted by `numbers`; no step in the right direction, no rows."""
        first, last, by = start.atom(), stop.atom(), step.atom()
        match type:
            case ScalarType.datetime:
                ticks = f"kql_datetime_to_long({start.text})"
                value = f"kql_long_to_datetime({ticks} + toInt64(number) * {by})"
                distance = f"(kql_datetime_to_long({stop.text}) - {ticks})"
            case ScalarType.real:
                value, distance = f"{first} + toFloat64(number) * {by}", f"({last} - {first})"
            case _:
                value, distance = f"{first} + toInt64(number) * {by}", f"({last} - {first})"
        slack = " + 1e-9" if type is ScalarType.real else ""
        count = f"toUInt64(greatest(ifNull(if({by} = 0, 0, floor({distance} / {by}{slack}) + 1), 0), 0))"
        return f"(SELECT {value} AS value FROM numbers({count}))"

    def table_function(
        self,
        function: str,
        arguments: Sequence[tuple[Fragment, ScalarType]],
        source: str,
        columns: Columns,
        fields: Columns,
    ) -> str:
        """Python does not run beside that engine. Raises DialectGap."""
        raise DialectGap(self.name, function.split("_", 2)[-1], "it is computed by Python beside the engine")

    def type_name(self, type: ScalarType) -> str:
        """The engine's type of a column."""
        return types.TYPES[type]

    def relation(self, parts: tuple[str, ...]) -> str:
        """A qualified table name; a backslash escapes in a name too."""
        return ".".join(quote_name(part.replace("\\", "\\\\")) for part in parts)
