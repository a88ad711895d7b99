"""The training windows: their days, their gaps, and what is known when."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from igniteflow_core.config.fraud import FraudSettings
from igniteflow_core.errors import InsufficientDataError
from igniteflow_core.fraud.windows import DayWindow, chronological_windows

LAST_DAY = date(2018, 6, 19)
SETTINGS = FraudSettings(label_delay_days=7, train_days=28, validation_days=7, test_days=7)


def test_windows_are_counted_back_from_the_last_day():
    windows = chronological_windows(LAST_DAY, SETTINGS)

    assert windows.test == DayWindow(date(2018, 6, 13), date(2018, 6, 19))
    assert windows.validation == DayWindow(date(2018, 5, 30), date(2018, 6, 5))
    assert windows.train == DayWindow(date(2018, 4, 25), date(2018, 5, 22))
    assert windows.refit == DayWindow(date(2018, 5, 9), date(2018, 6, 5))


@given(
    delay=st.integers(0, 30),
    maturity=st.none() | st.integers(0, 60),
    train=st.integers(1, 90),
    validation=st.integers(1, 30),
    test=st.integers(1, 30),
)
def test_every_label_of_a_window_is_known_when_the_next_one_begins(
    delay, maturity, train, validation, test
):
    settings = FraudSettings(
        label_delay_days=delay,
        maturity_days=maturity,
        train_days=train,
        validation_days=validation,
        test_days=test,
    )
    windows = chronological_windows(LAST_DAY, settings)

    for earlier, later in (
        (windows.train, windows.validation),
        (windows.validation, windows.test),
        (windows.refit, windows.test),
    ):
        end_of_last_day = earlier.last_day + timedelta(days=1)
        settled = max(delay, maturity or 0)
        assert end_of_last_day + timedelta(days=settled) == later.first_day
    assert windows.test.last_day == LAST_DAY
    assert [w.days for w in (windows.train, windows.validation, windows.refit, windows.test)] == [
        train,
        validation,
        train,
        test,
    ]


def test_data_that_begins_on_the_first_train_day_is_enough():
    chronological_windows(LAST_DAY, SETTINGS).require_data_from(date(2018, 4, 25))


def test_missing_days_are_counted():
    with pytest.raises(InsufficientDataError, match="3 more days"):
        chronological_windows(LAST_DAY, SETTINGS).require_data_from(date(2018, 4, 28))
