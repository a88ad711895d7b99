"""Average precision with the loop, and with the first champion without retraining."""

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

from igniteflow_assets.fraud.evaluation import load_fraud_ensemble
from igniteflow_core.features.definitions import FEATURE_NAMES
from igniteflow_core.fraud.metrics import average_precision
from igniteflow_resources.mlflow.registry import FRAUD_MODEL, registered_model


def by_month(rows: pd.DataFrame, champions: Mapping[date, str]) -> pd.DataFrame:
    """Return the frauds and both average precisions, for each month and for the whole year.

    Args:
        rows: rows of FRAUD_TRAINING_SET for the days of the year with known labels.
        champions: the version that served on each day.
    """
    served = rows["event_date"].map(champions)
    first = served.iloc[rows["event_date"].argmin()]
    frozen = _scores(rows, first)
    looped = np.empty(len(rows))
    for version in served.unique():
        those = (served == version).to_numpy()
        looped[those] = frozen[those] if version == first else _scores(rows[those], version)
    labels = rows["is_fraud"].to_numpy(dtype=np.int8)
    months = pd.to_datetime(rows["event_date"]).dt.strftime("%Y-%m").to_numpy()
    parts = {month: months == month for month in np.unique(months)}
    parts["all"] = np.ones(len(rows), dtype=bool)
    return pd.DataFrame(
        {
            "month": name,
            "frauds": int(labels[part].sum()),
            "versions": ", ".join(served[part].unique()),
            "with the loop": average_precision(looped[part], labels[part]),
            "first champion": average_precision(frozen[part], labels[part]),
        }
        for name, part in parts.items()
    )


def _scores(rows: pd.DataFrame, version: str) -> np.ndarray:
    ensemble = load_fraud_ensemble(registered_model(FRAUD_MODEL, version))
    return ensemble.predict_proba(rows[list(FEATURE_NAMES)])
