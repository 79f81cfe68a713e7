"""Periods, components and outliers of series."""

import json

import numpy as np

from vedette.engine.python.decomposition import (
    anomalies,
    decompose,
    forecast,
    found_periods,
    outliers,
    periods_validate,
    seasonal,
)

DAY = 24


def hourly(days: int) -> list[float]:
    """A daily curve with lower weekends and a little noise that is always the same."""
    noise = np.random.default_rng(7).normal(0, 1, days * DAY)
    return [
        20 + 10 * np.sin(2 * np.pi * (hour % DAY) / DAY) * (0.3 if hour // DAY % 7 >= 5 else 1) + noise[hour]
        for hour in range(days * DAY)
    ]


def test_a_daily_period_is_found() -> None:
    periods = [period for period, _ in found_periods(np.array(hourly(28)))]
    assert DAY in periods or 7 * DAY in periods


def test_noise_has_no_period() -> None:
    assert found_periods(np.random.default_rng(3).normal(0, 1, 200)) == []


def test_a_constant_series_has_no_period() -> None:
    assert found_periods(np.full(40, 5.0)) == []


def test_a_period_is_scored_by_likeness_around_the_circle() -> None:
    wave = [1, 2, 3, 2] * 6
    answer = json.loads(periods_validate(json.dumps(wave), [4.0, 5.0]) or "")
    assert answer["periods"] == [4.0, 5.0]
    assert np.allclose(answer["scores"], [1.0, 0.0])


def test_a_season_is_the_median_of_each_phase() -> None:
    assert json.loads(seasonal("[1, 3, 5, 9, 4, 6, 1, 3, 50]", 3, 0) or "") == [1.0, 3.0, 6.0] * 3


def test_parts_add_up() -> None:
    values = hourly(14)
    parts = json.loads(decompose(json.dumps(values), DAY, "linefit", 0, 0.6) or "")
    assert np.allclose(np.add(parts["seasonal"], parts["trend"]), parts["baseline"])
    assert np.allclose(np.add(parts["baseline"], parts["residual"]), values)


def test_held_back_points_are_not_learnt_from() -> None:
    values = [float(place) for place in range(20)] + [0.0] * 5
    assert np.allclose(json.loads(forecast(json.dumps(values), 5, 0, "linefit", 0.6) or ""), range(25))


def test_the_quartiles_are_the_plain_fences() -> None:
    assert json.loads(outliers("[0, 1, 2, 3, 4, 14]", "tukey", None, 10, 90) or "")[-1] == (14 - 3.75) / 2.5


def test_any_percentiles_put_the_mild_fence_in_the_same_place() -> None:
    values = np.random.default_rng(1).normal(0, 1, 100_000)
    text = json.dumps([*values, 2.698])
    scores = [json.loads(outliers(text, "ctukey", None, low, 100 - low) or "")[-1] for low in (5, 20, 25)]
    assert np.allclose(scores, 1.5, atol=0.05)


def test_ignored_and_missing_values_have_no_score() -> None:
    assert json.loads(outliers("[1, 2, 3, null, -1, 100]", "ctukey", -1, 10, 90) or "")[3:5] == [0.0, 0.0]


def test_flags_follow_the_threshold() -> None:
    values = [10.0, 11.0] * 30
    values[20], values[41] = 30.0, -20.0
    answer = json.loads(anomalies(json.dumps(values), 1.5, 0, "avg", 0, "ctukey", 0.6) or "")
    assert [place for place, flag in enumerate(answer["ad_flag"]) if flag] == [20, 41]
    assert (answer["ad_flag"][20], answer["ad_flag"][41]) == (1, -1)
