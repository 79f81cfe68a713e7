"""Starting the server without libraries that it has no use for."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def numpy_hidden() -> Iterator[None]:
    """Imports inside see no numpy.

    pyarrow loads it wherever it finds it, which costs 15 MB and a tenth of a second at every start. The server
    hands it no numpy values; DuckDB loads numpy by itself when a query calls a function written in Python.
    """
    if "numpy" in sys.modules:
        yield
        return
    sys.modules["numpy"] = None  # pyright: ignore[reportArgumentType]  # the documented way to make an import fail
    try:
        yield
    finally:
        del sys.modules["numpy"]
