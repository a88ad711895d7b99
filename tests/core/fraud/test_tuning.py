"""The search never ends worse than it began, and repeats without looking at the test rows."""

import pytest

from igniteflow_core.config.search import SearchSettings
from igniteflow_core.fraud.tuning import search_settings
from igniteflow_core.fraud.windows import chronological_windows

from .test_prequential import LAST_DAY, SETTINGS
from .worlds import training_frame

WINDOWS = chronological_windows(LAST_DAY, SETTINGS)
TWICE = SETTINGS.model_copy(update={"search": SearchSettings(trials=2)})


@pytest.fixture(scope="module")
def frame():
    return training_frame(27, rows_per_day=120)


@pytest.fixture(scope="module")
def result(frame):
    return search_settings(frame, WINDOWS, TWICE, lambda trial: None)


def test_the_first_trial_is_the_settings_as_they_are(result):
    assert result.trials[0].parameters["xgboost.max_depth"] == SETTINGS.xgboost.max_depth
    assert result.best.score >= result.trials[0].score


def test_a_search_with_the_same_seed_repeats_even_without_the_test_rows(frame, result):
    hidden = frame[frame["event_date"] <= WINDOWS.validation.last_day]
    assert search_settings(hidden, WINDOWS, TWICE, lambda trial: None) == result
