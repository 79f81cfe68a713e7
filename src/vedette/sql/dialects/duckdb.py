"""DuckDB's SQL (https://duckdb.org/docs/stable/sql/introduction). It is the reference dialect: the entries' templates
are its own."""

import json
import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from vedette.kql import plan
from vedette.kql.functions.conversions import CONVERSIONS, with_digit
from vedette.kql.functions.entry import AggregateFunction, Function, SqlTemplate, quote
from vedette.kql.types import ScalarType
from vedette.sql.dialects.base import TABLE_FUNCTION_ROWS, Columns
from vedette.sql.fragment import Fragment, quote_name
from vedette.sql.instants import hole

_TYPES = {
    ScalarType.bool: "BOOLEAN",
    ScalarType.int: "INTEGER",
    ScalarType.long: "BIGINT",
    ScalarType.real: "DOUBLE",
    ScalarType.decimal: "DECIMAL(38, 17)",
    ScalarType.string: "VARCHAR",
    ScalarType.datetime: "TIMESTAMP",
    ScalarType.timespan: "BIGINT",
    ScalarType.guid: "UUID",
    ScalarType.dynamic: "VARIANT",
}

_JOINS = {
    "inner": "JOIN",
    "leftouter": "LEFT JOIN",
    "fullouter": "FULL JOIN",
    "leftsemi": "SEMI JOIN",
    "leftanti": "ANTI JOIN",
}


TYPE_LETTERS = {
    ScalarType.bool: "b",
    ScalarType.int: "i",
    ScalarType.long: "l",
    ScalarType.real: "r",
    ScalarType.decimal: "m",
    ScalarType.string: "s",
    ScalarType.datetime: "t",
    ScalarType.timespan: "p",
    ScalarType.guid: "g",
    ScalarType.dynamic: "d",
}
"""How the name of a table function in SQL says its types: of its arguments, its columns and its results."""
_WRAPPING = {
    "+": "kql_wrap_long(CAST({left} AS HUGEINT) + {right})",
    "-": "kql_wrap_long(CAST({left} AS HUGEINT) - {right})",
    "*": "kql_wrap_long(CAST({left} AS HUGEINT) * {right})",
    "/": "kql_wrap_long(CAST({left} AS HUGEINT) // {right})",
    "%": "kql_wrap_long(kql_modulo(CAST({left} AS HUGEINT), {right}))",
    "bin": "kql_wrap_long(kql_bin_long(CAST({value} AS HUGEINT), {step}))",
    "floor": "kql_wrap_long(kql_bin_long(CAST({value} AS HUGEINT), {step}))",
    "bin_at": "kql_wrap_long(kql_bin_long(CAST({value} AS HUGEINT) - {origin}, {step}) + {origin})",
    "negate": "kql_wrap_long(-CAST({value} AS HUGEINT))",
    "abs": "kql_wrap_long(abs(CAST({value} AS HUGEINT)))",
}
_IN_64_BITS = ("long", "timespan")

_TYPED_ELEMENTS = {
    ScalarType.string: "kql_elements_as_string",
    ScalarType.long: "kql_elements_as_long",
    ScalarType.real: "kql_elements_as_real",
    ScalarType.datetime: "kql_elements_as_datetime",
}

_STREAMED_ROWS: Final = 1000
"""How far away a row may be for DuckDB to find it while rows stream by: it keeps a vector of 2,048."""


class DuckDB:
    """The dialect of the embedded engine. With `wraps`, integers that leave their 64 bits wrap around."""

    name = "duckdb"
    edge_types = frozenset({ScalarType.dynamic, ScalarType.guid, ScalarType.decimal})

    def __init__(self, *, wraps: bool = False) -> None:
        self._wraps = wraps

    def wrapping(self) -> "DuckDB":
        """The engine's own integers raise."""
        return DuckDB(wraps=True)

    def runs(self, entry: Function | AggregateFunction) -> bool:
        """Always: the entries' templates are this dialect's."""
        return True

    def constant(self, constant: plan.Constant) -> Fragment:
        """A typed literal."""
        value, type = constant.value, constant.type
        if value is None:
            return (
                Fragment("''", True) if type is ScalarType.string else Fragment(f"CAST(NULL AS {_TYPES[type]})", True)
            )
        match type:
            case ScalarType.bool:
                return Fragment("TRUE" if value else "FALSE", True)
            case ScalarType.string:
                return Fragment(quote(str(value)), True)
            case ScalarType.real:
                return Fragment(f"CAST({_real(float(value))} AS DOUBLE)", True)
            case ScalarType.datetime:
                return Fragment(f"TIMESTAMP {quote(_timestamp(value))}")
            case ScalarType.dynamic:
                return Fragment(f"CAST(CAST({quote(_json(value))} AS JSON) AS VARIANT)", True)
            case ScalarType.guid:
                return Fragment(f"CAST({quote(str(value))} AS UUID)", True)
            case _:
                return Fragment(f"CAST({value} AS {_TYPES[type]})", True)

    def instant(self, of: str, offset: int) -> Fragment:
        """A timestamp literal with a hole."""
        return Fragment(f"TIMESTAMP '{hole(of, offset)}'")

    def conversion(self, source: ScalarType, target: ScalarType) -> str | None:
        """The template of a conversion."""
        return CONVERSIONS.get((source, target))

    def with_digit(self, template: str, digit: int, target: ScalarType) -> str:
        """What a text, a dynamic or a number of ticks has more."""
        return with_digit(template, digit, target)

    def function(self, entry: Function) -> SqlTemplate:
        """The entry's own template."""
        is_whole = entry.returns in _IN_64_BITS and "real" not in entry.params and "datetime" not in entry.params
        return _WRAPPING.get(entry.name, entry.sql) if self._wraps and is_whole else entry.sql

    def streams(self, call: plan.WindowCall) -> bool:
        """Numbers of rows, sums up to a row, and rows that are a constant and not too large number of rows away."""
        if call.partition:
            return False
        match call.function.name, call.arguments:
            case (("row_number" | "row_cumsum"), _):
                return True
            case (("prev" | "next"), (_, plan.Constant(value=int(offset)), plan.Constant())):
                return 0 <= offset <= _STREAMED_ROWS
            case _:
                return False

    def aggregate(self, entry: AggregateFunction) -> SqlTemplate:
        """The entry's own template."""
        return entry.sql

    def extract(self, base: Fragment, key: Fragment, constant: str | int | None, key_type: ScalarType) -> Fragment:
        """VARIANT takes constant keys natively, lists from 1; other keys go through macros."""
        if isinstance(constant, str):
            return Fragment(f"variant_extract({base.text}, {quote(constant)})", True)
        if isinstance(constant, int) and constant >= 0:
            return Fragment(f"variant_extract({base.text}, {constant + 1})", True)
        macro = "kql_item" if key_type is ScalarType.long else "kql_property"
        return Fragment(f"{macro}({base.text}, {key.text})", True)

    def edge(self, value: Fragment, type: ScalarType) -> Fragment:
        """A dynamic as JSON text, guid and decimal as text."""
        match type:
            case ScalarType.dynamic:
                return Fragment(f"CAST(CAST({value.text} AS JSON) AS VARCHAR)", True)
            case ScalarType.guid:
                return Fragment(f"CAST({value.text} AS VARCHAR)", True)
            case ScalarType.decimal:
                template = CONVERSIONS[(ScalarType.decimal, ScalarType.string)]
                return Fragment(f"nullif({template.replace('{x}', value.atom())}, '')", True)
            case _:
                return value

    def lower(self, text: Fragment) -> Fragment:
        """`lower` knows Unicode."""
        return Fragment(f"lower({text.text})", True)

    def cte(self, name: str, sql: str, *, is_kept: bool) -> str:
        """Said either way, for by itself the engine keeps what is read twice."""
        return f"{name} AS {'' if is_kept else 'NOT '}MATERIALIZED (\n{sql}\n)"

    def join(self, kind: str) -> str:
        """Semi and anti joins are joins of their own."""
        return _JOINS[kind]

    def record(self, items: list[tuple[str, Fragment]]) -> Fragment:
        """A struct."""
        return Fragment(f"struct_pack({', '.join(f'{name} := {value.text}' for name, value in items)})", True)

    def record_part(self, record: str, name: str, position: int) -> Fragment:
        """A struct's field."""
        return Fragment(f"struct_extract({record}, {quote(name)})", True)

    def best(self, record: Fragment, key: Fragment, *, is_max: bool) -> Fragment:
        """`arg_max` skips null keys; where there is no other, any row serves."""
        return Fragment(
            f"coalesce({'arg_max' if is_max else 'arg_min'}({record.text}, {key.text}), any_value({record.text}))", True
        )

    def ordered(self, value: Fragment, type: ScalarType) -> Fragment:
        """Each value itself."""
        return value

    def once(self, value: Fragment, name: str, body: str) -> Fragment:
        """A lambda over a list of the one value."""
        return Fragment(f"list_extract(list_transform([{value.text}], lambda {name}: {body}), 1)", True)

    def elements(self, value: Fragment, *, bags_as_arrays: bool) -> Fragment:
        """A list of VARIANTs."""
        return Fragment(f"kql_elements({value.text}, {'TRUE' if bags_as_arrays else 'FALSE'})", True)

    def typed_elements(self, value: Fragment, type: ScalarType) -> Fragment | None:
        """An array's JSON text can be read as a list of most types at once."""
        macro = _TYPED_ELEMENTS.get(type)
        return None if macro is None else Fragment(f"{macro}({value.text})", True)

    def unfolded(self, source: str, list_names: list[str]) -> str:
        """Nothing to add."""
        return source

    def unnest(self, list_name: str) -> str:
        """Unnests in one SELECT are zipped and padded with nulls."""
        return f"unnest({list_name})"

    def positions(self, list_names: list[str]) -> str:
        """Unfolds a list of positions."""
        longest = (
            f"greatest({', '.join(f'len({name})' for name in list_names)})"
            if len(list_names) > 1
            else f"len({list_names[0]})"
        )
        return f"unnest(range({longest}))"

    def first(self, list: Fragment, count: int) -> Fragment:
        """A slice."""
        return Fragment(f"list_slice({list.text}, 1, {count})", True)

    def values(self, rows: Sequence[Sequence[Fragment]], names: Sequence[str], alias: str) -> str:
        """VALUES takes any expression."""
        return f"(VALUES {_rows(rows)}) AS {alias}({', '.join(names)})"

    def series(self, start: Fragment, stop: Fragment, step: Fragment, type: ScalarType) -> str:
        """`generate_series` includes the end, as Kusto does."""
        if type is ScalarType.datetime:
            interval = (
                f"to_microseconds({step.text} // 10)" if step.is_atom else f"to_microseconds(({step.text}) // 10)"
            )
            return f"(SELECT unnest(generate_series({start.text}, {stop.text}, {interval})) AS value)"
        if type is ScalarType.real:
            count = f"CAST(floor(({stop.atom()} - {start.atom()}) / {step.atom()} + 1e-9) AS BIGINT)"
            return f"(SELECT {start.atom()} + {step.atom()} * i AS value FROM range({count} + 1) AS numbers(i))"
        return f"(SELECT value FROM generate_series({start.text}, {stop.text}, {step.text}) AS numbers(value))"

    def table_function(
        self,
        function: str,
        arguments: Sequence[tuple[Fragment, ScalarType]],
        source: str,
        columns: Columns,
        fields: Columns,
    ) -> str:
        """All rows as one list of structs, which the function turns into another; the rows carry their position,
        because `list` may gather them in any order. `engine/duckdb_table_functions.py` reads the types in the name."""
        types = ((type for _, type in part) for part in (arguments, columns, fields))
        name = "__".join((function, *("".join(map(TYPE_LETTERS.__getitem__, part)) for part in types)))
        given = "".join(f", {self.edge(value, type).text}" for value, type in arguments)
        cells = "".join(
            f", i{position} := {self.edge(Fragment(column, True), type).text}"
            for position, (column, type) in enumerate(columns)
        )
        results = ", ".join(
            f"{_from_edge(self.record_part('o', f'o{position}', position).text, type)} AS {column}"
            for position, (column, type) in enumerate(fields)
        )
        numbered = f"SELECT row_number() OVER () AS n, * FROM ({source}) LIMIT {TABLE_FUNCTION_ROWS + 1}"
        made = f"SELECT {name}(list(struct_pack(n := n{cells})){given}) AS made FROM ({numbered})"
        return f"(SELECT {results} FROM (SELECT unnest(made) AS o FROM ({made})))"

    def type_name(self, type: ScalarType) -> str:
        """The engine's type of a column."""
        return _TYPES[type]

    def relation(self, parts: tuple[str, ...]) -> str:
        """A qualified table name."""
        return ".".join(quote_name(part) for part in parts)


def _from_edge(text: str, type: ScalarType) -> str:
    """What left the engine as text, as its type again."""
    match type:
        case ScalarType.dynamic:
            return f"CAST(CAST({text} AS JSON) AS VARIANT)"
        case ScalarType.guid | ScalarType.decimal:
            return f"CAST({text} AS {_TYPES[type]})"
        case _:
            return text


def _rows(rows: Sequence[Sequence[Fragment]]) -> str:
    return ", ".join(f"({', '.join(value.text for value in row)})" for row in rows)


def _real(value: float) -> str:
    if math.isnan(value):
        return "'nan'"
    if math.isinf(value):
        return "'inf'" if value > 0 else "'-inf'"
    return repr(value) if value or math.copysign(1, value) > 0 else "'-0.0'"


def _timestamp(value: datetime) -> str:
    utc = value.astimezone(UTC) if value.tzinfo else value
    return utc.replace(tzinfo=None).isoformat(sep=" ")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
