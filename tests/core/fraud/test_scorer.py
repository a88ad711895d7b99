"""What serves says what was trained: scores, reasons, and nothing that was tampered with."""

import json
from dataclasses import replace

import numpy as np
import pytest
import xgboost

from igniteflow_core.errors import ModelArtifactError, PermanentError
from igniteflow_core.fraud import tree_shap
from igniteflow_core.fraud.reasons import top_reasons
from igniteflow_core.fraud.scorer import GRAPH, MANIFEST, REASONS, load_scorer
from igniteflow_core.fraud.scorer_export import save_scorer
from igniteflow_core.fraud.tree_shap import shapley_table
from igniteflow_core.fraud.trees import flat_forest, treelite_model


@pytest.fixture
def ensemble(ensemble):
    """All of its members vote, whichever of them were chosen."""
    return replace(ensemble, weights=dict.fromkeys(ensemble.weights, 1 / 3))


@pytest.fixture
def folder(ensemble, tmp_path):
    save_scorer(ensemble.with_threshold(0.4), tmp_path / "scorer")
    return tmp_path / "scorer"


def test_scores_equal_the_ensembles_on_10_000_rows(ensemble, test_window, folder):
    rows = test_window.X.to_numpy(dtype=np.float64)
    assert len(rows) == 10_000

    scores = load_scorer(folder).score(rows)

    assert np.abs(scores - ensemble.predict_proba(test_window.X)).max() < 1e-6
    assert len(np.unique(scores)) > 1_000


@pytest.mark.parametrize("left_out", ["isolation_forest", "random_forest", "xgboost"])
def test_a_member_without_weight_is_not_asked(ensemble, test_window, tmp_path, left_out):
    weights = dict.fromkeys(ensemble.weights, 0.5) | {left_out: 0.0}
    without = replace(ensemble, weights=weights)
    save_scorer(without, tmp_path)

    scores = load_scorer(tmp_path).score(test_window.X.to_numpy())

    assert np.abs(scores - without.predict_proba(test_window.X)).max() < 1e-6


def test_rows_on_a_split_take_the_side_they_took_in_training(ensemble, folder):
    forest = flat_forest(treelite_model(ensemble.members["xgboost"]))
    inner = forest.left >= 0
    rows = np.full((int(inner.sum()), 4), 0.5)
    rows[np.arange(len(rows)), forest.feature[inner]] = forest.threshold[inner]

    difference = load_scorer(folder).score(rows) - ensemble.predict_proba(rows)

    assert np.abs(difference).max() < 1e-6


def test_one_row_scores_as_it_does_among_others(test_window, folder):
    scorer, rows = load_scorer(folder), test_window.X.to_numpy()[:50]

    alone = [scorer.score(row[np.newaxis])[0] for row in rows]
    assert alone == pytest.approx(list(scorer.score(rows)), abs=1e-12)


def test_reasons_are_the_exact_shapley_values(ensemble, test_window, folder):
    rows = test_window.X.to_numpy()[:200]
    scorer = load_scorer(folder)

    for row, expected in zip(rows, top_reasons(ensemble, rows, 4), strict=True):
        found = scorer.reasons(row, 4)
        assert [reason.feature for reason in found] == [reason.feature for reason in expected]
        assert [r.contribution for r in found] == pytest.approx(
            [r.contribution for r in expected], abs=1e-5
        )


def test_contributions_add_up_to_the_log_odds(ensemble, test_window):
    booster = ensemble.members["xgboost"].booster
    table = shapley_table(flat_forest(treelite_model(ensemble.members["xgboost"])), 4)
    rows = test_window.X.to_numpy(dtype=np.float32)[:100]

    sums = np.array([table.contributions(row).sum() for row in rows])

    margins = booster.predict(xgboost.DMatrix(rows), output_margin=True)
    bias = booster.predict(xgboost.DMatrix(rows), pred_contribs=True)[:, -1]
    assert sums + bias == pytest.approx(margins, abs=1e-4)


def test_trees_too_deep_for_reasons_are_refused_with_what_to_do(ensemble, tmp_path, monkeypatch):
    monkeypatch.setattr(tree_shap, "MAX_PATH_FEATURES", 1)

    with pytest.raises(PermanentError, match="max_depth to 1"):
        save_scorer(ensemble, tmp_path)


@pytest.mark.parametrize("name", [GRAPH, REASONS])
def test_one_changed_byte_is_noticed_before_anything_is_read(folder, name):
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)

    with pytest.raises(ModelArtifactError, match=name):
        load_scorer(folder)


def test_another_format_version_is_refused(folder):
    manifest = json.loads((folder / MANIFEST).read_text()) | {"format_version": 2}
    (folder / MANIFEST).write_text(json.dumps(manifest))

    with pytest.raises(ModelArtifactError, match="format version 2"):
        load_scorer(folder)


@pytest.mark.parametrize(
    ("rows", "message"),
    [(np.zeros((1, 3)), "shape"), (np.zeros(4), "shape"), (np.full((1, 4), np.nan), "infinite")],
)
def test_rows_that_cannot_be_scored_are_refused(folder, rows, message):
    with pytest.raises(PermanentError, match=message):
        load_scorer(folder).score(rows)
