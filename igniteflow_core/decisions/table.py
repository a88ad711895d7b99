"""Decisions on tables of features, for the batch and the backtest."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from igniteflow_core.decisions.compiled import CompiledPolicy, Decisions
from igniteflow_core.errors import PermanentError


def decide_table(
    policy: CompiledPolicy, table: pd.DataFrame, scores: NDArray[np.float64], threshold: float
) -> Decisions:
    """Decide the rows of a table of features.

    Args:
        policy: compiled decision policy.
        table: n rows as FRAUD_FEATURES_TABLE, with event_time in UTC.
        scores: scores of the model, shape (n,).
        threshold: alert threshold of the model.

    Raises:
        PermanentError: the table lacks a column that the policy reads.
    """
    missing = [name for name in policy.reads if name not in table.columns]
    if missing:
        raise PermanentError(
            f"the table of features has no columns {', '.join(missing)}, which the decision policy "
            "reads",
            where=f"decision policy, version {policy.version}",
            fix="materialize fraud_features for the days that are decided",
        )
    times = table["event_time"].to_numpy("datetime64[us]").astype(np.int64)
    columns = {name: table[name].to_numpy() for name in policy.reads}
    return policy.decide(scores, threshold, times, columns)
