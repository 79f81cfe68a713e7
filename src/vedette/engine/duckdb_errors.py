"""DuckDB's errors as errors that a caller can be told; no SQL of ours is in their messages."""

import re
from pathlib import Path

import duckdb

from vedette.core.errors import InvalidInput, Overtaken, Passing, TimedOut, TooLarge, Unavailable, VedetteError
from vedette.engine.python.function import RowsRefused

_CORRUPT = "Corrupt database file"
_COULD_NOT_RUN = "The query is valid, but the engine could not run it."
_HOLDER = re.compile(r"PID (\d+)")
_PYTHON_ERROR = re.compile(r"Python exception occurred while executing the UDF: (\w+): ([^\n]*)")
_KINDS: dict[str, type[duckdb.Error]] = {
    "INTERRUPT Error": duckdb.InterruptException,
    "Out of Memory Error": duckdb.OutOfMemoryException,
    "Invalid Input Error": duckdb.InvalidInputException,
    "Conversion Error": duckdb.ConversionException,
    "Out of Range Error": duckdb.OutOfRangeException,
    "IO Error": duckdb.IOException,
}
"""How the engine's errors begin."""
_STORAGE_FAILURES = (duckdb.IOException, duckdb.FatalException, duckdb.InternalException)


def query_error(error: duckdb.Error | OSError, timed_out: bool) -> VedetteError:
    """Why a query failed. What is nobody's fault but ours has the code InternalServerError; so has a table or column
    that is not there, which may have been when the query was compiled (Overtaken).

    What fails after the first rows comes through Arrow's reader, as an OSError with the engine's words.
    """
    in_python = _PYTHON_ERROR.search(str(error))
    if in_python is not None:
        return _python_error(in_python[1], in_python[2])
    match _as_raised(error):
        case _ if _CORRUPT in str(error):
            return read_error(error)
        case duckdb.InterruptException() if timed_out:
            return TimedOut("GatewayTimeout", "The query ran into its time limit and was stopped.")
        case duckdb.InterruptException():
            return Unavailable("QueryCancelled", "The query was stopped before it was done.")
        case duckdb.OutOfMemoryException():
            return TooLarge(
                "QueryMemoryExceeded",
                "The query needs more memory than it may have. Filter earlier, or summarize over fewer keys.",
            )
        case duckdb.InvalidInputException():
            return InvalidInput("InvalidQueryValue", f"A value in the query cannot be used: {reason(error)}")
        case duckdb.ConversionException() | duckdb.OutOfRangeException():
            return InvalidInput("QueryValueOutOfRange", "A value that the query computes is out of its type's range.")
        case duckdb.IOException() | duckdb.FatalException():
            return read_error(error)
        case duckdb.CatalogException() | duckdb.BinderException():
            return Overtaken("InternalServerError", _COULD_NOT_RUN)
        case _:
            return VedetteError("InternalServerError", _COULD_NOT_RUN)


def _as_raised(error: duckdb.Error | OSError) -> Exception:
    if isinstance(error, duckdb.Error):
        return error
    kind = next((kind for words, kind in _KINDS.items() if str(error).startswith(words)), None)
    return error if kind is None else kind(str(error))


def _python_error(kind: str, words: str) -> VedetteError:
    """What a Python function raised: its own refusal, or a fault of ours."""
    if kind == RowsRefused.__name__:
        return InvalidInput("InvalidQueryValue", f"The query cannot be run: {words}")
    return VedetteError("InternalServerError", _COULD_NOT_RUN)


def open_error(error: duckdb.Error, path: Path) -> VedetteError:
    """Why a database file could not be opened."""
    holder = _HOLDER.search(str(error))
    if "lock" in str(error).lower():
        who = f"another process (PID {holder.group(1)})" if holder else "another process"
        return Unavailable("DataDirectoryInUse", f"The log data in '{path}' is in use by {who}.")
    return Unavailable("LogStorageFailure", f"The log data in '{path}' cannot be opened: {reason(error)}")


def read_error(error: duckdb.Error | OSError) -> Unavailable:
    """The answer to what the storage cannot give back: it failed, or a checksum shows that it has rotted."""
    if _CORRUPT in str(error):
        return Unavailable("LogStorageFailure", f"The log storage is damaged: {reason(error)}. Restore a backup.")
    return Unavailable("LogStorageFailure", "The log storage cannot be read.")


def storage_failed(error: duckdb.Error) -> bool:
    """Whether the storage itself failed (a full disk, an I/O error), rather than one statement."""
    return isinstance(error, _STORAGE_FAILURES) or "Failed to commit" in str(error) or _CORRUPT in str(error)


def storage_error(error: duckdb.Error) -> Unavailable:
    """The answer to a write that the storage could not take."""
    return Unavailable("LogStorageFailure", f"The log storage cannot be written: {reason(error)}")


def write_error(error: duckdb.Error) -> InvalidInput | Passing:
    """The answer to a batch that the engine refuses although its values fit their columns' types, or that it has no
    memory for while queries take all of it."""
    if isinstance(error, duckdb.OutOfMemoryException):
        return Passing("ServiceUnavailable", "There is not enough memory to store the rows now. Send them again.")
    return InvalidInput("InvalidDataFormat", f"The rows cannot be stored: {reason(error)}")


def reason(error: duckdb.Error | OSError) -> str:
    """The first line of the engine's own words, without the statement."""
    first_line = str(error).partition("\n")[0]
    words = first_line.partition("Error: ")[2] or first_line
    return words[:300]
