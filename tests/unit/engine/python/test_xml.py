"""Functions in Python, by way of the engine."""

from vedette.engine.duckdb import DuckDBEngine
from vedette.engine.python.xml import to_json


def test_a_function_is_there_for_the_query_that_needs_it_and_for_those_after() -> None:
    engine = DuckDBEngine(None)
    sql = "SELECT py_xml_to_json(x) FROM (VALUES ('<a>1</a>'), ('no'), (NULL)) AS t(x)"
    for _ in range(2):
        answered = [value for batch in engine.run(sql).batches for value in batch.column(0).to_pylist()]
        assert answered == ['{"a":"1"}', None, None]
    engine.close()


def test_an_xml_document_cannot_unfold() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>'
    assert to_json(bomb) is None
    assert to_json("<x>&lt;&amp;</x>") == '{"x":"<&"}'
