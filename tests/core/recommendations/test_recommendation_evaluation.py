import numpy as np
import pytest
from scipy import sparse

from igniteflow_core.errors import InsufficientDataError
from igniteflow_core.recommendations.evaluation import (
    NO_LIKES,
    USER_METRICS,
    bootstrap_interval,
    comparison_table,
    evaluate,
    segment_table,
)
from igniteflow_core.recommendations.holdout import Holdout, evaluate_new_items
from igniteflow_core.recommendations.plots import (
    plot_long_tail,
    plot_ndcg,
    plot_precision_recall,
    plot_segments,
)


class Oracle:
    """Scores every user's held-out likes highest; it has to be asked for users in order."""

    def __init__(self, truth):
        self.left = truth.toarray()

    def score(self, histories, segments=None):
        asked, self.left = np.split(self.left, [histories.shape[0]])
        return asked


@pytest.fixture(scope="module")
def evaluations(members, recommender, train, holdout):
    models = {"popularity": members.popularity, "als": members.als, "hybrid": recommender}
    return {
        name: evaluate(
            model,
            train.weights,
            train.weights,
            holdout.weights,
            k=10,
            vectors=members.content.vectors,
        )
        for name, model in models.items()
    }


def test_whoever_knows_the_holdout_scores_one(members, train, holdout):
    judged = np.flatnonzero(np.diff(holdout.weights.indptr) > 0)
    truth = holdout.weights[judged]
    known, vectors = train.weights[judged], members.content.vectors
    result = evaluate(Oracle(truth), known, known, truth, k=10, vectors=vectors)
    assert result.user_metrics["ndcg"] == pytest.approx(np.ones(len(judged)))
    assert result.user_metrics["recall"] == pytest.approx(np.ones(len(judged)))


def test_users_without_held_out_likes_are_not_judged(evaluations, holdout):
    judged = int((np.diff(holdout.weights.indptr) > 0).sum())
    assert judged < holdout.weights.shape[0]
    assert {len(each.hit) for each in evaluations.values()} == {judged}


def test_nothing_held_out_is_an_error(members, train):
    nothing = sparse.csr_array(train.weights.shape, dtype=np.float32)
    with pytest.raises(InsufficientDataError, match="held-out"):
        evaluate(
            members.popularity, train.weights, train.weights, nothing, k=10,
            vectors=members.content.vectors,
        )  # fmt: skip


def test_popularity_covers_less_of_the_catalogue_and_is_less_novel(evaluations):
    assert evaluations["popularity"].coverage < evaluations["als"].coverage
    assert evaluations["popularity"].novelty < evaluations["als"].novelty


def test_the_interval_is_that_of_the_normal_approximation_for_many_users():
    values = np.random.default_rng(0).normal(0.3, 0.2, 2_000)
    interval = bootstrap_interval(values, seed=1)
    spread = 1.96 * values.std() / np.sqrt(len(values))
    assert interval.mean == pytest.approx(values.mean())
    assert interval.low == pytest.approx(values.mean() - spread, abs=0.15 * spread)
    assert interval.high == pytest.approx(values.mean() + spread, abs=0.15 * spread)
    assert interval == bootstrap_interval(values, seed=1)


def test_the_comparison_is_ordered_by_ndcg_and_has_every_interval(evaluations):
    table = comparison_table(evaluations, seed=7)
    assert table["ndcg"].is_monotonic_decreasing
    for metric in USER_METRICS:
        assert (table[f"{metric}_low"] <= table[metric]).all()
        assert (table[metric] <= table[f"{metric}_high"]).all()


def test_segments_share_out_all_users(evaluations):
    table = segment_table(evaluations, seed=7)
    counted = table.groupby("model")["users"].sum()
    assert set(counted) == {len(evaluations["als"].hit)}
    als = table[table["model"] == "als"]
    overall = np.average(als["ndcg"], weights=als["users"])
    assert overall == pytest.approx(evaluations["als"].user_metrics["ndcg"].mean())


def test_users_without_likes_are_a_segment_of_their_own(members, train, holdout, segments):
    histories = train.weights.copy()
    cold = np.arange(0, histories.shape[0], 10)
    keep = np.ones(histories.shape[0], dtype=np.float32)
    keep[cold] = 0.0
    histories = sparse.csr_array(sparse.diags_array(keep) @ histories)
    histories.eliminate_zeros()
    result = evaluate(
        members.popularity, histories, train.weights, holdout.weights, k=10,
        vectors=members.content.vectors, segments=segments,
    )  # fmt: skip
    table = segment_table({"popularity": result}, seed=7).set_index("segment")
    judged = np.diff(holdout.weights.indptr) > 0
    assert table.loc[NO_LIKES, "users"] == judged[cold].sum() > 0


def test_new_items_are_judged_among_themselves(recommender, members, train, holdout, segments):
    new = np.zeros(train.weights.shape[1], dtype=bool)
    new[::5] = True
    known = sparse.diags_array((~new).astype(np.float32))
    likes = sparse.csr_array(train.weights @ known)
    likes.eliminate_zeros()
    cold = Holdout(
        user_ids=train.user_ids,
        train=likes,
        seen=likes,
        relevant=holdout.weights,
        segments=np.full(likes.shape[0], None),
        vectors=members.content.vectors,
    )
    assert (cold.new_items == (np.bincount(likes.indices, minlength=len(new)) == 0)).all()
    among = cold.of_new_items()
    assert set(among.relevant.indices) <= set(np.flatnonzero(cold.new_items))
    listed = evaluate_new_items(recommender, cold, 5)["hybrid"].listed
    assert listed[cold.new_items].sum() == listed.sum() > 0


def test_without_a_held_out_like_of_a_new_item_there_is_nothing_to_judge(
    recommender, members, train
):
    nothing = sparse.csr_array(train.weights.shape, dtype=np.float32)
    empty = Holdout(
        user_ids=train.user_ids,
        train=train.weights,
        seen=train.weights,
        relevant=nothing,
        segments=np.full(nothing.shape[0], None),
        vectors=members.content.vectors,
    )
    assert evaluate_new_items(recommender, empty, 5) == {}


def test_figures_show_every_model(evaluations, train):
    table = comparison_table(evaluations, seed=7)
    labels = [label.get_text() for label in plot_ndcg(table, 10).axes[0].get_yticklabels()]
    assert labels == table["model"].tolist()[::-1]
    by_history = plot_segments(segment_table(evaluations, seed=7), 10).axes[0]
    assert len(by_history.get_legend().get_texts()) == len(evaluations)
    curves = plot_precision_recall(evaluations).axes
    assert all(len(axes.lines) == len(evaluations) for axes in curves)
    last = curves[0].lines[-1].get_ydata()[-1]
    assert last == pytest.approx(evaluations["hybrid"].user_metrics["precision"].mean())
    item_users = np.bincount(train.weights.indices, minlength=train.weights.shape[1])
    tail = plot_long_tail(item_users, evaluations).axes[0]
    assert all(line.get_ydata()[-1] == pytest.approx(1.0) for line in tail.lines)
