"""ClickHouse's templates of the functions on datetimes and timespans. All but the names of months is counted in
microseconds since the year 1, for its own date functions end in 2299."""

import re
from collections.abc import Callable, Mapping

from vedette.kql.functions.entry import SqlCall, SqlTemplate
from vedette.kql.types import ScalarType
from vedette.sql.dialects.clickhouse_types import NAME, converted, quote
from vedette.sql.dialects.gap import DialectGap

_DAY = 86_400_000_000
_NOTHING = "CAST(NULL AS Nullable(Int64))"


def _bin(call: SqlCall) -> str:
    value, step = call.arguments
    match call.types[0]:
        case ScalarType.datetime:
            known = call.constants[1]
            if isinstance(known, int) and known >= 10 and _DAY * 10 % known == 0 and known % 10 == 0:
                return f"toStartOfInterval({value}, toIntervalMicrosecond({known // 10}))"
            if isinstance(known, int) and known >= 10:
                passed = f"kql_micros({value}) % {known // 10}"
                return f"fromUnixTimestamp64Micro(toUnixTimestamp64Micro({value}) - {passed}, 'UTC')"
            return f"kql_bin_datetime({value}, {step})"
        case ScalarType.real:
            return f"kql_bin_real({value}, {step})"
        case ScalarType.decimal:
            raise DialectGap(NAME, "bin", "decimals have no bins there")
        case _:
            return f"kql_bin_long({value}, {step})"


def _bin_at(call: SqlCall) -> str:
    value, step, origin = call.arguments
    match call.types[0]:
        case ScalarType.datetime:
            distance = f"(toUnixTimestamp64Micro({value}) - toUnixTimestamp64Micro({origin}))"
            start = f"toUnixTimestamp64Micro({origin}) + kql_bin_long({distance}, intDiv({step}, 10))"
            return f"fromUnixTimestamp64Micro({start}, 'UTC')"
        case ScalarType.real:
            return f"kql_bin_real({value} - {origin}, {step}) + {origin}"
        case _:
            return f"kql_bin_long({value} - {origin}, {step}) + {origin}"


_STARTS: Mapping[str, str] = {
    "day": "kql_day_before({x}, 0)",
    "week": "kql_startofweek({x})",
    "month": "kql_day_before({x}, toInt64(toDayOfMonth({x})) - 1)",
    "year": "kql_day_before({x}, toInt64(toDayOfYear({x})) - 1)",
}
_MOVES: Mapping[str, tuple[str, int]] = {
    "day": ("kql_add_days", 1),
    "week": ("kql_add_days", 7),
    "month": ("kql_add_months", 1),
    "year": ("kql_add_months", 12),
}


def _edge(part: str, extra: int) -> Callable[[SqlCall], str]:
    def template(call: SqlCall) -> str:
        start = _STARTS[part].replace("{x}", call.arguments[0])
        move, times = _MOVES[part]
        offset, end = call.constants[1], " - toIntervalMicrosecond(1)" if extra else ""
        if offset == 0 and not extra:
            return start
        if isinstance(offset, int):
            return f"{move}({start}, {(offset + extra) * times}){end}"
        return f"{move}({start}, ({call.arguments[1]} + {extra}) * {times}){end}"

    return template


_PARTS: Mapping[str, str] = {
    "year": "toInt64(toYear({x}))",
    "quarter": "toInt64(toQuarter({x}))",
    "month": "toInt64(toMonth({x}))",
    "week_of_year": "toInt64(toISOWeek({x}))",
    "weekofyear": "toInt64(toISOWeek({x}))",
    "day": "toInt64(toDayOfMonth({x}))",
    "dayofyear": "toInt64(toDayOfYear({x}))",
    "hour": "toInt64(toHour({x}))",
    "minute": "toInt64(toMinute({x}))",
    "second": "toInt64(toSecond({x}))",
    "millisecond": "intDiv(kql_micros({x}) % 1000000, 1000)",
    "microsecond": "(kql_micros({x}) % 1000000)",
    "nanosecond": "(kql_micros({x}) % 1000000 * 1000)",
}


def _part(call: SqlCall) -> str:
    sql = _PARTS.get(str(call.constants[0]).lower())
    return sql.replace("{x}", call.arguments[1]) if sql else _NOTHING


def _only(part: str) -> str:
    return _PARTS[part].replace("{x}", "{date}")


_STEPS: Mapping[str, int] = {
    "week": 7 * _DAY,
    "day": _DAY,
    "hour": 3_600_000_000,
    "minute": 60_000_000,
    "second": 1_000_000,
    "millisecond": 1_000,
    "microsecond": 1,
}


def _diff(call: SqlCall) -> str:
    """How many boundaries lie between: each side is counted in whole periods since the year 1, which began on a
    Monday."""
    part = str(call.constants[0]).lower()
    sides: list[str] = []
    for date in call.arguments[1:]:
        match part:
            case "year":
                sides.append(f"toInt64(toYear({date}))")
            case "quarter":
                sides.append(f"(toInt64(toYear({date})) * 4 + toInt64(toQuarter({date})))")
            case "month":
                sides.append(f"(toInt64(toYear({date})) * 12 + toInt64(toMonth({date})))")
            case "week":
                sides.append(f"intDiv(kql_micros({date}) + {_DAY}, {7 * _DAY})")
            case "nanosecond":
                sides.append(f"(kql_micros({date}) * 1000)")
            case _ if part in _STEPS:
                sides.append(f"intDiv(kql_micros({date}), {_STEPS[part]})")
            case _:
                return _NOTHING
    return f"{sides[0]} - {sides[1]}"


def _add(call: SqlCall) -> str:
    """Null outside the calendar; a day is cut to its month's last."""
    part, amount, date = str(call.constants[0]).lower(), call.arguments[1], call.arguments[2]
    months = {"year": 12, "quarter": 3, "month": 1}.get(part)
    if months is not None:
        return f"kql_add_months({date}, {amount} * {months})"
    if part == "nanosecond":
        return f"kql_add_micros({date}, intDiv({amount}, 1000), 1)"
    if part not in _STEPS:
        return "CAST(NULL AS Nullable(DateTime64(6, 'UTC')))"
    return f"kql_add_micros({date}, {amount}, {_STEPS[part]})"


_SPECIFIER = re.compile(r"yyyy|yy|MM|M|dd|d|HH|H|hh|h|mm|m|ss|s|tt|f{1,7}|F{1,7}|.", re.DOTALL)
_HALF_DAY = "toString((toHour({x}) + 11) % 12 + 1)"
_PIECES: Mapping[str, str] = {
    "yyyy": "leftPad(toString(toYear({x})), 4, '0')",
    "yy": "leftPad(toString(toYear({x}) % 100), 2, '0')",
    "MM": "leftPad(toString(toMonth({x})), 2, '0')",
    "M": "toString(toMonth({x}))",
    "dd": "leftPad(toString(toDayOfMonth({x})), 2, '0')",
    "d": "toString(toDayOfMonth({x}))",
    "HH": "leftPad(toString(toHour({x})), 2, '0')",
    "H": "toString(toHour({x}))",
    "hh": f"leftPad({_HALF_DAY}, 2, '0')",
    "h": _HALF_DAY,
    "mm": "leftPad(toString(toMinute({x})), 2, '0')",
    "m": "toString(toMinute({x}))",
    "ss": "leftPad(toString(toSecond({x})), 2, '0')",
    "s": "toString(toSecond({x}))",
    "tt": "if(toHour({x}) < 12, 'AM', 'PM')",
}


def _format_datetime(call: SqlCall) -> str:
    date = call.arguments[0]
    pieces: list[str] = ["''"]
    for specifier in _SPECIFIER.findall(str(call.constants[1])):
        if specifier in _PIECES:
            pieces.append(_PIECES[specifier].replace("{x}", date))
        elif specifier[0] in "fF":
            digits = f"substring(leftPad(toString(kql_micros({date}) % 1000000 * 10), 7, '0'), 1, {len(specifier)})"
            pieces.append(digits if specifier[0] == "f" else f"trimRight({digits}, '0')")
        else:
            pieces.append(quote(specifier))
    return f"ifNull(concat({', '.join(pieces)}), '')"


def _unix(per_second: int) -> Callable[[SqlCall], str]:
    low, high = -62_135_596_800 * per_second, 253_402_300_800 * per_second - 1

    def template(call: SqlCall) -> str:
        value = call.arguments[0]
        if call.types[0] is ScalarType.real:
            micros = f"toInt64(floor({value} * {1_000_000 / per_second!r}))"
        elif per_second > 1_000_000:
            return f"fromUnixTimestamp64Micro(intDiv({value}, {per_second // 1_000_000}), 'UTC')"
        else:
            micros = f"{value} * {1_000_000 // per_second}"
        return f"if({value} BETWEEN {low} AND {high}, fromUnixTimestamp64Micro({micros}, 'UTC'), NULL)"

    return template


def _make_datetime(call: SqlCall) -> str:
    """By way of ISO 8601's text; where a day is not in its month the engine would go on counting."""
    if len(call.arguments) == 1:
        return converted(call, 0, ScalarType.datetime)
    year, month, day, hour, minute, second = call.arguments
    tests = [
        f"{year} BETWEEN 1 AND 9999",
        f"{month} BETWEEN 1 AND 12",
        f"{day} BETWEEN 1 AND 31",
        f"{hour} BETWEEN 0 AND 23",
        f"{minute} BETWEEN 0 AND 59",
        f"{second} >= 0 AND {second} < 60",
    ]
    date = f"concat({', '.join((_padded(year, 4), quote('-'), _padded(month, 2), quote('-'), _padded(day, 2)))})"
    start = f"parseDateTime64BestEffortOrNull({date}, 6, 'UTC')"
    rest = f"({hour} * 3600 + {minute} * 60) * 1000000 + toInt64(trunc({second} * 1000000))"
    moved = f"fromUnixTimestamp64Micro(toUnixTimestamp64Micro({start}) + {rest}, 'UTC')"
    return f"if({' AND '.join(tests)} AND toDayOfMonth({start}) = {day}, {moved}, NULL)"


def _padded(number: str, width: int) -> str:
    return f"leftPad(toString({number}), {width}, '0')"


_SPAN_SPECIFIER = re.compile(r"d{1,8}|HH|H|hh|h|mm|m|ss|s|f{1,7}|F{1,7}|.", re.DOTALL)
_SPAN_UNITS: Mapping[str, str] = {
    "d": "intDiv(abs({x}), 864000000000)",
    "h": "intDiv(abs({x}), 36000000000) % 24",
    "H": "intDiv(abs({x}), 36000000000) % 24",
    "m": "intDiv(abs({x}), 600000000) % 60",
    "s": "intDiv(abs({x}), 10000000) % 60",
}


def _format_timespan(call: SqlCall) -> str:
    span = call.arguments[0]
    pieces = [f"if({span} < 0, '-', '')"]
    for specifier in _SPAN_SPECIFIER.findall(str(call.constants[1])):
        letter, width = specifier[0], len(specifier)
        if letter in _SPAN_UNITS:
            number = f"toString({_SPAN_UNITS[letter].replace('{x}', span)})"
            pieces.append(f"if(length({number}) < {width}, leftPad({number}, {width}, '0'), {number})")
        elif letter in "fF":
            digits = f"substring(leftPad(toString(abs({span}) % 10000000), 7, '0'), 1, {width})"
            pieces.append(digits if letter == "f" else f"trimRight({digits}, '0')")
        else:
            pieces.append(quote(specifier))
    return f"ifNull(concat({', '.join(pieces)}), '')"


def _make_timespan(call: SqlCall) -> str:
    if len(call.arguments) == 1:
        return converted(call, 0, ScalarType.timespan)
    days, hours, minutes, seconds = {2: ("0", *call.arguments, "0"), 3: ("0", *call.arguments)}.get(
        len(call.arguments), call.arguments
    )
    inside = f"{days} >= 0 AND {hours} BETWEEN 0 AND 23 AND {minutes} BETWEEN 0 AND 59"
    whole = f"{days} * 864000000000 + {hours} * 36000000000 + {minutes} * 600000000"
    return (
        f"if({inside} AND {seconds} >= 0 AND {seconds} < 60, "
        f"toInt64({whole}) + kql_real_to_long(kql_round({seconds} * 10000000.)), NULL)"
    )


def _around(call: SqlCall) -> str:
    value, center, delta = call.arguments
    if call.types[0] is ScalarType.datetime:
        delta = f"toIntervalMicrosecond(intDiv({delta}, 10))"
    return f"({value} BETWEEN {center} - {delta} AND {center} + {delta})"


TIMES: Mapping[str, SqlTemplate] = {
    "bin": _bin,
    "floor": _bin,
    "bin_at": _bin_at,
    **{f"startof{part}": _edge(part, 0) for part in _STARTS},
    **{f"endof{part}": _edge(part, 1) for part in _STARTS},
    "getyear": _only("year"),
    "monthofyear": _only("month"),
    "dayofmonth": _only("day"),
    "dayofyear": _only("dayofyear"),
    "hourofday": _only("hour"),
    "week_of_year": _only("week_of_year"),
    "dayofweek": "toInt64(toDayOfWeek({date}) % 7) * 864000000000",
    "datetime_part": _part,
    "datetime_add": _add,
    "datetime_diff": _diff,
    "format_datetime": _format_datetime,
    "format_timespan": _format_timespan,
    "make_timespan": _make_timespan,
    "around": _around,
    "make_datetime": _make_datetime,
    "unixtime_seconds_todatetime": _unix(1),
    "unixtime_milliseconds_todatetime": _unix(1_000),
    "unixtime_microseconds_todatetime": _unix(1_000_000),
    "unixtime_nanoseconds_todatetime": _unix(1_000_000_000),
}
"""By the entry's name."""
