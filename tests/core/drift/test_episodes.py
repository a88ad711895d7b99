"""Retraining is asked for once an episode, after the cool-down, and anew with a new champion."""

from datetime import date, timedelta

from igniteflow_core.drift.episodes import DriftEpisode, DriftMeasured

FIRST_DAY = date(2025, 3, 1)


def asks(*looks, cooldown_days=7, learns_after_days=0):
    """The days on which the looks, each (day, asset, champion, columns), ask for a retraining."""
    state, found = DriftEpisode(), []
    for number, (day, by, champion, drifted) in enumerate(looks, start=1):
        measured = DriftMeasured(
            by=by,
            day=FIRST_DAY + timedelta(days=day),
            champion=champion,
            drifted=tuple(drifted.split()),
            learned_to=FIRST_DAY + timedelta(days=day - learns_after_days),
        )
        state = DriftEpisode.model_validate_json(state.model_dump_json()).after(measured, number)
        if state.asks(cooldown_days):
            found.append(day)
            state = state.requested()
    return found


def test_an_episode_asks_once_however_long_it_lasts():
    assert asks(*((day, "feature_drift", "1", "amount") for day in range(30))) == [0]


def test_an_episode_of_one_asset_is_the_same_while_the_other_sees_drift():
    assert asks(
        (0, "feature_drift", "1", "amount"),
        (10, "prediction_drift", "1", "score"),
        (11, "feature_drift", "1", ""),
        (12, "feature_drift", "1", "amount"),
        (20, "feature_drift", "1", ""),
        (20, "prediction_drift", "1", ""),
        (21, "prediction_drift", "1", "score"),
    ) == [0, 21]


def test_a_new_episode_within_the_cooldown_asks_once_it_is_over():
    looks = [(0, "feature_drift", "1", "a"), (1, "feature_drift", "1", "")]
    looks += [(day, "feature_drift", "1", "a") for day in range(2, 12)]
    assert asks(*looks) == [0, 7]
    assert asks(*looks, cooldown_days=0) == [0, 2]


def test_an_episode_that_ends_within_the_cooldown_asks_for_nothing():
    looks = [(0, "f", "1", "a"), (1, "f", "1", ""), (2, "f", "1", "a"), (3, "f", "1", "")]
    assert asks(*looks, (9, "f", "1", "")) == [0]


def test_drift_from_a_new_champions_training_is_a_new_episode():
    assert asks(
        (0, "feature_drift", "1", "a"),
        (1, "feature_drift", "2", "a"),
        (8, "feature_drift", "2", "a"),
        (9, "feature_drift", "2", "a"),
    ) == [0, 8]


def test_drift_from_the_training_of_an_earlier_champion_is_forgotten():
    assert asks(
        (0, "prediction_drift", "1", "score"),
        (9, "feature_drift", "2", ""),
        (10, "feature_drift", "2", ""),
    ) == [0]


def test_drift_that_passes_from_one_asset_to_the_other_within_a_day_is_one_episode():
    looks = [(0, "feature_drift", "1", "amount"), (10, "feature_drift", "1", "")]
    assert asks(*looks, (10, "prediction_drift", "1", "score")) == [0]
    assert asks(*looks, (11, "prediction_drift", "1", "score")) == [0, 11]


def _measured(day: date, drifted: tuple[str, ...]) -> DriftMeasured:
    return DriftMeasured(by="f", day=day, champion="1", drifted=drifted, learned_to=day)


def test_an_episode_is_known_by_the_look_that_it_began_with():
    state, began = DriftEpisode(), []
    for number, drifted in enumerate((("a",), ("a", "b"), (), (), ("b",)), start=5):
        day = FIRST_DAY + timedelta(days=number)
        state = state.after(_measured(day, drifted), number)
        began.append(state.began)
    assert began == [5, 5, 5, 0, 9]


def test_retraining_waits_until_it_learns_from_the_day_on_which_the_drift_began():
    looks = [(day, "feature_drift", "1", "amount") for day in range(3, 40)]
    assert asks(*looks, learns_after_days=14) == [17]


def test_drift_that_ends_before_a_training_can_learn_from_it_asks_for_nothing():
    looks = [(day, "feature_drift", "1", "amount" if day < 10 else "") for day in range(40)]
    assert asks(*looks, learns_after_days=14) == []


def test_drift_from_a_new_champions_training_waits_for_its_own_days():
    looks = [(day, "feature_drift", "1", "a") for day in range(10)]
    looks += [(day, "feature_drift", "2", "a") for day in range(10, 40)]
    assert asks(*looks, learns_after_days=14) == [24]


def test_an_episode_of_an_earlier_version_asks_without_waiting():
    earlier = DriftEpisode(champion="1", drifting={"feature_drift": ("a",)}, day=FIRST_DAY)
    assert earlier.asks(cooldown_days=7)
