import numpy as np
import pandas as pd
import pytest
from pyspark.sql.types import StructType

from igniteflow_core.config.recommendations import AlsSettings, RecommendationSettings
from igniteflow_core.config.search import SearchSettings
from igniteflow_core.recommendations.als import fit_als
from igniteflow_core.recommendations.evaluation import bootstrap_interval, evaluate
from igniteflow_core.recommendations.holdout import collect_holdout
from igniteflow_core.recommendations.interactions import to_interactions
from igniteflow_core.recommendations.matrix import collect_matrix
from igniteflow_core.recommendations.split import stratified_split, time_split
from igniteflow_core.recommendations.top_n import recommend_top_n
from igniteflow_core.recommendations.training import fit_content, of_some_users, train_hybrid
from igniteflow_core.recommendations.tuning import RANGES, search_settings
from igniteflow_core.schemas.interactions import EVENTS, INTERACTIONS, RECOMMENDATIONS
from igniteflow_core.settings_search import with_found

pytestmark = pytest.mark.spark

SETTINGS = RecommendationSettings(als=AlsSettings(rank=4, max_iter=2))
KEYS = ["user_id", "item_id"]


@pytest.fixture(scope="module")
def ratings(spark, world):
    return spark.createDataFrame(world.ratings).cache()


@pytest.fixture(scope="module")
def no_events(spark):
    return spark.createDataFrame([], EVENTS.ddl)


@pytest.fixture(scope="module")
def interactions(ratings, no_events):
    return to_interactions(ratings, no_events, SETTINGS).cache()


@pytest.fixture(scope="module")
def split(interactions):
    made = stratified_split(interactions, 0.1, seed=7)
    return made.train.cache(), made.holdout.cache()


@pytest.fixture(scope="module")
def users(spark, world):
    rows = [*world.users[:30].itertuples(index=False, name=None), ("stranger", None)]
    return spark.createDataFrame(rows, "user_id string, segment string")


@pytest.fixture(scope="module")
def recommended(users, ratings, split, recommender):
    return recommend_top_n(users, split[0], ratings, recommender, 10).toPandas()


def test_ratings_from_the_positive_one_up_become_weights(ratings, interactions):
    before, after = ratings.toPandas(), interactions.toPandas()
    assert interactions.columns == INTERACTIONS.column_names
    expected = before[before["rating"] >= 3.0].set_index(KEYS)["rating"] - 2.0
    got = after.set_index(KEYS)["weight"]
    pd.testing.assert_series_equal(got.sort_index(), expected.sort_index(), check_names=False)
    assert got.min() == 1.0


def test_the_parts_are_disjoint_and_together_everything(interactions, split):
    parts = [set(map(tuple, part.select(KEYS).toPandas().to_numpy())) for part in split]
    whole = set(map(tuple, interactions.select(KEYS).toPandas().to_numpy()))
    assert not parts[0] & parts[1]
    assert parts[0] | parts[1] == whole


def test_each_user_gives_the_rounded_share_at_least_one_and_keeps_one(interactions, split):
    sizes = interactions.toPandas().groupby("user_id").size()
    held = split[1].toPandas().groupby("user_id").size().reindex(sizes.index, fill_value=0)
    at_least_one = np.maximum(np.floor(0.1 * sizes + 0.5), 1)
    expected = np.minimum(at_least_one, sizes - 1)
    assert (at_least_one > np.floor(0.1 * sizes + 0.5)).any()
    assert (held == expected).all()


def test_the_split_depends_on_the_seed_and_not_on_the_order_of_rows(interactions, split):
    def held_out(frame, seed):
        part = stratified_split(frame, 0.1, seed).holdout.select(KEYS).toPandas()
        return set(map(tuple, part.to_numpy()))

    first = set(map(tuple, split[1].select(KEYS).toPandas().to_numpy()))
    assert held_out(interactions.repartition(5).orderBy("weight"), 7) == first
    assert held_out(interactions, 8) != first


def test_interactions_outside_the_catalogue_are_counted(interactions, world):
    kept = world.item_ids[10:]
    matrix = collect_matrix(interactions, kept)
    rows = interactions.toPandas()
    assert matrix.outside_catalogue == int((~rows["item_id"].isin(kept)).sum()) > 0
    cells = matrix.weights.tocoo()
    got = pd.Series(
        cells.data,
        index=[matrix.user_ids[cells.row], matrix.item_ids[cells.col]],
        dtype=float,
    )
    expected = rows[rows["item_id"].isin(kept)].set_index(KEYS)["weight"]
    pd.testing.assert_series_equal(got.sort_index(), expected.sort_index(), check_names=False)


def test_top_n_equals_ranking_everything_by_brute_force(
    recommended, recommender, split, ratings, world, segments
):
    train = collect_matrix(split[0], world.item_ids, world.user_ids)
    rated = world.matrix(world.ratings.assign(weight=1.0))
    scores = recommender.score(train.weights, segments).astype(np.float64)
    scores[rated.weights.toarray() > 0] = -np.inf
    for row, user in enumerate(world.user_ids[:30]):
        order = sorted(
            range(len(world.item_ids)), key=lambda item: (-scores[row, item], world.item_ids[item])
        )[:10]
        got = recommended[recommended["user_id"] == user].sort_values("rank")
        assert got["item_id"].tolist() == world.item_ids[order].tolist()
        assert got["rank"].tolist() == list(range(1, 11))
        assert got["score"].to_numpy() == pytest.approx(scores[row, order], abs=1e-5)


def test_what_a_user_rated_even_badly_is_not_recommended(recommended, world):
    rated = set(map(tuple, world.ratings[KEYS].to_numpy()))
    assert not rated & set(map(tuple, recommended[KEYS].to_numpy()))


def test_a_user_without_ratings_gets_popularity_and_the_row_says_so(recommended, recommender):
    stranger = recommended[recommended["user_id"] == "stranger"].sort_values("rank")
    counts = recommender.members.popularity.counts
    popular = recommender.item_ids[np.argsort(-counts, kind="stable")[:10]]
    assert stranger["item_id"].tolist() == popular.tolist()
    assert set(stranger["source"]) == {"popularity"}
    assert set(recommended.loc[recommended["user_id"] != "stranger", "source"]) == {"hybrid"}


def test_recommendations_keep_the_contract(users, split, ratings, recommender):
    made = recommend_top_n(users, split[0], ratings, recommender, 10).schema
    promised = StructType.fromDDL(RECOMMENDATIONS.ddl)
    for name in RECOMMENDATIONS.column_names:
        if name != "model_version":
            assert made[name].dataType == promised[name].dataType


def test_training_from_the_tables_beats_popularity_on_the_holdout(spark, split, world):
    item_ids, content = fit_content(spark.createDataFrame(world.items), SETTINGS)
    als = fit_als(split[0], SETTINGS.als, SETTINGS.seed)
    users = spark.createDataFrame(world.users, "user_id string, segment string")
    model = train_hybrid(split[0], users, item_ids, content, als, SETTINGS)
    train = collect_matrix(split[0], model.item_ids)
    holdout = collect_matrix(split[1], model.item_ids, train.user_ids)
    by_hybrid, by_popularity = (
        evaluate(
            each, train.weights, train.weights, holdout.weights, 10, vectors=content.vectors
        ).user_metrics["ndcg"]
        for each in (model, model.members.popularity)
    )
    assert bootstrap_interval(by_hybrid - by_popularity, seed=7).low > 0


def test_a_search_starts_from_the_settings_and_what_it_finds_fits_them(spark, split, world):
    settings = SETTINGS.model_copy(update={"search": SearchSettings(trials=2)})
    item_ids, content = fit_content(spark.createDataFrame(world.items), settings)
    users = spark.createDataFrame(world.users, "user_id string, segment string")
    reported = []
    found = search_settings(split[0], users, item_ids, content, settings, reported.append)
    assert tuple(reported) == found.trials
    assert found.trials[0].parameters["als.rank"] == SETTINGS.als.rank
    assert found.best.score >= found.trials[0].score > 0
    assert found.trials[1].parameters.keys() == RANGES.keys()
    tuned = with_found(settings, found.trials[1].parameters)
    assert tuned.als.max_iter == SETTINGS.als.max_iter
    assert tuned.item_item.l2 == found.trials[1].parameters["item_item.l2"]


def test_the_blend_is_learned_on_all_likes_of_so_many_users_and_the_same_ones_again(split, world):
    everybody = split[0].count()
    users = np.unique(world.train["user_id"].to_numpy(dtype=np.str_))
    few = of_some_users(split[0], users, 50, seed=1).toPandas()
    assert few["user_id"].nunique() == 50
    whole = split[0].toPandas()
    assert len(few) == whole["user_id"].isin(few["user_id"]).sum() < everybody
    again = of_some_users(split[0], users, 50, seed=1).toPandas()
    assert set(again["user_id"]) == set(few["user_id"])
    assert of_some_users(split[0], users, len(users), seed=1) is split[0]


def test_a_holdout_by_time_knows_nothing_of_later_days(spark, interactions, ratings, world):
    split = time_split(interactions, 0.25)
    users = spark.createDataFrame(world.users, "user_id string, segment string")
    made = collect_holdout(split, ratings, users, world.item_ids, np.zeros((101, 1), np.float32))
    likers = world.ratings.loc[world.ratings["rating"] >= 3, "user_id"]
    ours = world.ratings[world.ratings["user_id"].isin(likers)]
    before = ours[ours["event_time"] < pd.Timestamp(split.cutoff)]
    later = ours[ours["event_time"] >= pd.Timestamp(split.cutoff)]
    assert made.seen.nnz == len(before)
    assert made.train.nnz == (before["rating"] >= 3).sum()
    assert made.relevant.nnz == (later["rating"] >= 3).sum() > 0
    # Who first comes in the holdout is judged too, as a user without likes.
    assert (np.diff(made.train.indptr)[np.diff(made.relevant.indptr) > 0] == 0).any()
