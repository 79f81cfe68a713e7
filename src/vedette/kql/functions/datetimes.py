"""Functions on datetimes and timespans. The engine keeps microseconds: the seventh digit of a Kusto datetime is 0."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from vedette.kql.functions.conversions import converted
from vedette.kql.functions.entry import NOT_CONSTANT, Function, SqlCall, quote
from vedette.kql.types import ScalarType

# --- bins ----------------------------------------------------------------------------------------------------------

_UNITS = {10_000_000: "second", 600_000_000: "minute", 36_000_000_000: "hour", 864_000_000_000: "day"}
"""Steps for which the engine has a quicker way than by any number of ticks."""


def _bin_datetime(call: SqlCall) -> str:
    step = call.constants[1]
    if isinstance(step, int) and step in _UNITS:
        return f"date_trunc('{_UNITS[step]}', {call.arguments[0]})"
    if isinstance(step, int) and step >= 10:
        return (
            f"time_bucket(to_microseconds({step // 10}), {call.arguments[0]}, TIMESTAMP '0001-01-01')"
            if (24 * 36_000_000_000) % step
            else f"time_bucket(to_microseconds({step // 10}), {call.arguments[0]})"
        )
    return f"kql_bin_datetime({call.arguments[0]}, {call.arguments[1]})"


def _bin_datetime_at(call: SqlCall) -> str:
    value, step, origin = call.arguments
    return (
        f"CASE WHEN {step} >= 10 AND {origin} IS NOT NULL "
        f"THEN time_bucket(to_microseconds({step} // 10), {value}, {origin}) END"
    )


def _bin_number(macro: str) -> Callable[[SqlCall], str]:
    def template(call: SqlCall) -> str:
        return f"{macro}({call.arguments[0]}, {call.arguments[1]})"

    return template


def _bins(name: str) -> list[Function]:
    doc = "The greatest multiple of the step that is not greater than the value; null for a step that is not positive."
    return [
        Function(
            name,
            params="value: long, step: long",
            returns="long",
            doc=doc,
            sql=_bin_number("kql_bin_long"),
            examples=[(f"{name}(5, 2)", 4), (f"{name}(-5, 2)", -6), (f"{name}(5, 0)", None)],
            naming="{}",
        ),
        Function(
            name,
            params="value: real, step: real",
            returns="real",
            doc=doc,
            sql=_bin_number("kql_bin_real"),
            examples=[(f"{name}(5.5, 2)", 4.0), (f"{name}(-5.5, 2.0)", -6.0)],
            naming="{}",
        ),
        Function(
            name,
            params="value: decimal, step: decimal",
            returns="decimal",
            doc=doc,
            sql="CAST(kql_bin_real({value}, {step}) AS DECIMAL(38, 17))",
            examples=[],
            naming="{}",
        ),
        Function(
            name,
            params="value: timespan, step: timespan",
            returns="timespan",
            doc=doc,
            sql=_bin_number("kql_bin_long"),
            examples=[(f"{name}(100m, 1h)", "01:00:00")],
            naming="{}",
        ),
        Function(
            name,
            params="value: datetime, step: timespan",
            returns="datetime",
            doc="The start of the bin that the datetime is in; bins are counted from the year 1.",
            sql=_bin_datetime,
            examples=[
                (f"{name}(datetime(1969-06-15 13:45:00), 1h)", "1969-06-15T13:00:00.0000000Z"),
                (f"{name}(datetime(1955-11-05), 7d)", "1955-10-31T00:00:00.0000000Z"),
                (f"{name}(datetime(2007-03-09), 30d)", "2007-02-14T00:00:00.0000000Z"),
                (f"{name}(datetime(2020-10-25), -1h)", None),
            ],
            naming="{}",
        ),
    ]


def _bins_at() -> list[Function]:
    doc = "The start of the value's bin, with the bins placed so that one begins at a fixed point."
    return [
        *(
            Function(
                "bin_at",
                params=f"value: {type}, step: {type}, origin: {type}",
                returns=type,
                doc=doc,
                sql=f"{macro}({{value}} - {{origin}}, {{step}}) + {{origin}}",
                examples=examples,
                naming="{}",
            )
            for type, macro, examples in (
                ("long", "kql_bin_long", [("bin_at(6, 4, 1)", 5)]),
                ("real", "kql_bin_real", [("bin_at(6.5, 2.5, 7)", 4.5)]),
                ("timespan", "kql_bin_long", [("bin_at(1h, 1d, 12h)", "-12:00:00")]),
            )
        ),
        Function(
            "bin_at",
            params="value: decimal, step: decimal, origin: decimal",
            returns="decimal",
            doc=doc,
            sql="CAST(kql_bin_real({value} - {origin}, {step}) + {origin} AS DECIMAL(38, 17))",
            examples=[("tostring(bin_at(decimal(6.5), decimal(2.5), decimal(7)))", "4.5")],
            naming="{}",
        ),
        Function(
            "bin_at",
            params="value: datetime, step: timespan, origin: datetime",
            returns="datetime",
            doc=doc,
            sql=_bin_datetime_at,
            examples=[
                (
                    "bin_at(datetime(2017-05-15 10:20:00.0), 1d, datetime(1970-01-01 12:00:00.0))",
                    "2017-05-14T12:00:00.0000000Z",
                )
            ],
            naming="{}",
        ),
    ]


# --- starts and ends -----------------------------------------------------------------------------------------------

_MOST_PARTS = 3_700_000  # more days than the calendar has
_STARTS: Mapping[str, tuple[str, str, str]] = {
    "day": ("date_trunc('day', {x})", "to_days", ""),
    "week": ("kql_startofweek({x})", "to_days", " * 7"),
    "month": ("date_trunc('month', {x})", "to_months", ""),
    "year": ("date_trunc('year', {x})", "to_months", " * 12"),
}


def _moved(part: str, call: SqlCall, extra: int) -> str:
    start, unit, times = _STARTS[part]
    sql = start.replace("{x}", call.arguments[0])
    offset = call.constants[1]
    if isinstance(offset, int):
        total = min(max(offset, -_MOST_PARTS), _MOST_PARTS) + extra
        return sql if total == 0 else f"{sql} + {unit}(CAST({total}{times} AS INTEGER))"
    moved = f"{sql} + {unit}(CAST(({call.arguments[1]} + {extra}){times} AS INTEGER))"
    return f"kql_in_calendar(CASE WHEN {call.arguments[1]} BETWEEN -{_MOST_PARTS} AND {_MOST_PARTS} THEN {moved} END)"


def _in_calendar(part: str, call: SqlCall, sql: str) -> str:
    """The first and the last week reach out of the calendar, as other parts do that are moved."""
    return f"kql_in_calendar({sql})" if part == "week" or call.constants[1] != 0 else sql


def _start_of(part: str) -> Callable[[SqlCall], str]:
    def template(call: SqlCall) -> str:
        return _in_calendar(part, call, _moved(part, call, 0))

    return template


def _end_of(part: str) -> Callable[[SqlCall], str]:
    def template(call: SqlCall) -> str:
        return _in_calendar(part, call, f"{_moved(part, call, 1)} - INTERVAL 1 MICROSECOND")

    return template


_START_EXAMPLES: Mapping[str, list[tuple[str, str | None]]] = {
    "day": [("startofday(datetime(2017-01-01 10:10:17), -1)", "2016-12-31T00:00:00.0000000Z")],
    "week": [("startofweek(datetime(2020-06-14 01:00:00))", "2020-06-14T00:00:00.0000000Z")],
    "month": [("startofmonth(datetime(2020-06-15), 2)", "2020-08-01T00:00:00.0000000Z")],
    "year": [("startofyear(datetime(2020-06-15), 1)", "2021-01-01T00:00:00.0000000Z")],
}
_END_EXAMPLES: Mapping[str, list[tuple[str, str | None]]] = {
    "day": [("endofday(datetime(2017-01-01 10:10:17))", "2017-01-01T23:59:59.9999990Z")],
    "week": [("endofweek(datetime(2020-01-05 12:00:00))", "2020-01-11T23:59:59.9999990Z")],
    "month": [("endofmonth(datetime(2020-01-31), 1)", "2020-02-29T23:59:59.9999990Z")],
    "year": [("endofyear(datetime(null))", None)],
}


def _edges() -> list[Function]:
    entries: list[Function] = []
    for part in _STARTS:
        entries.append(
            Function(
                f"startof{part}",
                params="date: datetime, offset: long = 0",
                returns="datetime",
                doc=f"The first instant of the {part} (weeks begin on Sunday), or of one so many {part}s later.",
                sql=_start_of(part),
                examples=_START_EXAMPLES[part],
                naming="{}" if part == "day" else "",
            )
        )
        entries.append(
            Function(
                f"endof{part}",
                params="date: datetime, offset: long = 0",
                returns="datetime",
                doc=f"The last instant of the {part} (weeks end on Saturday), or of one so many {part}s later.",
                sql=_end_of(part),
                examples=_END_EXAMPLES[part],
            )
        )
    return entries


# --- parts ---------------------------------------------------------------------------------------------------------

_PARTS: Mapping[str, str] = {
    "year": "year({x})",
    "quarter": "quarter({x})",
    "month": "month({x})",
    "week_of_year": "week({x})",
    "weekofyear": "week({x})",
    "day": "day({x})",
    "dayofyear": "dayofyear({x})",
    "hour": "hour({x})",
    "minute": "minute({x})",
    "second": "second({x})",
    "millisecond": "(microsecond({x}) % 1000000 // 1000)",
    "microsecond": "(microsecond({x}) % 1000000)",
    "nanosecond": "(microsecond({x}) % 1000000 * 1000 + kql_seventh_digit({x}) * 100)",
}


def _part(call: SqlCall) -> str:
    part = str(call.constants[0]).lower()
    sql = _PARTS.get(part)
    if sql is None:
        return "CAST(NULL AS BIGINT)"
    if part == "nanosecond" and call.digits and call.digits[1]:
        sql = f"(microsecond({{x}}) % 1000000 * 1000 + {call.digits[1] * 100})"
    return sql.replace("{x}", call.arguments[1])


_SIMPLE_PARTS: tuple[tuple[str, str, str, str, tuple[str, ...], int], ...] = (
    ("getyear", "The year.", "year({date})", "datetime(2015-10-12)", (), 2015),
    ("monthofyear", "The month's number.", "month({date})", "datetime(2015-12-14)", ("getmonth",), 12),
    ("dayofmonth", "The day's number in its month.", "day({date})", "datetime(2015-12-14)", (), 14),
    ("dayofyear", "The day's number in its year.", "dayofyear({date})", "datetime(2020-12-31)", (), 366),
    ("hourofday", "The hour.", "hour({date})", "datetime(2015-12-14 18:54:00)", (), 18),
    ("week_of_year", "The week's number by ISO 8601.", "week({date})", "datetime(2021-01-03)", ("weekofyear",), 53),
)

_ADDED: Mapping[str, tuple[str, int]] = {
    "year": ("to_months(CAST({n} * 12 AS INTEGER))", 10_000),
    "quarter": ("to_months(CAST({n} * 3 AS INTEGER))", 40_000),
    "month": ("to_months(CAST({n} AS INTEGER))", 120_000),
    "week": ("to_days(CAST({n} * 7 AS INTEGER))", 530_000),
    "day": ("to_days(CAST({n} AS INTEGER))", 3_700_000),
    "hour": ("to_hours({n})", 88_000_000),
    "minute": ("to_minutes({n})", 5_300_000_000),
    "second": ("to_microseconds({n} * 1000000)", 316_000_000_000),
    "millisecond": ("to_microseconds({n} * 1000)", 316_000_000_000_000),
    "microsecond": ("to_microseconds({n})", 316_000_000_000_000_000),
    "nanosecond": ("to_microseconds({n} // 1000)", 9_223_372_036_854_775_807),
}
"""The SQL of each period, and more of them than any calendar has; beyond that the engine would raise."""


def _add(call: SqlCall) -> str:
    part, amount, date = str(call.constants[0]).lower(), call.arguments[1], call.arguments[2]
    if part not in _ADDED:
        return "CAST(NULL AS TIMESTAMP)"
    sql, most = _ADDED[part]
    sum = f"kql_in_calendar({date} + {sql.replace('{n}', amount)})"
    known = call.constants[1]
    if isinstance(known, int):
        return sum if abs(known) <= most else "CAST(NULL AS TIMESTAMP)"
    return f"CASE WHEN {amount} BETWEEN -{most} AND {most} THEN {sum} END"


_DIFFERENCES = frozenset({"year", "quarter", "month", "day", "hour", "minute", "second", "millisecond", "microsecond"})


def _diff(call: SqlCall) -> str:
    part = str(call.constants[0]).lower()
    later, earlier = call.arguments[1:]
    if part == "week":
        return f"datediff('day', kql_startofweek({earlier}), kql_startofweek({later})) // 7"
    if part == "nanosecond":
        last = (call.digits[1] - call.digits[2]) * 100 if call.digits else 0
        return f"datediff('microsecond', {earlier}, {later}) * 1000" + (f" + {last}" if last else "")
    return f"datediff({quote(part)}, {earlier}, {later})" if part in _DIFFERENCES else "CAST(NULL AS BIGINT)"


# --- formats -------------------------------------------------------------------------------------------------------

_SPECIFIER = re.compile(r"yyyy|yy|MM|M|dd|d|HH|H|hh|h|mm|m|ss|s|tt|f{1,7}|F{1,7}|.", re.DOTALL)
_STRFTIME: Mapping[str, str] = {
    "yyyy": "%Y",
    "yy": "%y",
    "MM": "%m",
    "M": "%-m",
    "dd": "%d",
    "d": "%-d",
    "HH": "%H",
    "H": "%-H",
    "hh": "%I",
    "h": "%-I",
    "mm": "%M",
    "m": "%-M",
    "ss": "%S",
    "s": "%-S",
    "tt": "%p",
    "ffffff": "%f",
    "%": "%%",
}


_DELIMITERS = " /-:,._[]"


def _only(letters: str) -> Callable[[Sequence[Any]], str | None]:
    """Refuses a format in which something stands that is neither a specifier nor a delimiter."""

    def refuses(constants: Sequence[Any]) -> str | None:
        for character in str(constants[1]):
            if character not in letters and character not in _DELIMITERS:
                return f"'{character}' cannot stand in this format; the specifiers are of {letters}."
        return None

    return refuses


def _names_one_of(parts: Collection[str]) -> Callable[[Sequence[Any]], str | None]:
    """Refuses the name of a part of time that there is not."""

    def refuses(constants: Sequence[Any]) -> str | None:
        if str(constants[0]).lower() in parts:
            return None
        return f"'{constants[0]}' is no part of a datetime; the parts are {', '.join(parts)}."

    return refuses


def _format_datetime(call: SqlCall) -> str:
    date = call.arguments[0]
    last = call.digits[0] if call.digits else 0
    pieces: list[str] = []
    pending = ""
    for specifier in _SPECIFIER.findall(str(call.constants[1])):
        known = _STRFTIME.get(specifier)
        if known is not None or specifier[0] not in "fF":
            pending += known if known is not None else specifier
            continue
        seventh = f"'{last}'" if last else f"kql_seventh_digit({date})"
        digits = f"left(strftime({date}, '%f') || {seventh}, {len(specifier)})"
        if pending:
            pieces.append(f"strftime({date}, {quote(pending)})")
            pending = ""
        pieces.append(digits if specifier[0] == "f" else f"rtrim({digits}, '0')")
    if pending:
        pieces.append(f"strftime({date}, {quote(pending)})")
    return f"coalesce({' || '.join(pieces)}, '')"


_SPAN_SPECIFIER = re.compile(r"d{1,8}|HH|H|hh|h|mm|m|ss|s|f{1,7}|F{1,7}|.", re.DOTALL)
_SPAN_UNITS: Mapping[str, str] = {
    "h": "abs({x}) // 36000000000 % 24",
    "H": "abs({x}) // 36000000000 % 24",
    "m": "abs({x}) // 600000000 % 60",
    "s": "abs({x}) // 10000000 % 60",
}


def _format_timespan(call: SqlCall) -> str:
    span = call.arguments[0]
    pieces = [f"CASE WHEN {span} < 0 THEN '-' ELSE '' END"]
    for specifier in _SPAN_SPECIFIER.findall(str(call.constants[1])):
        pieces.append(_span_piece(span, specifier))
    return f"coalesce({' || '.join(pieces)}, '')"


def _span_piece(span: str, specifier: str) -> str:
    letter = specifier[0]
    if letter == "d":
        return f"printf('%0{len(specifier)}d', abs({span}) // 864000000000)"
    if letter in _SPAN_UNITS:
        return f"printf('%0{len(specifier)}d', {_SPAN_UNITS[letter].replace('{x}', span)})"
    if letter in "fF":
        digits = f"left(printf('%07d', abs({span}) % 10000000), {len(specifier)})"
        return digits if letter == "f" else f"rtrim({digits}, '0')"
    return quote(specifier)


# --- Unix time -----------------------------------------------------------------------------------------------------


def _unix(name: str, per_second: int, examples: list[tuple[str, str | None]]) -> list[Function]:
    low, high = -62135596800 * per_second, 253402300800 * per_second - 1
    long_sql = f"make_timestamp({{value}} * {1_000_000 // per_second})"
    if per_second > 1_000_000:
        long_sql = f"make_timestamp({{value}} // {per_second // 1_000_000})"
    real_sql = f"make_timestamp(CAST(floor({{value}} * {1_000_000 / per_second!r}) AS BIGINT))"
    doc = f"The datetime that is so many {name} after the start of 1970; null outside the calendar."
    bounds = "" if per_second > 1_000_000 else f"WHEN {{value}} BETWEEN {low} AND {high} "
    return [
        Function(
            f"unixtime_{name}_todatetime",
            params="value: long",
            returns="datetime",
            doc=doc,
            sql=f"CASE {bounds}THEN {long_sql} END" if bounds else long_sql,
            examples=examples,
        ),
        Function(
            f"unixtime_{name}_todatetime",
            params="value: real",
            returns="datetime",
            doc=doc,
            sql=f"CASE WHEN {{value}} BETWEEN {low} AND {high} THEN {real_sql} END",
            examples=[],
        ),
    ]


def _make_timespan(call: SqlCall) -> str:
    parts = call.arguments
    if len(parts) == 4:
        return f"kql_make_timespan({', '.join(parts)})"
    return f"kql_make_timespan(0, {parts[0]}, {parts[1]}, {parts[2] if len(parts) == 3 else '0'})"


def _in_zone(macro: str) -> Callable[[SqlCall], str]:
    def template(call: SqlCall) -> str:
        date, zone = call.arguments
        if call.constants[1] is NOT_CONSTANT:
            zone = f"nullif({zone}, '')"
        return f"{macro}({date}, {zone})"

    return template


def _converted_to(target: ScalarType) -> Callable[[SqlCall], str]:
    def template(call: SqlCall) -> str:
        return converted(call, 0, target)

    return template


FUNCTIONS: tuple[Function, ...] = (
    *_bins("bin"),
    *_bins("floor"),
    *_bins_at(),
    *_edges(),
    *(
        Function(name, "date: datetime", "long", doc, sql, [(f"{name}({value})", expected)], aliases=aliases)
        for name, doc, sql, value, aliases, expected in _SIMPLE_PARTS
    ),
    Function(
        "dayofweek",
        params="date: datetime",
        returns="timespan",
        doc="How many days have passed since the Sunday before, as a timespan.",
        sql="kql_dayofweek({date})",
        examples=[
            ("dayofweek(datetime(1947-11-30 10:00:05))", "00:00:00"),
            ("dayofweek(datetime(1970-05-11))", "1.00:00:00"),
        ],
    ),
    Function(
        "datetime_part",
        params="part!: string, date: datetime",
        returns="long",
        doc="A part of a datetime by name.",
        sql=_part,
        examples=[
            ("datetime_part('dayOfYear', datetime(2017-10-30 01:02:03.7654321))", 303),
            ("datetime_part('week_of_year', datetime(2017-10-30))", 44),
            ("datetime_part('millisecond', datetime(2017-10-30 01:02:03.7654321))", 765),
        ],
        deprecated_aliases=("datepart",),
        refuses=_names_one_of(_PARTS),
    ),
    Function(
        "datetime_add",
        params="part!: string, amount: long, date: datetime",
        returns="datetime",
        doc="The datetime moved by so many periods, the day cut to the month's last; null outside the calendar.",
        sql=_add,
        examples=[
            ("datetime_add('month', -1, datetime(2020-03-31))", "2020-02-29T00:00:00.0000000Z"),
            ("datetime_add('year', 1, datetime(2020-02-29))", "2021-02-28T00:00:00.0000000Z"),
            ("datetime_add('millisecond', 1500, datetime(2020-01-01))", "2020-01-01T00:00:01.5000000Z"),
            ("datetime_add('day', -1, datetime(0001-01-01 12:00:00))", None),
        ],
        refuses=_names_one_of(_ADDED),
    ),
    Function(
        "datetime_diff",
        params="part!: string, later: datetime, earlier: datetime",
        returns="long",
        doc="How many boundaries of the period lie between two datetimes.",
        sql=_diff,
        examples=[
            ("datetime_diff('month', datetime(2021-03-15), datetime(2020-01-01))", 14),
            ("datetime_diff('minute', datetime(2020-01-01), datetime(2020-01-01 13:45:00))", -825),
            ("datetime_diff('week', datetime(2020-01-05), datetime(2020-01-04))", 1),
        ],
        refuses=_names_one_of((*_DIFFERENCES, "week", "nanosecond")),
    ),
    Function(
        "format_datetime",
        params="date: datetime, format!: string",
        returns="string",
        doc="The datetime in a form put together from yyyy, MM, dd, HH, hh, mm, ss, fff, tt and the like.",
        sql=_format_datetime,
        examples=[
            ("format_datetime(datetime(2017-01-29 09:00:05), 'yyyy-M-dd [H:mm:ss]')", "2017-1-29 [9:00:05]"),
            (
                "format_datetime(datetime(2020-06-15 13:45:09.123), 'yy.MM.dd hh:mm:ss.fff tt')",
                "20.06.15 01:45:09.123 PM",
            ),
            ("format_datetime(datetime(2007-03-09 05:04:03), 'ddd MMM')", "099 033"),
            ("format_datetime(datetime(2007-03-09 05:04:03.5), 's.f')", "3.5"),
        ],
        naming="{}",
        refuses=_only("yMdHhmsfFt"),
    ),
    Function(
        "format_timespan",
        params="span: timespan, format!: string",
        returns="string",
        doc="The timespan in a form put together from d, hh, mm, ss, fff and the like, after a minus if negative.",
        sql=_format_timespan,
        examples=[
            ("format_timespan(2d + 3h + 4m + 5s, 'd.hh:mm:ss')", "2.03:04:05"),
            ("format_timespan(-(1d + 2h), 'd.hh:mm')", "-1.02:00"),
            ("format_timespan(90061123ms, 'dd:hh:mm:ss.fff')", "01:01:01:01.123"),
            ("format_timespan(25h + 61m, 'h:m')", "2:1"),
        ],
        naming="{}",
        refuses=_only("dHhmsfF"),
    ),
    Function(
        "make_datetime",
        params="year: long, month: long, day: long, hour: long = 0, minute: long = 0, second: real = 0.0",
        returns="datetime",
        doc="A datetime from its parts; null where there is no such day or hour.",
        sql="kql_make_datetime({year}, {month}, {day}, {hour}, {minute}, {second})",
        examples=[
            ("make_datetime(2017, 10, 1)", "2017-10-01T00:00:00.0000000Z"),
            ("make_datetime(2020, 2, 29, 23, 59, 59.5)", "2020-02-29T23:59:59.5000000Z"),
            ("make_datetime(2021, 2, 29)", None),
        ],
    ),
    *(
        Function(
            name,
            params="value: any",
            returns=target.value,
            doc=f"The value as a {target.value}, like `to{target.value}`.",
            sql=_converted_to(target),
            examples=examples,
            naming="{}",
        )
        for name, target, examples in (
            (
                "make_datetime",
                ScalarType.datetime,
                [("make_datetime('2017-10-01 12:11')", "2017-10-01T12:11:00.0000000Z")],
            ),
            ("make_timespan", ScalarType.timespan, [("make_timespan('1.02:03')", "1.02:03:00")]),
        )
    ),
    *(
        Function(
            "make_timespan",
            params=params,
            returns="timespan",
            doc="A timespan from its parts; null where one is out of its range.",
            sql=_make_timespan,
            examples=examples,
        )
        for params, examples in (
            ("hours: long, minutes: long", [("make_timespan(2, 30)", "02:30:00"), ("make_timespan(25, 70)", None)]),
            ("hours: long, minutes: long, seconds: real", [("make_timespan(1, 2, 3)", "01:02:03")]),
            (
                "days: long, hours: long, minutes: long, seconds: real",
                [("make_timespan(1, 12, 30, 55.5)", "1.12:30:55.5000000")],
            ),
        )
    ),
    *_unix("seconds", 1, [("unixtime_seconds_todatetime(1546300800)", "2019-01-01T00:00:00.0000000Z")]),
    *_unix(
        "milliseconds", 1_000, [("unixtime_milliseconds_todatetime(1546300800000)", "2019-01-01T00:00:00.0000000Z")]
    ),
    *_unix(
        "microseconds",
        1_000_000,
        [("unixtime_microseconds_todatetime(1546300800000000)", "2019-01-01T00:00:00.0000000Z")],
    ),
    *_unix(
        "nanoseconds",
        1_000_000_000,
        [("unixtime_nanoseconds_todatetime(1546300800000000000)", "2019-01-01T00:00:00.0000000Z")],
    ),
    Function(
        "datetime_utc_to_local",
        params="date: datetime, zone: string",
        returns="datetime",
        doc="The local time of a zone at an instant.",
        sql=_in_zone("kql_utc_to_local"),
        examples=[
            ("datetime_utc_to_local(datetime(2022-03-27 00:00), 'Europe/Brussels')", "2022-03-27T01:00:00.0000000Z")
        ],
    ),
    Function(
        "datetime_local_to_utc",
        params="date: datetime, zone: string",
        returns="datetime",
        doc="The instant at which a zone's clocks show a time.",
        sql=_in_zone("kql_local_to_utc"),
        examples=[
            ("datetime_local_to_utc(datetime(2020-02-02 20:02:20), 'US/Pacific')", "2020-02-03T04:02:20.0000000Z"),
            (
                "datetime_local_to_utc(datetime(2022-03-27 02:30), 'Europe/Brussels')",
                "2022-03-27T00:30:00.0000000Z",
            ),
        ],
    ),
    Function(
        "datetime_list_timezones",
        params="",
        returns="dynamic",
        doc="The names of all time zones, in order.",
        sql="CAST((SELECT list(name ORDER BY name) FROM pg_timezone_names()) AS VARIANT)",
        examples=[("set_has_element(datetime_list_timezones(), 'Europe/Brussels')", True)],
    ),
)
"""Bins, starts and ends, parts, sums, formats and Unix time."""
