"""Baselines: XGBoost and LightGBM on the delivered columns, without history features."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd
import xgboost

from igniteflow_core.fraud.matrix import Floats
from igniteflow_core.schemas.own_columns import OwnColumns

_TREES = 400
_DEPTH = 6
_RATE = 0.1


def raw_scores(
    train: pd.DataFrame, test: pd.DataFrame, own: OwnColumns, threads: int
) -> Mapping[str, Floats]:
    """Return each model's scores of the test rows; LightGBM is optional.

    Categorical columns, including the terminal, are handled by the libraries.

    Args:
        train: labelled rows of FRAUD_TRAINING_SET with the own columns.
        test: later rows.
        own: inputs in addition to amount, terminal, hour and weekday.
        threads: number of threads of each model.
    """
    columns = [_columns(rows, own) for rows in (train, test)]
    for name in ("terminal_id", *(each for each in own if own[each].type == "categorical")):
        known = pd.CategoricalDtype(sorted(columns[0][name].dropna().unique()))
        for each in columns:
            each[name] = each[name].astype(known)
    labels = train["is_fraud"].to_numpy()
    models: dict[str, Callable[[], Any]] = {
        "XGBoost on the raw columns": lambda: xgboost.XGBClassifier(
            n_estimators=_TREES, max_depth=_DEPTH, learning_rate=_RATE, n_jobs=threads,
            enable_categorical=True,
        ),
        "LightGBM on the raw columns": lambda: import_module("lightgbm").LGBMClassifier(
            n_estimators=_TREES, learning_rate=_RATE, n_jobs=threads, verbose=-1
        ),
    }  # fmt: skip
    scores = {}
    for name, make in models.items():
        try:
            model = make()
        except ModuleNotFoundError:
            print(f"{name}: skipped, because it is not installed")
            continue
        model.fit(columns[0], labels)
        scores[name] = np.asarray(model.predict_proba(columns[1])[:, 1], dtype=np.float64)
    return scores


def _columns(rows: pd.DataFrame, own: OwnColumns) -> pd.DataFrame:
    time = rows["event_time"].dt
    columns = rows[["amount", "terminal_id"]].assign(hour=time.hour, weekday=time.weekday)
    for name, column in own.items():
        values = rows[name]
        columns[name] = values.astype(float) if column.type in {"numeric", "boolean"} else values
    return columns
