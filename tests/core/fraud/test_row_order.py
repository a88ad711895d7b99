"""A cluster reads the rows of a table in another order each time."""

import numpy as np
import pandas as pd

from igniteflow_core.features.definitions import FEATURE_NAMES
from igniteflow_core.fraud.training import train_ensemble
from igniteflow_core.fraud.windows import chronological_windows

from .test_prequential import LAST_DAY, SETTINGS
from .worlds import training_frame


def test_the_order_of_the_rows_changes_neither_score_nor_threshold():
    frame = training_frame(27, rows_per_day=120)
    windows = chronological_windows(LAST_DAY, SETTINGS)

    def trained(rows: pd.DataFrame) -> tuple[np.ndarray, float]:
        ensemble = train_ensemble(rows, windows, SETTINGS)
        return ensemble.predict_proba(frame[list(FEATURE_NAMES)]), ensemble.threshold

    scores, threshold = trained(frame)
    shuffled_scores, shuffled_threshold = trained(frame.sample(frac=1, random_state=1))
    np.testing.assert_array_equal(shuffled_scores, scores)
    assert shuffled_threshold == threshold
