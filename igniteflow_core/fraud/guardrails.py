"""Guardrails of a promotion: losses in segments, and time and memory of serving."""

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from igniteflow_core.features.windows import Bools
from igniteflow_core.fraud.ensemble import FraudEnsemble
from igniteflow_core.fraud.matrix import input_matrix
from igniteflow_core.fraud.scorer import load_scorer
from igniteflow_core.fraud.scorer_export import save_scorer
from igniteflow_core.fraud.segments import SEGMENTS

_TIMED_ROWS = 200


class SegmentLosses(NamedTuple):
    """The losses of the challenger against the champion in each segment; a gain is negative.

    Attributes:
        recall: net share of the frauds that only the champion raises an alert for, 0 to 1.
        false_alarms: rise of the share of legitimate transactions with an alert, 0 to 1.
    """

    recall: list[tuple[str, float]]
    false_alarms: list[tuple[str, float]]


def segment_losses(
    rows: pd.DataFrame, challenger: Bools, champion: Bools, *, min_frauds: int
) -> SegmentLosses:
    """Compare the alerts of both models on the same n transactions, segment by segment.

    Args:
        rows: rows with the features and is_fraud.
        challenger: alerts of the challenger, shape (n,).
        champion: alerts of the champion, shape (n,).
        min_frauds: segments with fewer frauds are left out, because their measures are too noisy.
    """
    fraud = rows["is_fraud"].to_numpy() == 1
    losses = SegmentLosses([], [])
    for segment, belongs in SEGMENTS.items():
        inside = belongs(rows).to_numpy()
        frauds, others = inside & fraud, inside & ~fraud
        if frauds.sum() < min_frauds or not others.any():
            continue
        recall = champion[frauds].mean() - challenger[frauds].mean()
        false_alarms = challenger[others].mean() - champion[others].mean()
        losses.recall.append((segment, float(recall)))
        losses.false_alarms.append((segment, float(false_alarms)))
    return losses


@dataclass(frozen=True)
class ServingCost:
    """The serving cost of a model: the median time to score one row, and the size of its files."""

    milliseconds: float
    megabytes: float


def serving_cost(ensemble: FraudEnsemble, rows: pd.DataFrame) -> ServingCost:
    """Export the ensemble for serving, and measure it on single rows.

    Args:
        ensemble: fitted ensemble.
        rows: sample rows with the features of the ensemble.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        save_scorer(ensemble, folder)
        size = sum(path.stat().st_size for path in folder.iterdir())
        scorer = load_scorer(folder)
        values = input_matrix(rows, ensemble.inputs).astype(np.float64)
        taken = []
        for at in range(_TIMED_ROWS):
            row = values[[at % len(values)]]
            started = time.perf_counter()
            scorer.score(row)
            taken.append(time.perf_counter() - started)
    return ServingCost(float(np.median(taken)) * 1e3, size / 1e6)
