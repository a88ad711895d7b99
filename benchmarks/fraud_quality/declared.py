"""The ensemble with and without own columns and entities, beside libraries on the raw columns."""

import os
from collections import defaultdict

import pandas as pd

from benchmarks.fraud_quality.raw_models import raw_scores
from igniteflow_core.config.fraud import EntitySettings, FraudSettings
from igniteflow_core.fraud import metrics
from igniteflow_core.fraud.combination import in_words
from igniteflow_core.fraud.ensemble import FraudEnsemble
from igniteflow_core.fraud.prequential import prequential_windows
from igniteflow_core.fraud.training import rows_of, train_ensemble
from igniteflow_core.fraud.windows import FraudWindows
from igniteflow_core.schemas.own_columns import NO_OWN_COLUMNS, OwnColumns

_Declared = tuple[EntitySettings, ...]


def print_declared(
    frame: pd.DataFrame, settings: FraudSettings, own: OwnColumns, entities: _Declared
) -> None:
    """Average precision and AUC, means over the folds, and how each fold's models came about.

    Args:
        frame: as FRAUD_TRAINING_SET with the own columns and the features of the entities.
        settings: without entities.
        own: the declared columns.
        entities: the declared entities.
    """
    folds, reasons = [], []
    measured: dict[str, list[tuple[float, float]]] = defaultdict(list)
    first_day, last_day = frame["event_date"].min(), frame["event_date"].max()
    for windows in prequential_windows(first_day, last_day, settings):
        refit, test = rows_of(frame, windows.refit), rows_of(frame, windows.test)
        ensembles = _ensembles(frame, windows, settings, own, entities)
        scores = {name: ensemble.predict_proba(test) for name, ensemble in ensembles.items()}
        scores |= raw_scores(refit, test, own, int(os.environ.get("OMP_NUM_THREADS", "2")))
        labels, first = test["is_fraud"].to_numpy(), windows.test.first_day
        for name, values in scores.items():
            precision = metrics.average_precision(values, labels)
            measured[name].append((precision, metrics.roc_auc(values, labels)))
        folds.append({"tests from": first} | {name: each[-1][0] for name, each in measured.items()})
        print(first, {name: each[-1] for name, each in measured.items()}, flush=True)
        for name, each in ensembles.items():
            taken = ", ".join(each.inputs.own_types) or "none"
            served = in_words(each.combination, each.weights, each.gains)
            reasons.append({"tests from": first, "model": name, "columns": taken, "served": served})
            print(reasons[-1], flush=True)
    means = pd.DataFrame(
        [(name, *pd.DataFrame(each).mean()) for name, each in measured.items()],
        columns=["model", "average_precision", "auc"],
    )
    print("\n## With and without what is declared\n")
    print(means.to_markdown(index=False, floatfmt=".4f"))
    print("\n## Average precision by week\n")
    print(pd.DataFrame(folds).to_markdown(index=False, floatfmt=".4f"))
    print("\n## Which own columns are taken, and who serves\n")
    print(pd.DataFrame(reasons).to_markdown(index=False))


def _ensembles(
    frame: pd.DataFrame,
    windows: FraudWindows,
    settings: FraudSettings,
    own: OwnColumns,
    entities: _Declared,
) -> dict[str, FraudEnsemble]:
    ensembles: dict[str, FraudEnsemble] = {}
    sides = {"": settings}
    if entities:
        sides["entities"] = settings.model_copy(update={"entities": entities})
    for name, chosen in sides.items():
        with_own = without = train_ensemble(frame, windows, chosen, own)
        if with_own.inputs.encodings:
            # Where no column is taken the two are one.
            without = train_ensemble(frame, windows, chosen, NO_OWN_COLUMNS)
        ensembles[f"ensemble, {name or 'built-in features'}"] = without
        ensembles[f"ensemble, {f'{name} and ' if name else ''}own columns"] = with_own
    return ensembles
