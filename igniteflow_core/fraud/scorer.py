"""The scorer for serving: an ONNX graph and a table of reasons, on the calling thread."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from igniteflow_core.artifact_files import ArtifactFiles
from igniteflow_core.errors import PermanentError
from igniteflow_core.fraud.inputs import ModelInputs
from igniteflow_core.fraud.shapley import ShapleyTable

FORMAT_VERSION: Final = 1
MANIFEST: Final = "manifest.json"
GRAPH: Final = "ensemble.onnx"
REASONS: Final = "reasons.npz"

_FILES: Final = ArtifactFiles(fix="deploy the model version again")


@dataclass(frozen=True)
class ScoreReason:
    """A feature, its value, and its contribution to the log-odds of the XGBoost member."""

    feature: str
    value: float
    contribution: float


class FraudScorer:
    """Scores rows of features without pickle, DataFrame or thread pool; it is thread-safe.

    Args:
        graph: graph of ``onnx_graph.onnx_graph``.
        reasons: Shapley table of the XGBoost member.
        inputs: inputs of the model, and their encodings.
        threshold: an alert is a score at or above it.
    """

    def __init__(
        self, graph: bytes, reasons: ShapleyTable, inputs: ModelInputs, threshold: float
    ) -> None:
        options = onnxruntime.SessionOptions()
        # The few rows of a request are scored before a second thread has started.
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            graph, options, providers=["CPUExecutionProvider"]
        )
        self._reasons = reasons
        self.inputs = inputs
        self.feature_names = inputs.names
        self.threshold = threshold

    def score(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """The calibrated probability of fraud, shape (n,).

        Args:
            rows: result of ``inputs.rows``, shape (n, inputs).

        Raises:
            PermanentError: the shape is wrong, or a value is not finite.
        """
        if rows.ndim != 2 or rows.shape[1] != len(self.feature_names):
            raise PermanentError(
                f"expected shape (rows, {len(self.feature_names)}), got {rows.shape}",
                where="fraud scorer",
                fix="deploy a model that was trained with this version's features",
            )
        if not np.isfinite(rows).all():
            raise PermanentError(
                "a feature is missing or infinite",
                where="fraud scorer",
                fix="give each feature its default value where there is no history",
            )
        scores: NDArray[np.float64] = self._session.run(None, {"features": rows})[0][:, 0]
        return scores

    def reasons(self, row: NDArray[np.float64], k: int) -> list[ScoreReason]:
        """The features that raise the XGBoost member's log-odds most, largest first.

        Args:
            row: finite inputs, shape (inputs,).
            k: maximum number; features that lower the score are not included.
        """
        added = self._reasons.contributions(row.astype(np.float32))
        largest = np.argsort(-added, kind="stable")[:k]
        return [
            ScoreReason(self.feature_names[at], float(row[at]), float(added[at]))
            for at in largest.tolist()
            if added[at] > 0
        ]


def load_scorer(folder: Path) -> FraudScorer:
    """Read the files of ``scorer_export.save_scorer``; no code in them is run.

    Raises:
        ModelArtifactError: a file is missing, altered, or of another format version.
    """
    manifest = json.loads(_FILES.manifest(folder / MANIFEST, FORMAT_VERSION))
    sums = manifest.get("sha256", {})
    graph, table = (_FILES.verified(folder / name, sums.get(name)) for name in (GRAPH, REASONS))
    stored = _FILES.arrays(folder / REASONS, table)
    try:
        # Versions that were deployed before own columns existed have no such part.
        inputs = ModelInputs(
            features=manifest["feature_names"], encodings=manifest.get("own_columns", ())
        )
        reasons = ShapleyTable(
            feature=stored["feature"],
            low=stored["low"],
            high=stored["high"],
            added=stored["added"],
            features=len(inputs.names),
        )
        return FraudScorer(graph, reasons, inputs, float(manifest["threshold"]))
    except (KeyError, TypeError, ValueError) as error:
        raise _FILES.broken(folder, f"its content cannot be read: {error!r}") from error
