import numpy as np
import pandas as pd

from igniteflow_core.features.definitions import FEATURE_NAMES
from igniteflow_core.fraud.guardrails import segment_losses, serving_cost
from igniteflow_core.fraud.scorer_export import save_scorer


def some_rows(rows: int) -> pd.DataFrame:
    """Every fourth a fraud; the first half at night."""
    frame = pd.DataFrame(np.zeros((rows, len(FEATURE_NAMES))), columns=list(FEATURE_NAMES))
    frame["amount"] = np.arange(rows, dtype=np.float64)
    frame["is_night"] = (np.arange(rows) < rows // 2).astype(np.float64)
    frame["is_fraud"] = (np.arange(rows) % 4 == 0).astype(np.int64)
    return frame


def test_a_segment_that_loses_recall_is_found_though_the_whole_does_not():
    rows = some_rows(80)
    fraud, night = rows["is_fraud"].to_numpy() == 1, rows["is_night"].to_numpy() == 1
    losses = segment_losses(rows, fraud & ~night, fraud & night, min_frauds=5)
    recall = dict(losses.recall)
    assert recall["night"] == 1.0
    assert recall["all"] == 0.0


def test_false_alarms_are_counted_among_legitimate_transactions_alone():
    rows = some_rows(80)
    fraud = rows["is_fraud"].to_numpy() == 1
    losses = segment_losses(rows, np.ones(80, dtype=bool), fraud, min_frauds=5)
    assert dict(losses.false_alarms)["all"] == 1.0
    assert dict(losses.recall)["all"] == 0.0


def test_segments_in_which_chance_decides_are_left_out():
    nothing = np.zeros(80, dtype=bool)
    judged = {
        name for name, _ in segment_losses(some_rows(80), nothing, nothing, min_frauds=15).recall
    }
    assert "all" in judged
    assert not judged & {"night", "amount: lowest quarter", "weekend"}


def test_serving_cost_is_of_the_files_that_serve(ensemble, test_window, tmp_path):
    cost = serving_cost(ensemble, test_window.X)
    save_scorer(ensemble, tmp_path)
    assert cost.megabytes == sum(path.stat().st_size for path in tmp_path.iterdir()) / 1e6
    assert cost.milliseconds > 0
