"""Functions in Python for ClickHouse: what a worker reads and writes, and what a server is told."""

from io import BytesIO
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from vedette.engine.clickhouse_functions import CONFIGURATION, LAUNCHER, install
from vedette.engine.clickhouse_worker import serve
from vedette.engine.python.function import PythonFunction


def answered(function: PythonFunction, rows: bytes) -> bytes:
    target = BytesIO()
    serve(function, BytesIO(rows), target)
    return target.getvalue()


def test_texts_keep_their_tabs_lines_and_backslashes() -> None:
    function = PythonFunction(lambda text: text, ("VARCHAR",), "VARCHAR")
    row = rb"a\tb\nc\\d\'e" + "\u00e9".encode() + b"\n"
    assert answered(function, b"1\n" + row) == rb"a\tb\nc\\d" + b"'e" + "\u00e9".encode() + b"\n"


def test_null_is_none_both_ways_and_blocks_follow_each_other() -> None:
    function = PythonFunction(lambda a, b: None if a is None else a + b, ("BIGINT", "DOUBLE"), "DOUBLE")
    assert answered(function, b"2\n1\t0.5\n\\N\t2\n1\n3\tinf\n") == b"1.5\n\\N\ninf\n"


def test_lists_are_json_and_bools_are_words() -> None:
    listing = PythonFunction(lambda text: [text, "x"], ("VARCHAR",), "VARCHAR[]")
    assert answered(listing, b"1\na\n") == b'["a","x"]\n'
    opposite = PythonFunction(lambda value: not value, ("BOOLEAN",), "BOOLEAN")
    assert answered(opposite, b"2\ntrue\nfalse\n") == b"false\ntrue\n"


def test_a_vectorized_function_gets_the_block_as_arrays() -> None:
    function = PythonFunction(lambda a: pc.add(a, pa.scalar(1)), ("BIGINT",), "BIGINT", vectorized=True)
    assert answered(function, b"3\n1\n\\N\n3\n0\n") == b"2\n\\N\n4\n"


def test_every_function_whose_types_the_engine_has_is_told(tmp_path: Path) -> None:
    install(tmp_path)
    text = (tmp_path / CONFIGURATION).read_text()
    assert all(
        f"<name>{name}</name>" in text for name in ("py_ipv6_compare", "py_h3cell_children", "py_geoline_length")
    )


def test_a_server_is_told_names_types_and_the_command(tmp_path: Path) -> None:
    install(tmp_path, ["xml"])
    text = (tmp_path / CONFIGURATION).read_text()
    assert "<name>py_xml_to_json</name>" in text
    assert f"<command>{LAUNCHER} py_xml_to_json</command>" in text
    assert text.count("Nullable(String)") == 2
    assert (tmp_path / LAUNCHER).stat().st_mode & 0o111
