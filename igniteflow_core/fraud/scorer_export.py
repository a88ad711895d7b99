"""Export of a trained ensemble to the files for serving."""

import hashlib
import io
import json
from pathlib import Path

import numpy as np

from igniteflow_core.errors import PermanentError
from igniteflow_core.fraud.ensemble import FraudEnsemble
from igniteflow_core.fraud.members import BoosterMember
from igniteflow_core.fraud.onnx_graph import onnx_graph
from igniteflow_core.fraud.scorer import FORMAT_VERSION, GRAPH, MANIFEST, REASONS
from igniteflow_core.fraud.tree_shap import shapley_table
from igniteflow_core.fraud.trees import flat_forest, treelite_model


def save_scorer(ensemble: FraudEnsemble, folder: Path) -> None:
    """Write the ensemble for ``scorer.load_scorer``; the manifest with checksums comes last.

    Args:
        ensemble: fitted ensemble.
        folder: target folder, created if it does not exist.

    Raises:
        PermanentError: a member cannot be exported, or its trees are too deep for reasons.
    """
    booster = ensemble.members["xgboost"]
    if not isinstance(booster, BoosterMember):
        raise PermanentError(
            f"the xgboost member is a {type(booster).__name__}",
            where="reason codes of the fraud ensemble",
            fix="fit or load the ensemble with an XGBoost booster as that member",
        )
    table = shapley_table(flat_forest(treelite_model(booster)), len(ensemble.feature_names))
    reasons = io.BytesIO()
    np.savez(
        reasons,
        allow_pickle=False,
        feature=table.feature,
        low=table.low,
        high=table.high,
        added=table.added,
    )
    files = {GRAPH: onnx_graph(ensemble), REASONS: reasons.getvalue()}
    manifest = {
        "format_version": FORMAT_VERSION,
        "feature_names": ensemble.inputs.features,
        "own_columns": [each.model_dump() for each in ensemble.inputs.encodings],
        "threshold": ensemble.threshold,
        "sha256": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2))
