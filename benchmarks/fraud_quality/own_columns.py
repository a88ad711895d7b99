"""The ensemble with and without own columns, compared with libraries on the raw columns."""

import os
from collections import defaultdict

import pandas as pd

from benchmarks.fraud_quality.raw_models import raw_scores
from igniteflow_core.config.fraud import FraudSettings
from igniteflow_core.fraud import metrics
from igniteflow_core.fraud.prequential import prequential_windows
from igniteflow_core.fraud.training import rows_of, train_ensemble
from igniteflow_core.schemas.own_columns import NO_OWN_COLUMNS, OwnColumns

_WITHOUT, _WITH = "ensemble without own columns", "ensemble with own columns"


def print_own_columns(frame: pd.DataFrame, settings: FraudSettings, own: OwnColumns) -> None:
    """Print mean average precision and AUC over the folds, and the columns used in each fold."""
    folds = []
    measured: dict[str, list[tuple[float, float]]] = defaultdict(list)
    first_day, last_day = frame["event_date"].min(), frame["event_date"].max()
    for windows in prequential_windows(first_day, last_day, settings):
        refit, test = rows_of(frame, windows.refit), rows_of(frame, windows.test)
        with_own = without = train_ensemble(frame, windows, settings, own)
        if with_own.inputs.encodings:
            # Without a used column, both ensembles are equal.
            without = train_ensemble(frame, windows, settings, NO_OWN_COLUMNS)
        ensembles = {_WITHOUT: without, _WITH: with_own}
        scores = {name: ensemble.predict_proba(test) for name, ensemble in ensembles.items()}
        scores |= raw_scores(refit, test, own, int(os.environ.get("OMP_NUM_THREADS", "2")))
        labels = test["is_fraud"].to_numpy()
        fold: dict[str, object] = {"tests from": windows.test.first_day}
        for name, values in scores.items():
            precision = metrics.average_precision(values, labels)
            measured[name].append((precision, metrics.roc_auc(values, labels)))
            fold[name] = precision
        folds.append(fold | {"columns taken": ", ".join(ensembles[_WITH].inputs.own_types)})
        print(folds[-1], flush=True)
    means = pd.DataFrame(
        [(name, *pd.DataFrame(each).mean()) for name, each in measured.items()],
        columns=["model", "average_precision", "auc"],
    )
    print("\n## Own columns\n")
    print(means.to_markdown(index=False, floatfmt=".4f"))
    print("\n## Average precision by week\n")
    print(pd.DataFrame(folds).to_markdown(index=False, floatfmt=".4f"))
