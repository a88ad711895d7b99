"""Weekdays are evened out before anything is compared."""

import numpy as np
import pytest

from igniteflow_core.drift.seasonality import weekday_weights

WEEK = np.arange(np.datetime64("2025-01-06"), np.datetime64("2025-01-13"))


def test_weights_give_the_reference_the_weekdays_of_the_current_rows():
    reference = np.repeat(WEEK, [1, 2, 3, 4, 5, 6, 7])
    current = np.repeat(WEEK + 14, [7, 1, 1, 1, 1, 1, 2])
    weights = weekday_weights(reference, current)
    share = [weights[reference == day].sum() / weights.sum() for day in WEEK]
    assert share == pytest.approx(np.array([7, 1, 1, 1, 1, 1, 2]) / 14)
    assert weights.sum() == pytest.approx(len(reference))


def test_rows_of_weekdays_that_the_current_window_lacks_weigh_nothing():
    weights = weekday_weights(WEEK, WEEK[5:] + 7)
    assert weights.tolist() == pytest.approx([0, 0, 0, 0, 0, 3.5, 3.5])


def test_a_weekday_that_the_reference_lacks_cannot_be_evened_out():
    assert weekday_weights(WEEK[:5], WEEK) is None
