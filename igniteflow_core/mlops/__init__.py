"""MLflow for pipelines of one's own."""

from igniteflow_core.mlops.tracker import MLflowTracker

__all__ = ["MLflowTracker"]
