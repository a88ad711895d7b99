import numpy as np
import pytest
from scipy import sparse
from sklearn.metrics.pairwise import cosine_similarity

from igniteflow_core.config.recommendations import ItemItemSettings
from igniteflow_core.recommendations.item_item import fit_ease, fit_item_cosine


@pytest.fixture(scope="module")
def liked() -> np.ndarray:
    dense = (np.random.default_rng(4).random((50, 12)) < 0.3).astype(np.float32)
    dense[:, 11] = 0.0
    return dense


def test_ease_is_the_ridge_regression_of_each_item_on_the_others(liked):
    model = fit_ease(sparse.csr_array(3.0 * liked), ItemItemSettings(l2=5.0))
    X = liked[:, :11].astype(np.float64)
    for item in range(11):
        others = np.delete(np.arange(11), item)
        gram = X[:, others].T @ X[:, others] + 5.0 * np.eye(10)
        expected = np.linalg.solve(gram, X[:, others].T @ X[:, item])
        assert model.similarity[others, item] == pytest.approx(expected, abs=1e-5)
        assert model.similarity[item, item] == 0.0


def test_an_item_nobody_likes_is_not_covered_and_has_no_score(liked):
    model = fit_ease(sparse.csr_array(liked), ItemItemSettings())
    assert model.covered.tolist() == [True] * 11 + [False]
    scores = model.score(sparse.csr_array(liked))
    assert np.isnan(scores[:, 11]).all()
    assert not np.isnan(scores[:, :11]).any()


def test_only_the_most_liked_items_are_fitted(liked):
    model = fit_ease(sparse.csr_array(liked), ItemItemSettings(max_items=4))
    counts = liked.sum(axis=0)
    assert len(model.head) == 4
    assert counts[model.head].min() >= np.delete(counts, model.head).max()


def test_the_baseline_is_the_cosine_without_the_item_itself(liked):
    model = fit_item_cosine(sparse.csr_array(liked), ItemItemSettings())
    expected = cosine_similarity(liked[:, :11].T)
    np.fill_diagonal(expected, 0.0)
    assert model.similarity == pytest.approx(expected, abs=1e-6)
    assert model.score(sparse.csr_array(liked))[:, :11] == pytest.approx(
        liked[:, :11] @ expected, abs=1e-5
    )
