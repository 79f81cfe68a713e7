import json
from pathlib import Path

from vedette.content.lint.catalog import read_schema
from vedette.content.lint.schema_file import schema_text
from vedette.kql.types import ScalarType


def test_what_a_workspace_answers_becomes_a_file_that_lint_reads(tmp_path: Path) -> None:
    columns = [{"name": "Who", "type": "string"}, {"name": "At", "type": "dateTime"}, {"name": "Ok", "type": "boolean"}]
    tables = [{"name": "Mine_CL", "properties": {"schema": {"columns": columns, "standardColumns": []}}}]
    searches = [
        {"name": "f", "properties": {"functionAlias": "F", "functionParameters": "a:string", "query": "Mine_CL"}},
        {"name": "q", "properties": {"query": "Mine_CL"}},
    ]
    path = tmp_path / "schema.json"
    path.write_text(schema_text(tables, searches))
    schema = read_schema(path)
    assert schema.tables == {
        "Mine_CL": {"Who": ScalarType.string, "At": ScalarType.datetime, "Ok": ScalarType.bool},
    }
    assert schema.functions["F"].parameters == "a:string"
    assert sorted(json.loads(path.read_text())) == ["functions", "tables"]
