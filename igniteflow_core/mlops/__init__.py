"""MLflow for custom pipelines."""

from igniteflow_core.mlops.tracker import MLflowTracker

__all__ = ["MLflowTracker"]
