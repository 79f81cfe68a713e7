"""The library of functions as a whole: nothing Kusto knows is unknown here, and every entry is complete."""

import json
import os
from pathlib import Path

import pytest

from vedette.kql.functions.conversions import CONVERSIONS
from vedette.kql.functions.library import aggregate_functions, refused_names, scalar_functions, window_functions
from vedette.kql.signatures import parse_parameters
from vedette.kql.special_calls import SPECIAL_CALLS
from vedette.kql.types import ScalarType, type_named

CORPUS = Path(os.environ.get("VEDETTE_CORPUS", Path(__file__).resolve().parents[4] / "shared" / "corpus"))
FORMS_OF_THE_BINDER = frozenset({*SPECIAL_CALLS, "table", "arg_max", "arg_min", "argmax", "argmin"})
PARAMETER_TYPES = frozenset({"any", "scalar", "numeric", "integral", "T", "S", "N"})


def symbols() -> dict[str, list[str]]:
    path = CORPUS / "kql" / "builtin_symbols.json"
    if not path.exists():
        pytest.skip(f"the corpus is not at {CORPUS}")
    return json.loads(path.read_text())


@pytest.mark.parametrize("kind", ["functions", "aggregates"])
def test_every_name_that_kusto_knows_runs_or_is_refused(kind: str) -> None:
    known = {
        *scalar_functions(),
        *aggregate_functions(),
        *window_functions(),
        *refused_names(),
        *FORMS_OF_THE_BINDER,
    }
    assert sorted(set(symbols()[kind]) - known) == []


def test_refusals_say_why() -> None:
    assert all(reason.endswith(".") for reason in refused_names().values())


def test_every_entry_says_what_it_does_and_takes_types_that_there_are() -> None:
    for overloads in (
        *scalar_functions().values(),
        *aggregate_functions().values(),
        *window_functions().values(),
    ):
        for entry in overloads:
            assert entry.doc.endswith("."), entry.name
            for parameter in parse_parameters(entry.params):
                assert parameter.type in PARAMETER_TYPES or type_named(parameter.type), (entry.name, parameter)


def test_every_scalar_function_has_an_example() -> None:
    without = {name for name, overloads in scalar_functions().items() if not any(entry.examples for entry in overloads)}
    assert without == {"new_guid"}


def test_everything_converts_to_text_and_to_dynamic() -> None:
    for source in ScalarType:
        for target in (ScalarType.string, ScalarType.dynamic):
            assert source is target or (source, target) in CONVERSIONS, (source, target)


def test_a_dynamic_converts_to_everything() -> None:
    for target in ScalarType:
        assert target is ScalarType.dynamic or (ScalarType.dynamic, target) in CONVERSIONS, target
