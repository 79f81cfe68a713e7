"""ClickHouse's templates of the aggregate functions (https://clickhouse.com/docs/sql-reference/aggregate-functions)."""

from collections.abc import Callable, Mapping

from vedette.kql.functions.entry import SqlCall, SqlTemplate
from vedette.kql.types import ScalarType
from vedette.sql.dialects.clickhouse_series import SERIES_AGGREGATES
from vedette.sql.dialects.clickhouse_types import CONVERSIONS, NAME
from vedette.sql.dialects.gap import DialectGap

_MOST_ELEMENTS = 1048576
_SMALL_SET = 1000  # rows up to which a set keeps the order of first appearance


def _where(call: SqlCall, position: int | None) -> str:
    return "" if position is None else f" FILTER (WHERE {call.arguments[position]})"


def _sum(predicate: int | None) -> Callable[[SqlCall], str]:
    """Of nothing it is 0; a sum of longs wraps around by itself."""

    def template(call: SqlCall) -> str:
        total = f"sum({call.arguments[0]}){_where(call, predicate)}"
        match call.types[0]:
            case ScalarType.real:
                return f"ifNull({total}, 0.)"
            case ScalarType.decimal:
                return f"CAST(ifNull({total}, 0) AS Decimal(38, 17))"
            case _:
                return f"toInt64(ifNull({total}, 0))"

    return template


def _average(predicate: int | None) -> Callable[[SqlCall], str]:
    def template(call: SqlCall) -> str:
        value, where = call.arguments[0], _where(call, predicate)
        match call.types[0]:
            case ScalarType.real:
                return f"ifNull(avg({value}){where}, nan)"
            case ScalarType.timespan:
                return f"kql_real_to_long(round(avg(toFloat64({value})){where}))"
            case ScalarType.datetime:
                micros = f"kql_real_to_long(round(avg(toFloat64(toUnixTimestamp64Micro({value}))){where}))"
                return f"fromUnixTimestamp64Micro({micros}, 'UTC')"
            case ScalarType.decimal:
                total = f"CAST(sum({value}){where} AS Nullable(Decimal(38, 17)))"
                return f"if(count({value}){where} = 0, NULL, {total} / count({value}){where})"
            case _:
                return f"ifNull(toFloat64(sum({value}){where}), 0.) / count({value}){where}"

    return template


def _extreme(function: str, predicate: int | None) -> Callable[[SqlCall], str]:
    def template(call: SqlCall) -> str:
        value, where = call.arguments[0], _where(call, predicate)
        match call.types[0]:
            case ScalarType.string:
                return f"{function}({value}){where}"
            case ScalarType.guid:
                return f"toUUIDOrNull(ifNull({function}OrNull(toString({value})){where}, ''))"
            case ScalarType.dynamic:
                raise DialectGap(NAME, function, "dynamics have no order there")
            case _:
                return f"{function}OrNull({value}){where}"

    return template


def _any(predicate: int | None) -> Callable[[SqlCall], str]:
    def template(call: SqlCall) -> str:
        function = "any" if call.types[0] is ScalarType.string else "anyOrNull"
        return f"{function}({call.arguments[0]}){_where(call, predicate)}"

    return template


def _distinct_count(predicate: int | None) -> Callable[[SqlCall], str]:
    """Exact, and nulls do not count."""

    def template(call: SqlCall) -> str:
        value = call.arguments[0]
        if call.types[0] is ScalarType.dynamic:
            value = f"if(isNull({value}), NULL, kql_key({value}))"
        return f"toInt64(uniqExact({value}){_where(call, predicate)})"

    return template


def _spread(function: str, predicate: int | None) -> Callable[[SqlCall], str]:
    """Of fewer values than it takes it is 0; a variance has ten digits after the point."""

    def template(call: SqlCall) -> str:
        where = _where(call, predicate)
        least = 2 if "Samp" in function else 1
        value = f"if(count({call.arguments[0]}){where} < {least}, 0., {function}({call.arguments[0]}){where})"
        rounded = f"round({value}, 10)" if function.startswith("var") else value
        return f"ifNull({rounded}, 0.)"

    return template


def _percentile(call: SqlCall) -> str:
    """By nearest rank, which of the engine's quantiles only the weighted one gives."""
    if call.types[0] in (ScalarType.string, ScalarType.dynamic, ScalarType.guid, ScalarType.decimal, ScalarType.bool):
        raise DialectGap(NAME, "percentile", "it takes numbers and times there")
    fraction = min(max(float(call.constants[1]), 0.0), 100.0) / 100.0
    value = f"toInt64({call.arguments[0]})" if call.types[0] is ScalarType.int else call.arguments[0]
    return f"if(count({value}) = 0, NULL, quantileExactWeighted({fraction!r})({value}, 1))"


# --- gathering -----------------------------------------------------------------------------------------------------


def _element(call: SqlCall) -> str:
    type, value = call.types[0], call.arguments[0]
    return value if type is ScalarType.dynamic else CONVERSIONS[(type, ScalarType.dynamic)].replace("{x}", value)


def _size(call: SqlCall, position: int | None) -> int:
    if position is None:
        return _MOST_ELEMENTS
    size = call.constants[position]
    if not isinstance(size, int):
        raise DialectGap(NAME, "make_list", "its size has to be a constant there")
    return min(max(size, 0), _MOST_ELEMENTS)


def _list(size: int | None, predicate: int | None, *, skips_nulls: bool = True) -> Callable[[SqlCall], str]:
    def template(call: SqlCall) -> str:
        most = _size(call, size)
        if most == 0:
            return "any('[]')"
        if call.types[0] is ScalarType.dynamic and skips_nulls:
            return f"kql_array_of(arraySlice({_flattened(call, predicate, '{x}')}, 1, {most}))"
        element = _element(call) if skips_nulls else f"ifNull({_element(call)}, 'null')"
        return f"kql_array_of(groupArray({most})({element}){_where(call, predicate)})"

    return template


def _flattened(call: SqlCall, predicate: int | None, form: str) -> str:
    """The elements of arrays one by one, and values that are no arrays in the given form of `{x}`."""
    value, where = call.arguments[0], _where(call, predicate)
    test = f"isNotNull({value})"
    where = f"{where[:-1]} AND {test})" if where else f" FILTER (WHERE {test})"
    one = form.replace("{x}", f"assumeNotNull({value})")
    return f"arrayFlatten(groupArray(if(startsWith({value}, '['), kql_array({value}), [{one}])){where})"


def _set(size: int | None, predicate: int | None) -> Callable[[SqlCall], str]:
    """A small set keeps the order of first appearance, as Kusto's does; of arrays the elements are taken one by one."""

    def template(call: SqlCall) -> str:
        most, element, where = _size(call, size), _element(call), _where(call, predicate)
        if most == 0:
            return "any('[]')"
        if call.types[0] is ScalarType.dynamic:
            keys = "arrayMap(gathered_element -> kql_key(gathered_element), "
            elements = _flattened(call, predicate, "kql_key({x})")
            return f"kql_array_of(arraySlice(arrayDistinct({keys}{elements})), 1, {most}))"
        ordered = f"arrayDistinct(groupArray({_SMALL_SET})({element}){where})"
        hashed = f"groupUniqArray({most})({element}){where}"
        chosen = f"if(count({element}){where} <= {_SMALL_SET}, arraySlice({ordered}, 1, {most}), {hashed})"
        return f"kql_array_of({chosen})"

    return template


def _bag(predicate: int | None) -> Callable[[SqlCall], str]:
    """Where a name repeats the first counts."""

    def template(call: SqlCall) -> str:
        properties = (
            f"groupArray(JSONExtractKeysAndValuesRaw(ifNull({call.arguments[0]}, ''))){_where(call, predicate)}"
        )
        return f"kql_bag_of(arrayFlatten({properties}))"

    return template


def _by_arguments(shorter: Callable[[SqlCall], str], longer: Callable[[SqlCall], str], least: int) -> SqlTemplate:
    """One template for a call with `least` arguments, the other for more."""

    def template(call: SqlCall) -> str:
        return shorter(call) if len(call.arguments) == least else longer(call)

    return template


_SPREADS = {
    "stdev": "stddevSampStable",
    "stdevp": "stddevPopStable",
    "variance": "varSampStable",
    "variancep": "varPopStable",
}

AGGREGATES: Mapping[str, SqlTemplate] = {
    "count": "toInt64(count())",
    "cnt": "toInt64(count())",
    "countif": "toInt64(countIf({predicate}))",
    "sum": _sum(None),
    "sumif": _sum(1),
    "avg": _average(None),
    "avgif": _average(1),
    "min": _extreme("min", None),
    "max": _extreme("max", None),
    "minif": _extreme("min", 1),
    "maxif": _extreme("max", 1),
    "take_any": _any(None),
    "any": _any(None),
    "take_anyif": _any(1),
    "anyif": _any(1),
    "dcount": _distinct_count(None),
    "dcountif": _distinct_count(1),
    "count_distinct": _distinct_count(None),
    "count_distinctif": _distinct_count(1),
    **{name: _spread(function, None) for name, function in _SPREADS.items()},
    **{f"{name}if": _spread(function, 1) for name, function in _SPREADS.items()},
    "percentile": _percentile,
    "make_list": _by_arguments(_list(None, None), _list(1, None), 1),
    "make_list_if": _by_arguments(_list(None, 1), _list(2, 1), 2),
    "make_list_with_nulls": _list(None, None, skips_nulls=False),
    "make_set": _by_arguments(_set(None, None), _set(1, None), 1),
    "make_set_if": _by_arguments(_set(None, 1), _set(2, 1), 2),
    **SERIES_AGGREGATES,
    "covariance": "covarSampStable({x}, {y})",
    "covariancep": "covarPopStable({x}, {y})",
    "binary_all_and": "groupBitAnd({value})",
    "binary_all_or": "groupBitOr({value})",
    "binary_all_xor": "groupBitXor({value})",
    "covarianceif": "covarSampStable({x}, {y}) FILTER (WHERE {predicate})",
    "covariancepif": "covarPopStable({x}, {y}) FILTER (WHERE {predicate})",
    "make_bag": _bag(None),
    "make_dictionary": _bag(None),
    "make_bag_if": _bag(1),
}
"""By the entry's name."""
