import numpy as np
import pytest
from scipy import sparse
from sklearn.metrics import ndcg_score

from igniteflow_core.recommendations import metrics
from igniteflow_core.recommendations.matrix import history_sizes
from igniteflow_core.recommendations.ranking import NO_ITEM, hide_seen, top_k


def likes(rows: list[list[int]], items: int) -> sparse.csr_array:
    dense = np.zeros((len(rows), items), dtype=np.float32)
    for row, columns in enumerate(rows):
        dense[row, columns] = 1.0
    return sparse.csr_array(dense)


@pytest.fixture(scope="module")
def random_lists():
    rng = np.random.default_rng(5)
    scores = rng.normal(size=(60, 40)).astype(np.float32)
    relevant = sparse.csr_array((rng.random((60, 40)) < 0.2).astype(np.float32))
    return scores, relevant


def test_metrics_of_a_list_worked_out_by_hand():
    # Ranked 7, 2, 5; relevant are 2, 5, 9 and 1: hits at the ranks 2 and 3.
    hit = metrics.hits(np.array([[7, 2, 5]]), likes([[1, 2, 5, 9]], 10))
    counts = np.array([4])
    assert hit.tolist() == [[0.0, 1.0, 1.0]]
    dcg = 1 / np.log2(3) + 1 / np.log2(4)
    ideal = 1 + 1 / np.log2(3) + 1 / np.log2(4)
    assert metrics.ndcg(hit, counts)[0] == pytest.approx(dcg / ideal)
    assert metrics.average_precision(hit, counts)[0] == pytest.approx((1 / 2 + 2 / 3) / 3)
    assert metrics.precision(hit)[0] == pytest.approx(2 / 3)
    assert metrics.recall(hit, counts)[0] == pytest.approx(2 / 4)


def test_a_perfect_list_scores_one_even_with_fewer_relevant_items_than_places():
    hit = metrics.hits(np.array([[3, 0, 1, 2]]), likes([[0, 3]], 4))
    assert metrics.ndcg(hit, np.array([2]))[0] == pytest.approx(1.0)
    assert metrics.average_precision(hit, np.array([2]))[0] == pytest.approx(1.0)


@pytest.mark.parametrize("k", [1, 5, 10, 40])
def test_ndcg_is_that_of_scikit_learn(random_lists, k):
    scores, relevant = random_lists
    hit = metrics.hits(top_k(scores, k), relevant)
    expected = ndcg_score(relevant.toarray(), scores, k=k)
    assert metrics.ndcg(hit, history_sizes(relevant)).mean() == pytest.approx(expected)


def test_precision_recall_and_map_are_those_of_a_plain_loop(random_lists):
    scores, relevant = random_lists
    ranked, counts = top_k(scores, 8), history_sizes(relevant)
    hit = metrics.hits(ranked, relevant)
    for user, order in enumerate(ranked):
        truth = set(np.flatnonzero(relevant[[user]].toarray()[0]))
        found, precisions = 0, []
        for place, item in enumerate(order, start=1):
            if item in truth:
                found += 1
                precisions.append(found / place)
        assert metrics.precision(hit)[user] == pytest.approx(found / 8)
        assert metrics.recall(hit, counts)[user] == pytest.approx(found / len(truth))
        expected = sum(precisions) / min(8, len(truth))
        assert metrics.average_precision(hit, counts)[user] == pytest.approx(expected)


@pytest.mark.spark
@pytest.mark.parametrize("k", [1, 5, 10])
def test_metrics_are_those_of_sparks_ranking_evaluator(spark, random_lists, k):
    from pyspark.ml.evaluation import RankingEvaluator

    scores, relevant = random_lists
    ranked, counts = top_k(scores, k), history_sizes(relevant)
    hit = metrics.hits(ranked, relevant)
    truth = np.split(relevant.indices, relevant.indptr[1:-1])
    frame = spark.createDataFrame(
        [
            (row.astype(float).tolist(), liked.astype(float).tolist())
            for row, liked in zip(ranked, truth, strict=True)
        ],
        "prediction array<double>, label array<double>",
    )

    def expected(name: str) -> float:
        return RankingEvaluator(metricName=name, k=k).evaluate(frame)

    assert metrics.ndcg(hit, counts).mean() == pytest.approx(expected("ndcgAtK"))
    assert metrics.precision(hit).mean() == pytest.approx(expected("precisionAtK"))
    assert metrics.recall(hit, counts).mean() == pytest.approx(expected("recallAtK"))
    map_at_k = metrics.average_precision(hit, counts).mean()
    assert map_at_k == pytest.approx(expected("meanAveragePrecisionAtK"))


def test_an_empty_place_is_never_a_hit():
    # Row 1's missing item must not be taken for the last item of row 0.
    hit = metrics.hits(np.array([[0, NO_ITEM], [1, NO_ITEM]]), likes([[2], [1]], 3))
    assert hit.tolist() == [[0.0, 0.0], [1.0, 0.0]]


def test_novelty_is_the_mean_self_information():
    # With one user added: shares 4/8 and 1/8, hence 1 and 3 bits.
    ranked = np.array([[0, 1], [0, NO_ITEM], [NO_ITEM, NO_ITEM]])
    novelty = metrics.novelty(ranked, np.array([3, 0]), users=7)
    assert novelty[:2].tolist() == [2.0, 1.0]
    assert np.isnan(novelty[2])


def test_diversity_is_one_minus_the_mean_cosine_of_the_pairs():
    vectors = np.array([[1, 0], [0, 1], [0.6, 0.8], [0, 0]], dtype=np.float32)
    ranked = np.array([[0, 1, 2], [0, 2, 3], [0, 0, NO_ITEM], [1, 3, NO_ITEM]])
    made = metrics.diversity(ranked, vectors)
    # Cosines 0, 0.6 and 0.8; 0.6 alone, for item 3 is not described; 1; and no pair at all.
    assert made[:3] == pytest.approx([1 - 1.4 / 3, 0.4, 0.0], abs=1e-6)
    assert np.isnan(made[3])


def test_coverage_counts_each_recommended_item_once():
    ranked = np.array([[0, 1], [1, NO_ITEM]])
    assert metrics.catalogue_coverage(ranked, items=8) == 0.25


@pytest.mark.parametrize("items", [30, 1_000, 1_023])
@pytest.mark.parametrize("values", [4, 10_000])
def test_top_k_orders_ties_by_position(items, values):
    rng = np.random.default_rng(2)
    scores = rng.integers(0, values, size=(200, items)).astype(np.float32)
    scores[rng.random(scores.shape) < 0.5] = -np.inf
    expected = np.argsort(-scores, axis=1, kind="stable")[:, :7]
    assert (top_k(scores, 7) == expected).all()


def test_top_k_ends_a_list_where_nothing_is_left_to_rank():
    scores = np.array([[1.0, -np.inf, 2.0]], dtype=np.float32)
    assert top_k(scores, 5).tolist() == [[2, 0, NO_ITEM, NO_ITEM, NO_ITEM]]


def test_seen_items_and_items_without_score_are_hidden():
    scores = np.array([[1.0, 2.0, np.nan]], dtype=np.float32)
    hidden = hide_seen(scores, likes([[1]], 3))
    assert hidden.tolist() == [[1.0, -np.inf, -np.inf]]
    assert scores[0, 1] == 2.0
