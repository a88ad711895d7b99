"""Prequential evaluation: each fold trains on past days and tests on the days after them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from igniteflow_core.config.fraud import FraudSettings
from igniteflow_core.fraud import metrics
from igniteflow_core.fraud.bootstrap import interval, replicates
from igniteflow_core.fraud.comparison import ENSEMBLE
from igniteflow_core.fraud.evaluation import CARDS_PER_DAY, LabelledTransactions
from igniteflow_core.fraud.known_labels import with_labels_then
from igniteflow_core.fraud.matrix import Floats
from igniteflow_core.fraud.standard_models import standard_scores
from igniteflow_core.fraud.training import labelled_transactions, rows_of, train_ensemble
from igniteflow_core.fraud.windows import FraudWindows, chronological_windows
from igniteflow_core.intervals import Interval
from igniteflow_core.schemas.own_columns import NO_OWN_COLUMNS, OwnColumns


@dataclass(frozen=True)
class PrequentialFold:
    """One training and its test days.

    Attributes:
        windows: days of the fold.
        test: n rows of the test window, as FRAUD_TRAINING_SET.
        scores: probabilities of each model for these rows, shape (n,), the ensemble's first.
        threshold: alert threshold of the ensemble.
    """

    windows: FraudWindows
    test: pd.DataFrame
    scores: Mapping[str, Floats]
    threshold: float

    @property
    def transactions(self) -> LabelledTransactions:
        """Labels, amounts, days and customers of the test rows."""
        return labelled_transactions(self.test)


@dataclass(frozen=True)
class PrequentialEvaluation:
    """The folds, oldest first, and their joint evaluation.

    Every measure is the mean over folds; an interval comes from resampling the days of each fold,
    so it covers the variation between days, not that between weeks.
    """

    folds: tuple[PrequentialFold, ...]
    settings: FraudSettings

    @property
    def models(self) -> list[str]:
        """The models, the ensemble first."""
        return list(self.folds[0].scores)

    @property
    def test_rows(self) -> pd.DataFrame:
        """The concatenated test rows of all folds."""
        return pd.concat([fold.test for fold in self.folds], ignore_index=True)

    @property
    def thresholds(self) -> Floats:
        """The alert threshold of the fold of each test row."""
        rows = [len(fold.test) for fold in self.folds]
        return np.repeat([fold.threshold for fold in self.folds], rows)

    def scores_of(self, model: str) -> Floats:
        """A model's probabilities for the test rows of all folds."""
        return np.concatenate([fold.scores[model] for fold in self.folds])

    def gain(self, over: str) -> Interval:
        """The ensemble's average precision minus another model's, on the same draws of days."""
        return interval(self._replicates(ENSEMBLE) - self._replicates(over))

    def table(self) -> pd.DataFrame:
        """One row per model: its measures, and the ensemble's lead over it."""
        rows = []
        drawn = {model: self._replicates(model) for model in self.models}
        for model in self.models:
            precision = interval(drawn[model])
            lead = interval(drawn[ENSEMBLE] - drawn[model])
            rows.append(
                {
                    "model": model,
                    "average_precision": self._mean(model, _average_precision),
                    "low": precision.low,
                    "high": precision.high,
                    "ensemble_gain": lead.mean,
                    "gain_low": lead.low,
                    "gain_high": lead.high,
                    "auc": self._mean(model, lambda s, t: metrics.roc_auc(s, t.labels)),
                    f"card_precision_top_{CARDS_PER_DAY}": self._mean(model, _card_precision),
                    "recall_at_budget": self._mean(model, self._recall),
                }
            )
        return pd.DataFrame(rows)

    def by_fold(self) -> pd.DataFrame:
        """One row per fold: its test days, frauds, and each model's average precision."""
        return pd.DataFrame(
            [
                {
                    "first_day": fold.windows.test.first_day,
                    "last_day": fold.windows.test.last_day,
                    "transactions": len(fold.test),
                    "frauds": int(fold.test["is_fraud"].sum()),
                    **{
                        model: _average_precision(scores, fold.transactions)
                        for model, scores in fold.scores.items()
                    },
                }
                for fold in self.folds
            ]
        )

    def _replicates(self, model: str) -> Floats:
        return np.asarray(
            np.mean(
                [
                    replicates(
                        fold.scores[model],
                        fold.transactions.labels,
                        fold.transactions.days,
                        seed=self.settings.seed + number,
                    )
                    for number, fold in enumerate(self.folds)
                ],
                axis=0,
            )
        )

    def _mean(self, model: str, measure: Callable[[Floats, LabelledTransactions], float]) -> float:
        values = [measure(fold.scores[model], fold.transactions) for fold in self.folds]
        return float(np.mean(values))

    def _recall(self, scores: Floats, known: LabelledTransactions) -> float:
        budget = self.settings.threshold.alerts_per_day
        return metrics.recall_at_budget(budget, scores, known.labels, known.days)


def prequential_windows(
    first_day: date, last_day: date, settings: FraudSettings
) -> tuple[FraudWindows, ...]:
    """The windows of each fold, oldest first: as many as are requested and the days allow.

    Each fold ends ``test_days`` before the next, so that the test windows follow one another
    (Dawid, 1984, "Present position and potential developments: the prequential approach"), and
    keeps the gaps of ``chronological_windows``.

    Args:
        first_day: oldest day of the data.
        last_day: newest day of the data.
        settings: lengths of the windows, and number of folds.

    Raises:
        InsufficientDataError: there are too few days for one fold.
    """
    step = timedelta(days=settings.test_days)
    chronological_windows(last_day, settings).require_data_from(first_day)
    folds = [
        chronological_windows(last_day - number * step, settings)
        for number in range(settings.prequential_folds)
    ]
    fitting = [fold for fold in folds if fold.first_day >= first_day]
    return tuple(reversed(fitting))


def evaluate_prequentially(
    frame: pd.DataFrame,
    settings: FraudSettings,
    progress: Callable[[FraudWindows], None] = lambda windows: None,
    own: OwnColumns = NO_OWN_COLUMNS,
    labels_then: Callable[[date], pd.DataFrame] | None = None,
) -> PrequentialEvaluation:
    """Train and evaluate the ensemble, its members and the standard models on every fold.

    Args:
        frame: rows as FRAUD_TRAINING_SET, over the days of all folds.
        settings: settings of windows, members and threshold.
        progress: called with each fold before it is trained.
        own: declared columns.
        labels_then: labels that were known at the start of a fold's test days, for
            ``with_labels_then``. A fold is trained with these labels and evaluated with those of
            the frame. None if labels are never delivered later.

    Raises:
        InsufficientDataError: too few days, or a window holds only one class.
    """
    first_day, last_day = frame["event_date"].min(), frame["event_date"].max()
    folds = []
    for windows in prequential_windows(first_day, last_day, settings):
        progress(windows)
        begin = windows.test.first_day
        known = with_labels_then(frame, labels_then(begin), begin) if labels_then else frame
        folds.append(_evaluate_fold(known, windows, settings, own))
    return PrequentialEvaluation(tuple(folds), settings)


def _evaluate_fold(
    frame: pd.DataFrame, windows: FraudWindows, settings: FraudSettings, own: OwnColumns
) -> PrequentialFold:
    ensemble = train_ensemble(frame, windows, settings, own)
    train, validation, refit, test = (
        rows_of(frame, window)
        for window in (windows.train, windows.validation, windows.refit, windows.test)
    )
    scores: dict[str, Floats] = {ENSEMBLE: ensemble.predict_proba(test)}
    scores |= {str(name): values for name, values in ensemble.member_scores(test).items()}
    scores |= standard_scores(train, validation, refit, test)
    return PrequentialFold(windows, test, scores, ensemble.threshold)


def _average_precision(scores: Floats, known: LabelledTransactions) -> float:
    return metrics.average_precision(scores, known.labels)


def _card_precision(scores: Floats, known: LabelledTransactions) -> float:
    return metrics.card_precision_at(
        CARDS_PER_DAY, scores, known.labels, known.days, known.customers
    )
