"""The hybrid recommender as an MLflow model, stored as code and files without a pickle."""

import json
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
from mlflow.pyfunc.model import PythonModel, PythonModelContext
from scipy import sparse

from igniteflow_core.recommendations.artifact import load_recommender
from igniteflow_core.recommendations.hybrid import HybridRecommender
from igniteflow_core.recommendations.ranking import NO_ITEM

_LENGTH = 10


def input_example(recommender: HybridRecommender) -> pd.DataFrame:
    """Return two histories as JSON lists of item ids: an empty one, and the first three items."""
    return pd.DataFrame({"liked": ["[]", json.dumps(recommender.item_ids[:3].tolist())]})


def recommend(recommender: HybridRecommender, histories: pd.DataFrame) -> pd.DataFrame:
    """Recommend the best items for each history, without the items of the history.

    Args:
        recommender: the fitted recommender.
        histories: column ``liked``, a JSON list of item ids per row; unknown ids are ignored.

    Returns:
        Column ``items``: a JSON list of up to 10 item ids per row, best first.
    """
    position = {item: at for at, item in enumerate(recommender.item_ids.tolist())}
    liked = [
        sorted({position[item] for item in json.loads(text) if item in position})
        for text in histories["liked"]
    ]
    rows = np.repeat(np.arange(len(liked)), [len(items) for items in liked])
    columns = np.array([item for items in liked for item in items], dtype=np.int64)
    matrix = sparse.csr_array(
        (np.ones(len(columns), dtype=np.float32), (rows, columns)),
        shape=(len(liked), len(position)),
    )
    ranked = recommender.rank(matrix, matrix, _LENGTH).items
    return pd.DataFrame(
        {
            "items": [
                json.dumps(recommender.item_ids[items[items != NO_ITEM]].tolist())
                for items in ranked
            ]
        }
    )


class RecommenderModel(PythonModel):
    """Predicts with ``recommend``."""

    def load_context(self, context: PythonModelContext) -> None:
        """Read and verify the files of the recommender."""
        self._recommender = load_recommender(Path(context.artifacts["model"]))

    def predict(
        self,
        context: PythonModelContext,
        model_input: pd.DataFrame,
        params: dict[str, Any] | None = None,
    ) -> pd.DataFrame:
        """Recommend for histories."""
        return recommend(self._recommender, model_input)


mlflow.models.set_model(RecommenderModel())
