from datetime import date, datetime

import numpy as np
import pytest

from igniteflow_core.config.recommendations import (
    AlsSettings,
    EventSettings,
    RecommendationSettings,
)
from igniteflow_core.config.sources import SourceSettings
from igniteflow_core.errors import InsufficientDataError
from igniteflow_core.ingestion.tables import judge_table, read_whole
from igniteflow_core.recommendations.als import fit_explicit_als
from igniteflow_core.recommendations.interactions import seen_items, to_interactions
from igniteflow_core.recommendations.rating_error import rating_rmse
from igniteflow_core.recommendations.split import split_interactions, time_split
from igniteflow_core.schemas.interactions import EVENTS, INTERACTIONS, RATINGS
from tests.clock import CLOCK

pytestmark = pytest.mark.spark

NOW, EARLIER = datetime(2025, 3, 1), datetime(2025, 2, 19)  # 10 days apart
SETTINGS = RecommendationSettings(events=EventSettings(half_life_days=10.0))


@pytest.fixture(scope="module")
def events(spark):
    return spark.createDataFrame(
        [
            ("u", "a", "view", NOW),
            ("u", "a", "purchase", EARLIER),
            ("u", "b", "cart", EARLIER),
            ("u", "bad", "view", NOW),
            ("u", "rated", "view", NOW),
        ],
        EVENTS.ddl,
    )


@pytest.fixture(scope="module")
def ratings(spark):
    return spark.createDataFrame(
        [("u", "bad", 1.0, EARLIER), ("u", "rated", 5.0, EARLIER)], RATINGS.ddl
    )


def weights(made):
    return {row.item_id: (row.weight, row.event_time) for row in made.collect()}


def test_the_latest_verdict_on_an_item_is_the_one_that_counts(spark):
    rated = spark.createDataFrame(
        [("u", "hidden", 5.0, EARLIER), ("u", "again", 4.0, NOW), ("u", "x", 5.0, None)],
        RATINGS.ddl,
    )
    acted = spark.createDataFrame(
        [
            ("u", "hidden", "hide", NOW), ("u", "hidden", "purchase", NOW),
            ("u", "again", "dismiss", EARLIER), ("u", "x", "hide", EARLIER),
        ],
        EVENTS.ddl,
    )  # fmt: skip
    assert weights(to_interactions(rated, acted, SETTINGS)) == {"again": (2.0, NOW)}


def test_events_add_their_weights_and_old_ones_less(ratings, events):
    made = to_interactions(ratings, events, SETTINGS)
    assert made.columns == INTERACTIONS.column_names
    assert weights(made) == {
        "a": (pytest.approx(1.0 + 5.0 / 2), NOW),
        "b": (pytest.approx(3.0 / 2), EARLIER),
        "rated": (pytest.approx(3.0 + 1.0), NOW),
    }


def test_without_a_half_life_events_count_in_full(ratings, events):
    settings = RecommendationSettings(events=EventSettings(half_life_days=None))
    assert weights(to_interactions(ratings, events, settings))["b"][0] == 3.0


def test_binary_preferences_all_weigh_one(ratings, events):
    settings = RecommendationSettings(preference="binary")
    assert {each[0] for each in weights(to_interactions(ratings, events, settings)).values()} == {
        1.0
    }


def test_what_was_disliked_or_only_viewed_is_seen(ratings, events):
    assert {row.item_id for row in seen_items(ratings, events).collect()} == {
        "a", "b", "bad", "rated",
    }  # fmt: skip


def test_tab_separated_events_without_a_header_are_read_by_position(spark, tmp_path):
    (tmp_path / "clicks.tsv").write_text(
        "1735812000\tu1\ti1\tview\n1735812000\tu1\ti1\tview\n1735812001\tu2\ti9\tpurchase\n"
    )
    source = SourceSettings(
        format="csv", path="clicks.tsv", separator="\t", header=False,
        columns={"event_time": "_c0", "user_id": "_c1", "item_id": "_c2", "event_type": "_c3"},
    )  # fmt: skip
    raw = read_whole(spark, source, str(tmp_path), EVENTS)
    kept = judge_table(raw, EVENTS, CLOCK).accepted.orderBy("user_id").collect()
    assert [(row.user_id, row.event_type, row.event_time) for row in kept] == [
        ("u1", "view", datetime(2025, 1, 2, 10)),
        ("u2", "purchase", datetime(2025, 1, 2, 10, 0, 1)),
    ]


def test_a_source_that_is_left_out_gives_an_empty_table(spark):
    raw = read_whole(spark, None, "nowhere", EVENTS)
    assert judge_table(raw, EVENTS, CLOCK).accepted.count() == 0


@pytest.fixture(scope="module")
def by_day(spark):
    # 10 a day for ten days.
    return spark.createDataFrame(
        [
            (f"u{number}", f"i{number}", 1.0, datetime(2025, 1, 1 + day, 23, number))
            for day in range(10)
            for number in range(10)
        ],
        INTERACTIONS.ddl,
    )


def test_a_split_by_time_holds_out_the_last_days(by_day):
    split = time_split(by_day, 0.28)
    assert split.cutoff == date(2025, 1, 8)  # 30 % is nearer than 20 %
    assert split.holdout.count() == 30
    assert split.train.agg({"event_time": "max"}).collect()[0][0] < datetime(2025, 1, 8)
    assert split.train.count() + split.holdout.count() == by_day.count()
    chosen = split_interactions(by_day, RecommendationSettings(split="time"), seed=1)
    assert chosen.cutoff is not None


def test_one_day_cannot_be_split_by_time(by_day):
    with pytest.raises(InsufficientDataError, match="two days"):
        time_split(by_day.where("event_time < '2025-01-02'"), 0.25)


@pytest.fixture(scope="module")
def stars(spark):
    rng = np.random.default_rng(2)
    users, items = rng.normal(size=(60, 2)), rng.normal(size=(40, 2))
    rows = [
        (f"u{user:02d}", f"i{item:02d}", float(np.clip(3 + users[user] @ items[item], 1, 5)), NOW)
        for user in range(60)
        for item in range(40)
        if rng.random() < 0.5
    ]
    return spark.createDataFrame(rows, RATINGS.ddl)


def test_explicit_als_predicts_held_out_stars_better_than_their_mean(stars):
    train, test = stars.randomSplit([0.8, 0.2], seed=3)
    settings = AlsSettings(rank=4, max_iter=6, reg_param=0.05)
    rmse, predicted = rating_rmse(fit_explicit_als(train, settings, 1), test, (1.0, 5.0))
    mean = train.agg({"rating": "avg"}).collect()[0][0]
    errors = np.array([row.rating - mean for row in test.collect()])
    assert predicted == len(errors)
    assert rmse < 0.6 * np.sqrt(np.mean(errors**2))


def test_the_error_is_that_of_sparks_evaluator(spark, stars):
    from pyspark.ml.evaluation import RegressionEvaluator

    settings = AlsSettings(rank=3, max_iter=2)
    model = fit_explicit_als(stars, settings, 1)
    rows = [
        (
            row.rating,
            float(
                np.clip(
                    model.user_factors[np.searchsorted(model.user_ids, row.user_id)]
                    @ model.item_factors[np.searchsorted(model.item_ids, row.item_id)],
                    1.0,
                    5.0,
                )
            ),
        )
        for row in stars.limit(300).collect()
    ]
    frame = spark.createDataFrame(rows, "label double, prediction double")
    expected = RegressionEvaluator(metricName="rmse").evaluate(frame)
    rmse, predicted = rating_rmse(model, stars.limit(300), (1.0, 5.0))
    assert predicted == 300
    assert rmse == pytest.approx(expected, rel=1e-5)


def test_ratings_of_strangers_are_left_out_of_the_error(spark, stars):
    model = fit_explicit_als(stars, AlsSettings(rank=2, max_iter=1), 1)
    foreign = spark.createDataFrame([("zz", "i01", 3.0, NOW), ("u01", "zz", 3.0, NOW)], RATINGS.ddl)
    rmse, predicted = rating_rmse(model, foreign, (1.0, 5.0))
    assert predicted == 0
    assert np.isnan(rmse)
