"""The form of a Python function that SQL can call."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


class RowsRefused(ValueError):
    """What a function is given cannot be worked on, which the caller is told in these words."""


@dataclass(frozen=True, slots=True)
class PythonFunction:
    """A function with the engine's type names of its parameters and result, such as `VARCHAR`, `BIGINT`, `DOUBLE[]`.

    It is called row by row and takes and gives null as None. One that is `vectorized` is called with a pyarrow array
    for each parameter and gives one of the same length: for many short calls. A dynamic goes in and out as JSON text.
    """

    call: Callable[..., Any]
    parameters: tuple[str, ...]
    result: str
    vectorized: bool = False
