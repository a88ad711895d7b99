import numpy as np
import pyarrow as pa
import pytest
from scipy import sparse

from igniteflow_core.config.recommendations import ContentSettings
from igniteflow_core.recommendations.content import ContentModel
from igniteflow_core.recommendations.item_vectors import item_vectors

IDS = np.array(["a", "b", "c", "d", "e"])


def vectors(settings: ContentSettings, ids: np.ndarray = IDS) -> np.ndarray:
    items = pa.table(
        {
            "item_id": ["b", "a", "c", "d", "e"],
            "title": ["Night Train", "Night Owl", "Sea", None, None],
            "categories": [["Drama", "War"], ["Drama", "War"], ["Drama", "Comedy"], [], ["Drama"]],
        }
    )
    return item_vectors(items, ids, settings, seed=7)


def test_vectors_have_unit_length_in_the_order_of_the_catalogue():
    made = vectors(ContentSettings())
    assert np.linalg.norm(made, axis=1) == pytest.approx([1, 1, 1, 0, 1])
    assert made[0] @ made[1] > made[0] @ made[2] > 0


def test_a_rare_category_says_more_than_a_common_one():
    made = vectors(ContentSettings(category_share=1.0))
    # War is in two of five items, Drama in four.
    war_and_drama = made[0]
    assert war_and_drama @ made[4] < np.sqrt(0.5)


def test_category_share_weighs_categories_against_titles():
    by_title = vectors(ContentSettings(category_share=0.0))
    by_category = vectors(ContentSettings(category_share=1.0))
    assert by_category[0] @ by_category[1] == pytest.approx(1.0)
    assert by_title[0] @ by_title[2] == pytest.approx(0.0)
    assert 0 < by_title[0] @ by_title[1] < 1


def test_fewer_dimensions_keep_what_is_near_near():
    made = vectors(ContentSettings(dimensions=2))
    assert made.shape == (5, 2)
    assert made[0] @ made[1] > made[0] @ made[2]


def test_an_item_the_catalogue_table_does_not_hold_has_no_content():
    made = vectors(ContentSettings(), np.array(["a", "z"]))
    assert made[1].tolist() == [0.0] * made.shape[1]


def test_scores_are_cosines_with_the_weighted_mean_of_the_liked_items():
    model = ContentModel(vectors(ContentSettings()))
    histories = sparse.csr_array(np.array([[2.0, 0, 1.0, 0, 0]], dtype=np.float32))
    profile = (2 * model.vectors[0] + model.vectors[2]) / 3
    scores = model.score(histories)[0]
    for item in (0, 1, 2, 4):
        cosine = profile @ model.vectors[item] / np.linalg.norm(profile)
        assert scores[item] == pytest.approx(cosine, abs=1e-6)
    assert np.isnan(scores[3])
    assert model.covered.tolist() == [True, True, True, False, True]


def test_a_history_without_content_prefers_nothing():
    model = ContentModel(vectors(ContentSettings()))
    histories = sparse.csr_array(np.array([[0, 0, 0, 1.0, 0]], dtype=np.float32))
    assert model.score(histories)[0, [0, 1, 2, 4]].tolist() == [0.0] * 4
