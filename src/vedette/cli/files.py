"""KQL over files, answered as the server would answer it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from vedette.api.preferences import Preferences
from vedette.api.query_answer import Answer as ServerAnswer
from vedette.api.query_answer import pieces
from vedette.cli.answer import Answer, read_answers
from vedette.cli.outside_data import Outside
from vedette.core.clock import SystemClock
from vedette.engine.limits import DEFAULT_LIMITS
from vedette.kql.diagnostics import described
from vedette.logs import files


def query_files(paths: Sequence[Path], text: str, outside: Outside) -> list[Answer]:
    """Run KQL over files and folders of files. Raises KqlError with positions, and VedetteError for the files."""
    results = files.query_files(
        paths,
        text,
        now=SystemClock().now(),
        limits=DEFAULT_LIMITS,
        external=outside.external_data,
        ip_database=outside.ip_database,
    )
    answer = ServerAnswer(results, DEFAULT_LIMITS, Preferences())
    return read_answers(orjson.loads(b"".join(pieces(answer))))


def explain_files(paths: Sequence[Path], text: str) -> dict[str, Any]:
    """How KQL over files would run, as the server would tell it. Raises as `query_files` does."""
    told = files.explain_files(paths, text, now=SystemClock().now())
    return {
        "columns": [{"name": column.name, "type": column.type.value} for column in told.columns],
        "plan": told.plan,
        "steps": told.steps,
        "sql": told.sql,
        "warnings": [described(text, finding) for finding in told.warnings],
    }
