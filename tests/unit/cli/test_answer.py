"""The query API's answers and errors, as the command line reads them."""

from vedette.cli.answer import Answer, Column, read_answers, shown_error


def test_primary_result_is_read() -> None:
    body = {"tables": [{"name": "PrimaryResult", "columns": [{"name": "n", "type": "long"}], "rows": [[1], [2]]}]}
    assert read_answers(body) == [Answer("PrimaryResult", (Column("n", "long"),), [[1], [2]], None)]


def test_partial_answer_says_what_is_missing_in_the_innermost_words() -> None:
    body = {
        "tables": [{"name": "PrimaryResult", "columns": [], "rows": []}],
        "error": {
            "code": "PartialError",
            "message": "There were some errors.",
            "details": [{"code": "EngineError", "message": "Something.", "innererror": {"message": "Too many rows."}}],
        },
    }
    assert read_answers(body)[0].partial == "Too many rows."


def test_error_with_a_place_is_shown_with_line_and_caret() -> None:
    finding = {"code": "SEM0100", "message": "There is no column 'usr'.", "line": 2, "pos": 8, "token": "usr"}
    body = {"error": {"code": "BadArgumentError", "message": "…", "innererror": {"innererror": finding}}}
    shown = shown_error("print user = 1\n| where usr == 1", body)
    assert shown is not None
    assert shown.splitlines() == [
        "error SEM0100 at 2:9: There is no column 'usr'.",
        "  |",
        "2 | | where usr == 1",
        "  |         ^^^",
    ]


def test_errors_after_the_first_are_shown_too() -> None:
    findings = [
        {"code": "SEM0100", "message": f"There is no column '{name}'.", "line": 1, "pos": position, "token": name}
        for name, position in (("a", 12), ("b", 23))
    ]
    error = {"code": "BadArgumentError", "innererror": {"innererror": findings[0]}, "details": findings[1:]}
    shown = shown_error("T | where   a | where  b", {"error": error})
    assert shown is not None
    assert [line for line in shown.splitlines() if line.startswith("error")] == [
        "error SEM0100 at 1:13: There is no column 'a'.",
        "error SEM0100 at 1:24: There is no column 'b'.",
    ]


def test_error_without_a_place_is_not_shown_as_one() -> None:
    assert shown_error("T", {"error": {"code": "AuthenticationFailed", "message": "No token."}}) is None
