"""The search keeps its budget, never ends worse than it began, and repeats."""

import pytest
from pydantic import ValidationError

from igniteflow_core.config.fraud import FraudSettings, SearchSettings
from igniteflow_core.fraud.tuning import search_settings, with_members
from igniteflow_core.fraud.windows import chronological_windows

from .test_prequential import LAST_DAY, SETTINGS
from .worlds import training_frame

WINDOWS = chronological_windows(LAST_DAY, SETTINGS)


@pytest.fixture(scope="module")
def frame():
    return training_frame(27, rows_per_day=120)


def settings(trials: int, seconds: float = 600.0) -> FraudSettings:
    return SETTINGS.model_copy(update={"search": SearchSettings(trials=trials, seconds=seconds)})


@pytest.fixture(scope="module")
def result(frame):
    told = []
    found = search_settings(frame, WINDOWS, settings(2), told.append)
    assert tuple(told) == found.trials
    return found


def test_the_first_trial_is_the_settings_as_they_are(result):
    assert result.trials[0].parameters["xgboost.max_depth"] == SETTINGS.xgboost.max_depth
    assert result.best.average_precision >= result.trials[0].average_precision


def test_the_search_ends_with_its_seconds(frame):
    assert len(search_settings(frame, WINDOWS, settings(50, 0.001), lambda trial: None).trials) == 1


def test_a_search_with_the_same_seed_repeats_even_without_the_test_rows(frame, result):
    hidden = frame[frame["event_date"] <= WINDOWS.validation.last_day]
    assert search_settings(hidden, WINDOWS, settings(2), lambda trial: None) == result


def test_what_was_found_replaces_the_members_settings(result):
    tuned = with_members(SETTINGS, {"xgboost.max_depth": 7.0, "random_forest.min_samples_leaf": 4})
    assert (tuned.xgboost.max_depth, tuned.random_forest.min_samples_leaf) == (7, 4)
    assert tuned.isolation_forest == SETTINGS.isolation_forest
    with pytest.raises(ValidationError):
        with_members(SETTINGS, {"xgboost.depth": 7.0})
