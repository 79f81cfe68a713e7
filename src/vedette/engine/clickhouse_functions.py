"""Functions in Python for ClickHouse: its executable user-defined functions
(https://clickhouse.com/docs/sql-reference/functions/udf), each a pool of processes that read rows and write values.

`python -m vedette.engine.clickhouse_functions FOLDER` writes what a server needs: name the folder in its
`user_scripts_path`, and the `udf_config.xml` in it in `user_defined_executable_functions_config`.
"""

import sys
from collections.abc import Iterable, Mapping
from importlib import import_module, resources
from pathlib import Path
from xml.sax.saxutils import escape

from vedette.engine.python.function import PythonFunction

LAUNCHER = "vedette-function"
CONFIGURATION = "udf_config.xml"
TYPES = {
    "VARCHAR": "Nullable(String)",
    "BIGINT": "Nullable(Int64)",
    "INTEGER": "Nullable(Int32)",
    "DOUBLE": "Nullable(Float64)",
    "BOOLEAN": "Nullable(Bool)",
}
LISTS = frozenset({"VARCHAR[]", "BIGINT[]", "DOUBLE[]"})
"""What a function may give besides, which is handed over as JSON text."""

_READ_TIMEOUT = 60_000  # milliseconds for a block of rows; the first one waits for the libraries to load
_PROCESSES = 2
_FUNCTION = """  <function>
    <type>executable_pool</type>
    <name>{name}</name>
    <return_type>{result}</return_type>
{arguments}    <format>TabSeparated</format>
    <command>{launcher} {name}</command>
    <send_chunk_header>1</send_chunk_header>
    <pool_size>{processes}</pool_size>
    <command_read_timeout>{timeout}</command_read_timeout>
  </function>
"""


def topics() -> list[str]:
    """The modules of `engine/python`."""
    files = resources.files("vedette.engine.python").iterdir()
    return sorted(file.name.removesuffix(".py") for file in files if file.name.endswith(".py"))


def functions_of(topic: str) -> dict[str, PythonFunction]:
    """The functions of one topic that ClickHouse can call."""
    found: object = getattr(import_module(f"vedette.engine.python.{topic}"), "FUNCTIONS", {})
    if not isinstance(found, Mapping):
        return {}
    return {str(name): each for name, each in found.items() if isinstance(each, PythonFunction) and _fits(each)}


def install(folder: Path, chosen: Iterable[str] | None = None) -> None:
    """Write the configuration and the launcher for the functions of some topics, or of all."""
    functions = {name: each for topic in chosen or topics() for name, each in functions_of(topic).items()}
    folder.mkdir(parents=True, exist_ok=True)
    text = "".join(_configuration(name, function) for name, function in sorted(functions.items()))
    (folder / CONFIGURATION).write_text(f"<functions>\n{text}</functions>\n", encoding="utf-8")
    launcher = folder / LAUNCHER
    launcher.write_text(
        f"#!{sys.executable}\nfrom vedette.engine.clickhouse_worker import main\n\nmain()\n", encoding="utf-8"
    )
    launcher.chmod(0o755)


def _fits(function: PythonFunction) -> bool:
    return all(type in TYPES for type in function.parameters) and (function.result in TYPES or function.result in LISTS)


def _configuration(name: str, function: PythonFunction) -> str:
    arguments = "".join(
        f"    <argument><type>{escape(TYPES[type])}</type></argument>\n" for type in function.parameters
    )
    return _FUNCTION.format(
        name=name,
        result=TYPES.get(function.result, TYPES["VARCHAR"]),
        arguments=arguments,
        launcher=LAUNCHER,
        processes=_PROCESSES,
        timeout=_READ_TIMEOUT,
    )


if __name__ == "__main__":
    install(Path(sys.argv[1]))
