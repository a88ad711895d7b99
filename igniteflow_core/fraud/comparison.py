"""The ensemble beside its members and a plain baseline, all on the same test rows."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from igniteflow_core.config.fraud import FraudSettings
from igniteflow_core.fraud.bootstrap import average_precision_gain
from igniteflow_core.fraud.ensemble import FraudEnsemble
from igniteflow_core.fraud.evaluation import FraudEvaluation, LabelledTransactions, evaluate
from igniteflow_core.fraud.inputs import ModelInputs
from igniteflow_core.fraud.matrix import Floats, binary_labels, input_matrix
from igniteflow_core.fraud.members import MEMBER_NAMES, MemberName
from igniteflow_core.intervals import Interval

ENSEMBLE = "ensemble"
BASELINE = "logistic_regression"


@dataclass(frozen=True)
class ModelComparison:
    """Scores and measures of several models on the same transactions.

    Attributes:
        transactions: the test rows.
        scores: each model's probabilities, shape (n,), the ensemble's first.
        evaluations: each model's measures, in the same order.
        threshold: threshold of the ensemble, at which all models are measured.
    """

    transactions: LabelledTransactions
    scores: Mapping[str, Floats]
    evaluations: Mapping[str, FraudEvaluation]
    threshold: float

    def table(self) -> pd.DataFrame:
        """One row per model, one column per measure."""
        return pd.DataFrame.from_dict(
            {model: evaluation.metrics() for model, evaluation in self.evaluations.items()},
            orient="index",
        ).rename_axis("model")

    @property
    def best_member(self) -> MemberName:
        """The member of the highest average precision on these rows."""
        return max(MEMBER_NAMES, key=lambda name: self.evaluations[name].average_precision)

    def gain_over_best_member(self, *, seed: int) -> Interval:
        """The ensemble's average precision minus that of its best member on these rows.

        If the ensemble is a single member, it is 0, or below 0 if another is better on these rows.
        """
        known = self.transactions
        ensemble, member = self.scores[ENSEMBLE], self.scores[self.best_member]
        return average_precision_gain(ensemble, member, known.labels, known.days, seed=seed)

    def markdown(self) -> str:
        """The table in Markdown, to four significant digits."""
        table = self.table()
        lines = [
            ["model", *table.columns],
            ["---", *("---:" for _ in table.columns)],
            *(
                [str(model), *(f"{value:.4g}" for value in row)]
                for model, row in zip(table.index, table.to_numpy(), strict=True)
            ),
        ]
        return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def compare_models(
    ensemble: FraudEnsemble,
    *,
    train_X: pd.DataFrame,
    train_y: ArrayLike,
    test_X: pd.DataFrame,
    test: LabelledTransactions,
    settings: FraudSettings,
) -> ModelComparison:
    """Measure the ensemble, each member, and logistic regression on standardised features.

    All models give probabilities, so all raise alerts at the ensemble's threshold.

    Args:
        ensemble: fitted ensemble with its threshold.
        train_X: the rows its members were fitted on, for the baseline, shape (m, features).
        train_y: labels of these rows, shape (m,).
        test_X: features of the test rows, shape (n, features).
        test: labels, amounts, days and customers of the test rows.
        settings: alert budget, cost of an alert, and seed.

    Raises:
        InsufficientDataError: the train rows hold only one class.
        PermanentError: a feature is missing or holds a value that is not finite.
    """
    scores: dict[str, Floats] = {
        ENSEMBLE: ensemble.predict_proba(test_X),
        **{str(name): values for name, values in ensemble.member_scores(test_X).items()},
        BASELINE: _baseline_scores(ensemble.inputs, train_X, train_y, test_X),
    }
    evaluations = {
        model: evaluate(values, test, ensemble.threshold, settings.threshold, seed=settings.seed)
        for model, values in scores.items()
    }
    return ModelComparison(test, scores, evaluations, ensemble.threshold)


def _baseline_scores(
    inputs: ModelInputs, train_X: pd.DataFrame, train_y: ArrayLike, test_X: pd.DataFrame
) -> Floats:
    matrix = input_matrix(train_X, inputs).astype(np.float64)
    labels = binary_labels(train_y, rows=len(matrix), where="train rows of the baseline")
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1_000))
    model.fit(matrix, labels)
    return np.asarray(model.predict_proba(input_matrix(test_X, inputs).astype(np.float64))[:, 1])
