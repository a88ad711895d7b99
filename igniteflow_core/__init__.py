import os

# ONNX Runtime and MLflow report their use to their makers unless this is set before their import.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")

from igniteflow_core.pipeline import BasePipeline

__all__ = ["BasePipeline"]
