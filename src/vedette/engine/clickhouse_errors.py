"""ClickHouse's errors as errors that a caller can be told; no SQL of ours is in their messages."""

from clickhouse_connect.driver.exceptions import ClickHouseError

from vedette.core.errors import InvalidInput, TimedOut, TooLarge, Unavailable, VedetteError

_TIMEOUTS = frozenset({"TIMEOUT_EXCEEDED", "TOO_SLOW", "QUERY_TIMEOUT"})
_CANCELLED = frozenset({"QUERY_WAS_CANCELLED", "QUERY_WAS_CANCELLED_BY_CLIENT"})
_MEMORY = frozenset({"MEMORY_LIMIT_EXCEEDED", "CANNOT_ALLOCATE_MEMORY", "SET_SIZE_LIMIT_EXCEEDED"})
_VALUES = frozenset({"CANNOT_COMPILE_REGEXP", "BAD_ARGUMENTS", "ARGUMENT_OUT_OF_BOUND", "CANNOT_PARSE_TEXT"})
_RANGES = frozenset({"DECIMAL_OVERFLOW", "VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE", "ILLEGAL_DIVISION"})


def query_error(error: ClickHouseError) -> VedetteError:
    """Why a query failed. What is nobody's fault but ours has the code InternalServerError."""
    name = _name(error)
    if name in _TIMEOUTS:
        return TimedOut("GatewayTimeout", "The query ran into its time limit and was stopped.")
    if name in _CANCELLED:
        return Unavailable("QueryCancelled", "The query was stopped before it was done.")
    if name in _MEMORY:
        return TooLarge(
            "QueryMemoryExceeded",
            "The query needs more memory than it may have. Filter earlier, or summarize over fewer keys.",
        )
    if name in _VALUES:
        return InvalidInput("InvalidQueryValue", "A value in the query cannot be used.")
    if name in _RANGES:
        return InvalidInput("QueryValueOutOfRange", "A value that the query computes is out of its type's range.")
    if name == "":
        return Unavailable("LogStorageFailure", "The log storage cannot be read.")
    return VedetteError("InternalServerError", "The query is valid, but the engine could not run it.")


def open_error(error: ClickHouseError) -> Unavailable:
    """Why there is no connection."""
    return Unavailable("LogStorageFailure", f"ClickHouse cannot be reached: {_name(error) or 'no answer'}.")


def _name(error: ClickHouseError) -> str:
    """ClickHouse's own name of the error, such as MEMORY_LIMIT_EXCEEDED; '' where the server said nothing."""
    return str(getattr(error, "name", None) or "")
