import numpy as np
import pytest
from pyspark import SparkContext
from scipy import sparse

from igniteflow_core.config.recommendations import AlsSettings
from igniteflow_core.errors import ConfigurationError, InsufficientDataError
from igniteflow_core.recommendations.als import LONGEST_LINEAGE, fit_als
from igniteflow_core.recommendations.evaluation import bootstrap_interval, evaluate
from igniteflow_core.recommendations.factors import AlsRanker, ranker_of
from igniteflow_core.recommendations.placement import place_in_factors

SETTINGS = AlsSettings(rank=6, max_iter=4)


@pytest.fixture(scope="module")
def likes(spark, world):
    return spark.createDataFrame(world.train[["user_id", "item_id", "weight"]]).cache()


@pytest.fixture(scope="module")
def model(likes):
    return fit_als(likes, SETTINGS, seed=7)


def test_fold_in_solves_the_weighted_least_squares_of_the_whole_catalogue():
    rng = np.random.default_rng(8)
    factors = rng.normal(size=(9, 3)).astype(np.float32)
    ranker = AlsRanker(factors, factors.T.astype(np.float64) @ factors, reg_param=0.3, alpha=2.0)
    history = np.array([[0, 1.0, 0, 2.0, 0, 0, 0, 3.0, 0]], dtype=np.float32)
    confidence = np.diag(1 + 2.0 * history[0])
    preference = (history[0] > 0).astype(float)
    expected = np.linalg.solve(
        factors.T @ confidence @ factors + 3 * 0.3 * np.eye(3),
        factors.T @ confidence @ preference,
    )
    assert ranker.fold_in(sparse.csr_array(history))[0] == pytest.approx(expected, abs=1e-5)


def test_a_user_without_history_gets_equal_scores_and_an_item_without_factors_none():
    factors = np.array([[1.0, 0.0], [np.nan, np.nan], [0.5, 1.0]], dtype=np.float32)
    ranker = AlsRanker(factors, np.eye(2), reg_param=0.1, alpha=1.0)
    scores = ranker.score(sparse.csr_array((1, 3), dtype=np.float32))[0]
    assert scores[[0, 2]].tolist() == [0.0, 0.0]
    assert np.isnan(scores[1])
    assert ranker.covered.tolist() == [True, False, True]


def test_new_items_are_placed_where_their_content_points():
    rng = np.random.default_rng(9)
    vectors = rng.normal(size=(60, 4)).astype(np.float32)
    factors = (vectors @ rng.normal(size=(4, 3)) + 0.5).astype(np.float32)
    hidden = factors.copy()
    hidden[50:] = np.nan
    vectors[59] = 0.0
    ranker = AlsRanker(hidden, np.eye(3), reg_param=0.1, alpha=1.0)
    placed = place_in_factors(ranker, vectors, l2=1e-6)
    assert placed.item_factors[50:59] == pytest.approx(factors[50:59], abs=1e-3)
    assert np.isnan(placed.item_factors[59]).all()
    assert (placed.item_factors[:50] == hidden[:50]).all()


@pytest.mark.spark
def test_fold_in_gives_the_user_factors_that_spark_fitted(model, world, train):
    ranker = ranker_of(model, world.item_ids, SETTINGS, train.mean_weight)
    folded = ranker.fold_in(train.weights)
    rows = np.searchsorted(world.user_ids, model.user_ids)
    assert folded[rows] == pytest.approx(model.user_factors, abs=1e-4)


@pytest.mark.spark
def test_planted_tastes_are_found_and_beat_popularity(model, world, train, holdout):
    ranker = ranker_of(model, world.item_ids, SETTINGS, train.mean_weight)
    popularity = world.popularity(world.train)
    by_als, by_popularity = (
        evaluate(
            each,
            train.weights,
            train.weights,
            holdout.weights,
            10,
            vectors=np.zeros((len(world.item_ids), 1), dtype=np.float32),
        ).user_metrics["ndcg"]
        for each in (ranker, popularity)
    )
    assert bootstrap_interval(by_als - by_popularity, seed=7).low > 0
    scores = ranker.score(train.weights)
    item_cluster = [int(item.removeprefix("item-")) % 4 for item in world.item_ids[:-1]]
    by_cluster = np.column_stack(
        [np.nanmean(scores[:, :-1][:, np.equal(item_cluster, each)], axis=1) for each in range(4)]
    )
    assert (by_cluster.argmax(axis=1) == world.user_cluster).mean() > 0.9


@pytest.mark.spark
def test_the_same_interactions_in_another_order_give_the_same_factors(likes, model):
    shuffled = likes.repartition(3, "item_id").orderBy("weight", "item_id")
    again = fit_als(shuffled, SETTINGS, seed=7)
    assert (again.user_ids == model.user_ids).all()
    assert again.item_factors == pytest.approx(model.item_factors, abs=1e-4)


@pytest.mark.spark
def test_likes_on_another_scale_of_weights_give_the_same_factors(likes, model):
    tenfold = likes.withColumn("weight", likes["weight"] * 10.0)
    again = fit_als(tenfold, SETTINGS, seed=7)
    assert again.item_factors == pytest.approx(model.item_factors, abs=1e-4)


@pytest.mark.spark
def test_items_nobody_liked_have_no_factors_rather_than_zeros(model, world, train):
    ranker = ranker_of(model, world.item_ids, SETTINGS, train.mean_weight)
    assert "item-new" not in model.item_ids
    assert not ranker.covered[world.item_ids == "item-new"].any()


@pytest.mark.spark
def test_more_iterations_than_a_plan_bears_run_in_the_platforms_session(likes):
    specified = AlsSettings(rank=50, max_iter=10, reg_param=0.1)
    assert specified.max_iter > LONGEST_LINEAGE
    assert np.isfinite(fit_als(likes, specified, seed=7).item_factors).all()


@pytest.mark.spark
def test_many_iterations_without_a_checkpoint_directory_are_refused(likes, monkeypatch):
    monkeypatch.setattr(SparkContext, "getCheckpointDir", lambda _: None)
    with pytest.raises(ConfigurationError, match="checkpoint"):
        fit_als(likes, AlsSettings(max_iter=LONGEST_LINEAGE + 1), seed=7)


@pytest.mark.spark
def test_no_interactions_are_an_error(likes):
    with pytest.raises(InsufficientDataError, match="no interactions"):
        fit_als(likes.limit(0), SETTINGS, seed=7)
