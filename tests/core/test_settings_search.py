"""The search keeps its budget, begins with the settings as they are, and repeats."""

import pytest
from pydantic import ValidationError

from igniteflow_core.config.fraud import FraudSettings
from igniteflow_core.config.recommendations import PopularitySettings, RecommendationSettings
from igniteflow_core.config.search import SearchSettings
from igniteflow_core.settings_search import Range, SearchResult, search, with_found

START = RecommendationSettings()
RANGES = {
    "item_item.l2": Range(10, 1_000, log=True),
    "als.rank": Range(8, 96, whole=True, log=True),
    "popularity.half_life_days": Range(7, 365),
}


def nearness(settings: RecommendationSettings) -> float:
    return -abs(settings.item_item.l2 - 100.0) - abs(settings.als.rank - 20)


def found(settings: RecommendationSettings, budget: SearchSettings) -> SearchResult:
    return search(settings, RANGES, nearness, budget, 7, lambda trial: None)


def test_the_first_trial_is_the_settings_as_they_are_and_the_best_is_never_worse():
    result = found(START, SearchSettings(trials=20))
    first = result.trials[0]
    assert first.parameters == {
        "item_item.l2": START.item_item.l2,
        "als.rank": START.als.rank,
        "popularity.half_life_days": START.popularity.half_life_days,
    }
    assert first.score == nearness(START)
    assert result.best.score > first.score
    assert len(result.trials) == 20


def test_a_search_with_the_same_seed_repeats():
    assert found(START, SearchSettings(trials=5)) == found(START, SearchSettings(trials=5))


def test_the_search_ends_with_its_seconds():
    assert len(found(START, SearchSettings(trials=50, seconds=1e-9)).trials) == 1


def test_each_trial_is_reported_when_it_is_done():
    reported = []
    result = search(START, RANGES, nearness, SearchSettings(trials=3), 7, reported.append)
    assert tuple(reported) == result.trials


def test_a_setting_that_is_switched_off_is_not_searched():
    off = START.model_copy(update={"popularity": PopularitySettings(half_life_days=None)})
    result = found(off, SearchSettings(trials=2))
    assert all("popularity.half_life_days" not in trial.parameters for trial in result.trials)
    assert with_found(off, {"popularity.half_life_days": 30.0}) == off


def test_what_was_found_replaces_the_members_settings():
    start = FraudSettings()
    tuned = with_found(start, {"xgboost.max_depth": 7.0, "random_forest.min_samples_leaf": 4})
    assert (tuned.xgboost.max_depth, tuned.random_forest.min_samples_leaf) == (7, 4)
    assert tuned.isolation_forest == start.isolation_forest
    with pytest.raises(ValidationError):
        with_found(start, {"xgboost.depth": 7.0})
