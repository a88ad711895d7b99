"""The fraud ensemble as an MLflow model, stored as code and files without a pickle."""

from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
from mlflow.pyfunc.model import PythonModel, PythonModelContext

from igniteflow_core.fraud.artifact import load_ensemble
from igniteflow_core.fraud.ensemble import FraudEnsemble


def score(ensemble: FraudEnsemble, features: pd.DataFrame) -> pd.DataFrame:
    """Return the fraud probability, alert, and member probabilities for (n, features) rows."""
    probability = ensemble.predict_proba(features)
    scores = pd.DataFrame({"score": probability, "is_alert": probability >= ensemble.threshold})
    return scores.assign(**ensemble.member_scores(features))


class FraudModel(PythonModel):
    """Predicts with ``score``."""

    def load_context(self, context: PythonModelContext) -> None:
        """Read and verify the files of the ensemble."""
        self._ensemble = load_ensemble(Path(context.artifacts["model"]))

    def predict(
        self,
        context: PythonModelContext,
        model_input: pd.DataFrame,
        params: dict[str, Any] | None = None,
    ) -> pd.DataFrame:
        """Score rows of features."""
        return score(self._ensemble, model_input)


mlflow.models.set_model(FraudModel())
