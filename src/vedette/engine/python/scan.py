"""`scan`: a program of steps run over rows in order (https://learn.microsoft.com/kusto/query/scan-operator)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
import pyarrow as pa

from vedette.engine.python.scan_expressions import Columns, Evaluate, compiled
from vedette.engine.python.table_function import PythonTableFunction, Rows
from vedette.kql.types import ScalarType

_TICKS = 10  # in a microsecond

Record = list[Any]
"""What a step holds of the row that it matched last, a value for each cell."""


@dataclass(frozen=True, slots=True)
class _Step:
    condition: Evaluate
    assignments: tuple[tuple[int, Evaluate], ...]
    output: str


@dataclass(slots=True)
class _Sequence:
    """What a step's state holds: its number, the records of the steps up to it, and what it has still to give."""

    number: int
    records: list[Record | None]
    pending: tuple[int, Record, int] | None = None


@dataclass(slots=True)
class _Machine:
    steps: Sequence[_Step]
    defaults: Sequence[Any]
    inputs: Sequence[tuple[int, Sequence[Any]]]
    states: list[_Sequence | None] = field(init=False)
    found: list[tuple[int, Record, int]] = field(default_factory=list[tuple[int, Record, int]])
    _number: int = -1

    def __post_init__(self) -> None:
        self.states = [None] * len(self.steps)

    def begin(self) -> None:
        """Forget all sequences, once they have given what they had to."""
        for state in self.states:
            self._close(state)
        self.states = [None] * len(self.steps)
        self._number = -1

    def take(self, row: int) -> None:
        """One row, from the last step to the first."""
        nothing: list[Record | None] = [None] * len(self.steps)
        for position in range(len(self.steps) - 1, -1, -1):
            step, state = self.steps[position], self.states[position]
            before = self.states[position - 1] if position else None
            if before is not None and step.condition(row, before.records) is True:
                self._close(before)
                self._close(state)
                self.states[position - 1] = None
                promoted = self.states[position] = _Sequence(before.number, list(before.records))
                self._match(step, position, promoted, row)
            elif (state is not None or not position) and step.condition(
                row, state.records if state is not None else nothing
            ) is True:
                if state is None:
                    self._number += 1
                    state = self.states[position] = _Sequence(self._number, list(nothing))
                self._match(step, position, state, row)

    def _match(self, step: _Step, position: int, state: _Sequence, row: int) -> None:
        record = list(self.defaults)
        for cell, values in self.inputs:
            record[cell] = values[row]
        for cell, value in [(cell, value(row, state.records)) for cell, value in step.assignments]:
            record[cell] = value
        state.records[position] = record
        if step.output == "all":
            self.found.append((row, record, state.number))
        elif step.output == "last":
            state.pending = (row, record, state.number)

    def _close(self, state: _Sequence | None) -> None:
        """The last of a step's repeated matches, now that no other follows."""
        if state is not None and state.pending is not None:
            self.found.append(state.pending)


def run(rows: Rows, text: str) -> Sequence[Any]:
    """The positions of the rows found, with the values of the cells that the program gives, and the sequence's number
    where it asks for that."""
    program: dict[str, Any] = json.loads(text)
    begins, positions = rows.columns[0].to_pylist(), rows.columns[1].to_pylist()
    given = [_values(rows, column) for column in range(2, len(rows.columns))]
    machine = _Machine(
        [_step(each, given, program["cells"]) for each in program["steps"]],
        [default for default, _, _ in program["cells"]],
        [(cell, given[source]) for cell, (_, _, source) in enumerate(program["cells"]) if source is not None],
    )
    for row, begin in enumerate(begins):
        if begin:
            machine.begin()
        machine.take(row)
    machine.begin()
    found = sorted(machine.found, key=lambda each: each[0])
    results: list[Any] = [[positions[row] for row, _, _ in found]]
    for number, cell in enumerate(program["results"], start=1):
        results.append(_given_back([record[cell] for _, record, _ in found], rows.results[number]))
    if program["with_match_id"]:
        results.append([number for _, _, number in found])
    return results


def _step(program: dict[str, Any], given: Columns, cells: list[Any]) -> _Step:
    defaults = [default for default, _, _ in cells]
    assignments = tuple((cell, compiled(code, given, defaults)) for cell, code in program["assignments"])
    return _Step(compiled(program["condition"], given, defaults), assignments, program["output"])


def _values(rows: Rows, position: int) -> list[Any]:
    """A column's values; datetimes as ticks since 1970."""
    if rows.types[position] is not ScalarType.datetime:
        return rows.values(position)
    micros = rows.columns[position].cast(pa.int64()).to_pylist()
    return [None if value is None else value * _TICKS for value in micros]


def _given_back(values: list[Any], type: ScalarType) -> Any:
    if type is ScalarType.datetime:
        micros = [None if value is None else value // _TICKS for value in values]
        return pa.array(micros, pa.int64()).cast(pa.timestamp("us"))
    if type is ScalarType.dynamic:
        return [None if value is None else orjson.dumps(value).decode() for value in values]
    return values


TABLE_FUNCTIONS: Mapping[str, PythonTableFunction] = {"py_scan_run": PythonTableFunction(run)}
"""By the names that SQL calls them by."""
