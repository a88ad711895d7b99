from datetime import date

import numpy as np
import pandas as pd
import pytest

from igniteflow_core.fraud.performance import daily_performance, judge_performance


def some_days(days: int, rows_a_day: int = 200) -> pd.DataFrame:
    """Every tenth transaction a fraud of 50, the others of 10."""
    fraud = np.arange(days * rows_a_day) % 10 == 0
    return pd.DataFrame(
        {
            "event_date": np.repeat([date(2025, 3, 1 + day) for day in range(days)], rows_a_day),
            "amount": np.where(fraud, 50.0, 10.0),
            "is_fraud": fraud.astype(np.int64),
        }
    )


def noisy(rows: pd.DataFrame, noise: float, seed: int = 3) -> np.ndarray:
    return rows["is_fraud"].to_numpy() + np.random.default_rng(seed).normal(0, noise, len(rows))


def test_each_day_tells_what_was_caught_and_missed_in_money():
    rows = pd.DataFrame(
        {
            "event_date": [date(2025, 3, 1)] * 4 + [date(2025, 3, 2)],
            "amount": [10.0, 20.0, 40.0, 80.0, 5.0],
            "is_fraud": [1, 1, 0, 0, 0],
        }
    )
    first, second = daily_performance(rows, np.array([0.9, 0.1, 0.8, 0.2, 0.3]), 0.5).to_dict(
        "records"
    )
    assert (first["caught_amount"], first["missed_amount"]) == (10.0, 20.0)
    assert (first["alerts"], first["caught_frauds"]) == (2, 1)
    assert (first["precision"], first["recall"]) == (0.5, 0.5)
    assert first["average_precision"] == pytest.approx((1 + 2 / 4) / 2)
    assert second["transactions"] == 1
    assert np.isnan(second["precision"])
    assert np.isnan(second["recall"])


def test_a_champion_that_keeps_its_promise_has_not_dropped():
    rows = some_days(7)
    scores = noisy(rows, 0.1)
    verdict = judge_performance(rows, scores, None, expected=0.99, tolerance=0.05, seed=7)
    assert not verdict.dropped
    assert not verdict.previous_is_better


def test_a_champion_that_has_become_worse_is_found_and_so_is_the_better_one_before_it():
    rows = some_days(7)
    verdict = judge_performance(
        rows, noisy(rows, 1.0), noisy(rows, 0.1), expected=0.95, tolerance=0.05, seed=7
    )
    assert verdict.dropped
    assert verdict.previous_is_better


def test_the_way_back_is_no_help_where_the_one_before_is_as_bad():
    rows = some_days(7)
    verdict = judge_performance(
        rows, noisy(rows, 1.0), noisy(rows, 1.0, seed=4), expected=0.95, tolerance=0.05, seed=7
    )
    assert verdict.dropped
    assert not verdict.previous_is_better


def test_a_loss_within_the_tolerance_is_let_pass():
    rows = some_days(7)
    scores = noisy(rows, 0.3)
    measured = judge_performance(rows, scores, None, expected=0, tolerance=0, seed=7)
    expected = measured.average_precision.high + 0.02
    assert judge_performance(rows, scores, None, expected=expected, tolerance=0, seed=7).dropped
    assert not judge_performance(
        rows, scores, None, expected=expected, tolerance=0.05, seed=7
    ).dropped
