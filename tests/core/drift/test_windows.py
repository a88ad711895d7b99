"""Which days are compared."""

from datetime import date

from igniteflow_core.config.drift import DriftSettings
from igniteflow_core.drift.windows import feature_windows, score_windows
from igniteflow_core.fraud.windows import DayWindow

SETTINGS = DriftSettings()
TRAINED = DayWindow(date(2025, 2, 1), date(2025, 3, 2))


def test_features_are_compared_with_the_training_days():
    windows = feature_windows(TRAINED, date(2025, 3, 31), SETTINGS)
    assert windows.reference == TRAINED
    assert windows.current == DayWindow(date(2025, 3, 25), date(2025, 3, 31))


def test_scores_are_compared_with_the_days_after_the_training():
    windows = score_windows(TRAINED, 14, date(2025, 3, 31), SETTINGS)
    assert windows.reference == DayWindow(date(2025, 3, 3), date(2025, 3, 16))


def test_no_day_is_on_both_sides():
    windows = score_windows(TRAINED, 14, date(2025, 3, 16), SETTINGS)
    assert windows.reference == DayWindow(date(2025, 3, 3), date(2025, 3, 9))
    assert score_windows(TRAINED, 7, date(2025, 3, 9), SETTINGS).reference.days == 0
    assert feature_windows(TRAINED, date(2025, 3, 4), SETTINGS).reference.last_day == date(
        2025, 2, 25
    )
