"""Functions whose calls the compiler reads with the columns of the row in mind."""

from vedette.kql.functions.conversions import as_dynamic
from vedette.kql.functions.entry import Function, SqlCall, quote
from vedette.kql.types import ScalarType

_BYTES = {
    ScalarType.bool: "1",
    ScalarType.int: "4",
    ScalarType.long: "8",
    ScalarType.real: "8",
    ScalarType.decimal: "16",
    ScalarType.datetime: "8",
    ScalarType.timespan: "8",
    ScalarType.guid: "16",
    ScalarType.string: "strlen({x})",
    ScalarType.dynamic: "coalesce(strlen(CAST(CAST({x} AS JSON) AS VARCHAR)), 0)",
}


def _size(call: SqlCall) -> str:
    sizes = (_BYTES[type].replace("{x}", argument) for argument, type in zip(call.arguments, call.types, strict=True))
    return f"CAST({' + '.join(sizes)} AS BIGINT)"


def _pack_filled(call: SqlCall) -> str:
    """Names are constants here, for they are columns'."""
    entries = ", ".join(
        f"{{'k': {quote(str(call.constants[at]))}, 'v': kql_json({as_dynamic(call, at + 1)})}}"
        for at in range(0, len(call.arguments), 2)
    )
    filled = "lambda entry: CAST(entry.v AS VARCHAR) NOT IN ('null', '\"\"')"
    return f"kql_bag_of(map_from_entries(list_filter([{entries}], {filled})))"


PACK_FILLED = Function(
    "pack_all",
    params="*pairs: any",
    returns="dynamic",
    doc="A bag of the values that are neither null nor ''.",
    sql=_pack_filled,
    examples=[],
)
"""What `pack_all(true)` means; its pairs are the columns' names and values."""

FUNCTIONS: tuple[Function, ...] = (
    Function(
        "estimate_data_size",
        params="first: any, *others: any",
        returns="long",
        doc="About how many bytes the values take: the length of texts, and the size of their type for others.",
        sql=_size,
        examples=[
            ("estimate_data_size('1234567890', 1)", 18),
            ("estimate_data_size(toint(1), true, now(), 1h, 1.5)", 29),
        ],
    ),
    Function(
        "assert",
        params="condition: bool, message!: string",
        returns="bool",
        doc="True; a query whose condition is not true ends with the message as its error.",
        sql="CASE WHEN {condition} THEN TRUE "
        "ELSE error('assert() has failed with message: ''' || {message} || '''') END",
        examples=[("assert(1 < 2, 'arithmetic is broken')", True)],
    ),
)
"""Sizes and assertions."""
