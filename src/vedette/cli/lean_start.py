"""Starting the server without libraries that it has no use for."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_UNNEEDED: Final = ("numpy", "pandas", "rich", "attr", "watchfiles")
"""What libraries load wherever they find it. pyarrow takes numpy, which costs 15 MB and a tenth of a second at every
start, and pandas, which costs 40 MB: the server hands it values of neither, and DuckDB loads numpy by itself when a
query calls a function written in Python. structlog takes rich for tracebacks with the values of variables, which the
server does not write; it shows objects of attr. uvicorn watches the sources with watchfiles."""


@contextmanager
def unneeded_hidden() -> Iterator[None]:
    """Imports inside do not see the libraries that a server has no use for, unless they are loaded already.

    Arrow is told to take its memory from the C library, unless the environment says otherwise: a pool of its own keeps
    4 MB for nothing, and gives none of it back.
    """
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    hidden = [name for name in _UNNEEDED if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # pyright: ignore[reportArgumentType]  # the documented way to make an import fail
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
