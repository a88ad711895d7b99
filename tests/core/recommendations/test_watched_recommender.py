"""What is watched of the recommender: likes as they happen, lists, and what they led to."""

from datetime import date, datetime, timedelta

import numpy as np
import pytest

from igniteflow_core.config.drift import DriftSettings
from igniteflow_core.config.recommendations import RecommendationSettings
from igniteflow_core.drift.detect import calibrate, detect_drift
from igniteflow_core.drift.windows import feature_windows, sampled_rows
from igniteflow_core.fraud.windows import DayWindow
from igniteflow_core.recommendations.hit_rate import HitRate, hit_rate, hits_by_day, list_hits
from igniteflow_core.recommendations.split import split_interactions, trained_days
from igniteflow_core.recommendations.watched import (
    WATCHED_LIKES,
    ids_frame,
    watched_likes,
    watched_lists,
)
from igniteflow_core.schemas.decisions import FEEDBACK_LOG, RECOMMENDATION_LOG
from igniteflow_core.schemas.interactions import INTERACTIONS

FIRST = datetime(2025, 1, 1, 12)
DAYS, ITEMS, USERS = 84, 60, 400


def likes_of_days(days, items, seed):
    """Likes of users and items drawn anew each day, each pair once."""
    rng = np.random.default_rng(seed)
    rows = {}
    for day in days:
        for user, item in zip(rng.integers(USERS, size=120), rng.choice(items, 120), strict=True):
            key = (f"U{user}", f"I{item}")
            rows.setdefault(key, (*key, 1.0, FIRST + timedelta(days=int(day))))
    return list(rows.values())


@pytest.mark.spark
def test_likes_of_items_that_the_champion_does_not_know_are_drift_and_other_likes_are_not(spark):
    old = likes_of_days(range(DAYS - 7), 5 * np.arange(ITEMS), seed=1)
    same, new = (
        likes_of_days(range(DAYS - 7, DAYS), items, seed=2)
        for items in (5 * np.arange(ITEMS) + 1_000, 5 * np.arange(ITEMS) + 2_000)
    )
    settings = DriftSettings()
    trained = DayWindow(date(2025, 1, 1), FIRST.date() + timedelta(days=DAYS - 8))
    found = {}
    for name, rows, known in (("same", same, 1_000), ("new", new, 1_000)):
        interactions = spark.createDataFrame([*old, *rows], INTERACTIONS.ddl)
        ids = {f"I{5 * item + begin}" for item in range(ITEMS) for begin in (0, known)}
        likes = watched_likes(interactions, ids_frame(interactions, sorted(ids)))
        newest = FIRST.date() + timedelta(days=DAYS - 1)
        windows = feature_windows(trained, newest, settings)
        reference, current = sampled_rows(
            likes, windows, WATCHED_LIKES, settings, key=("user_id", "item_id")
        )
        calibrated = calibrate(reference, WATCHED_LIKES, settings, data_from=FIRST.date())
        found[name] = {each.feature for each in detect_drift(calibrated, current, settings).drifted}
    assert "is_unknown_item" not in found["same"]
    assert "is_unknown_item" in found["new"]


def list_row(number, user, items, day=0, version="1", role="champion", source="hybrid"):
    decided = FIRST + timedelta(days=day)
    return (f"D{number}", decided, "shop", f"c{number}", role, version, user, [], source, items)


def outcome_row(number, decision, item, hours, action="click", rating=None):
    happened = FIRST + timedelta(hours=hours)
    return (
        f"F{number}", happened, "shop", f"c{number}", "outcome", happened, None, None, "U1", item,
        action, rating, decision,
    )  # fmt: skip


@pytest.mark.spark
def test_a_hit_is_a_like_of_an_item_of_the_list_that_names_it_in_time(spark):
    lists = spark.createDataFrame(
        [
            list_row(1, "U1", ["A", "B"]),
            list_row(2, "U1", ["A", "B"]),
            list_row(3, "U2", ["A"], version="2"),
            list_row(4, None, ["A", "C"], source="popularity"),
            list_row(5, "U3", ["A"], role="shadow"),
            list_row(6, "U4", ["B"], day=1),
        ],
        RECOMMENDATION_LOG.ddl,
    )
    outcomes = spark.createDataFrame(
        [
            outcome_row(1, "D1", "B", 1),
            outcome_row(2, "D1", "A", 2),
            outcome_row(3, "D2", "C", 1),  # not in the list
            outcome_row(4, "D3", "A", 30),  # too late
            outcome_row(5, "D4", "C", 1, action="rating", rating=5.0),
            outcome_row(6, "D5", "A", 1),  # nobody was shown it
            outcome_row(7, "D6", "B", 25, action="hide"),
            outcome_row(8, None, "A", 1),
        ],
        FEEDBACK_LOG.ddl,
    )
    hits = list_hits(lists, outcomes, RecommendationSettings(), outcome_days=1)
    assert [tuple(row)[1:] for row in hits_by_day(hits).collect()] == [
        ("1", 3, 2, pytest.approx(2 / 3)), ("2", 1, 0, 0.0), ("1", 1, 0, 0.0),
    ]  # fmt: skip
    day = DayWindow(FIRST.date(), FIRST.date())
    rate = hit_rate(hits, day)
    assert (rate.lists, rate.rate) == (4, 0.5)
    assert rate.error > 0
    assert hit_rate(hits, DayWindow(date(2024, 1, 1), date(2024, 1, 2))).lists == 0

    interactions = spark.createDataFrame(
        [("U9", "A", 1.0, FIRST), ("U9", "B", 1.0, FIRST - timedelta(days=3))], INTERACTIONS.ddl
    )
    shown = watched_lists(lists, interactions, "1").orderBy("decision_id").collect()
    assert [(row["items"], row["is_fallback"]) for row in shown] == [
        (2, False), (2, False), (2, True), (1, False),
    ]  # fmt: skip
    assert shown[0]["item_popularity"] == pytest.approx(np.log(2))
    assert shown[2]["item_popularity"] == pytest.approx(np.log(2) / 2)
    assert shown[2]["user_id"] == "D4"

    assert trained_days(interactions) == DayWindow(date(2024, 12, 29), FIRST.date())
    by_time = split_interactions(interactions, RecommendationSettings(split="time"), seed=1)
    assert by_time.learned_to(FIRST.date()) == date(2024, 12, 31)
    assert by_time._replace(cutoff=None).learned_to(FIRST.date()) == FIRST.date()


def test_a_hit_rate_has_fallen_when_it_surely_lost_more_than_the_tolerance():
    before = HitRate(lists=10_000, rate=0.10, error=0.003)
    assert HitRate(3_000, 0.05, 0.004).has_fallen(before, tolerance=0.1)
    assert not HitRate(3_000, 0.088, 0.004).has_fallen(before, tolerance=0.1)
    assert not HitRate(3_000, 0.05, 0.03).has_fallen(before, tolerance=0.1)


def test_of_rates_that_are_the_same_few_fall():
    """Lists of one user are alike, which the error allows for."""
    rng = np.random.default_rng(5)

    def measured(users: int) -> HitRate:
        taste = rng.beta(1, 9, users)
        lists = rng.integers(1, 20, users)
        hits = rng.binomial(lists, taste)
        rate = hits.sum() / lists.sum()
        error = np.sqrt(users / (users - 1) * ((hits - rate * lists) ** 2).sum()) / lists.sum()
        return HitRate(int(lists.sum()), float(rate), float(error))

    fallen = [measured(300).has_fallen(measured(900), tolerance=0.0) for _ in range(400)]
    assert np.mean(fallen) < 0.05
