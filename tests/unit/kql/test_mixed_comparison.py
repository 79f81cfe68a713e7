"""What comparing a text with a number says to the writer; what it means is in tests/spec/kql/operators."""

from datetime import UTC, datetime

import pytest
from tests.spec.kql.running import TablesInMemory

from vedette.kql.compile import compile_query

NOW = datetime(2024, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("test", "hint"),
    [
        ("number == '1'", "Write the value without quotes."),
        ("text == 1", "Write '1' in quotes."),
        ("text in (1, 2)", "Write '1' in quotes."),
        ("text > 1", "Write todouble(…) around the string."),
        ("text == number", "Write tolong(…) around the string."),
        ("text == true", "Write tobool(…) around the string."),
        ("number == 'x'", "Compare with a value."),
    ],
)
def test_a_text_beside_a_number_is_warned_of_once_with_the_cast_to_write(test: str, hint: str) -> None:
    query = compile_query(f"datatable(text:string, number:long)[] | where {test}", TablesInMemory(), now=NOW)
    assert [(warning.code, warning.severity, warning.hint) for warning in query.warnings] == [
        ("WRN0002", "warning", hint)
    ]


def test_equal_types_are_not_warned_of() -> None:
    query = compile_query("datatable(text:string, number:long)[] | where text == '1'", TablesInMemory(), now=NOW)
    assert query.warnings == ()
