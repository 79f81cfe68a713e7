"""Lines and curves through series."""

import json

import numpy as np

from vedette.engine.python.fitting import line, polynomial, stats, two_lines


def test_a_line_begins_at_one() -> None:
    found = json.loads(line("[3, 5, 7]") or "")
    assert np.allclose([found["slope"], found["interception"], found["rsquare"]], [2, 1, 1])


def test_the_best_split_is_where_two_lines_meet() -> None:
    values = [float(place) for place in range(10)] + [9.0 - 2 * place for place in range(10)]
    found = json.loads(two_lines(json.dumps(values)) or "")
    assert found["split_idx"] in (9, 10)
    assert np.allclose([found["rsquare"], found["left_slope"], found["right_slope"]], [1, 1, -2])


def test_the_split_is_the_one_with_the_least_error() -> None:
    values = np.random.default_rng(5).normal(0, 1, 40)
    found = json.loads(two_lines(json.dumps(values.tolist())) or "")
    errors: dict[int, float] = {}
    for split in range(2, 39):
        parts = (values[:split], values[split:])
        fits = [np.polyval(np.polyfit(np.arange(len(part)), part, 1), np.arange(len(part))) for part in parts]
        errors[split] = sum(float(((part - fit) ** 2).sum()) for part, fit in zip(parts, fits, strict=True))
    assert found["split_idx"] == min(errors, key=lambda split: errors[split])


def test_a_polynomial_has_its_highest_power_first() -> None:
    found = json.loads(polynomial("[2, 9, 28, 65]", None, 3) or "")
    assert np.allclose(found["coefficients"], [1, 0, 0, 1])


def test_statistics_of_a_series_with_gaps() -> None:
    assert stats("[1, null, 3]", False) is None
    assert json.loads(stats("[1, null, 3]", True) or "")["max_idx"] == 2


def test_too_short_for_a_line() -> None:
    assert [line("[1]"), two_lines("[1, 2, 3]"), polynomial("[1, 2]", None, 2)] == [None, None, None]
