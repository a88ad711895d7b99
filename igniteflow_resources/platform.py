"""Creates all resources of the platform from the settings of the environment."""

from pathlib import Path
from typing import Any

from igniteflow_core.config.settings import Settings
from igniteflow_resources.alerts import AlertResource
from igniteflow_resources.lake.io_manager import DeltaIOManager
from igniteflow_resources.lake.tables import LakeResource
from igniteflow_resources.mlflow.tracking import MlflowResource
from igniteflow_resources.settings import SettingsResource
from igniteflow_resources.spark.session import SparkResource, spark_config
from igniteflow_resources.tracing import TracingResource


def platform_resources(settings: Settings) -> dict[str, Any]:
    """Return the resources by the keys that assets require; nothing is opened or started yet."""
    root = _absolute(settings.lake.root)
    spark = SparkResource(
        spark_config=spark_config(settings.spark, root), jars_dir=settings.spark.jars_dir
    )
    lake = LakeResource(spark=spark, root=root)
    tracing = TracingResource(otlp_endpoint=settings.telemetry.otlp_endpoint)
    return {
        "spark": spark,
        "lake": lake,
        "tracing": tracing,
        "io_manager": DeltaIOManager(lake=lake, tracing=tracing),
        "mlflow": MlflowResource(
            tracking_uri=settings.mlflow.tracking_uri,
            registry_uri=settings.mlflow.models_uri,
            experiment=settings.mlflow.experiment,
            artifact_location=settings.mlflow.artifact_location,
        ),
        "alerts": AlertResource(),
        "settings": SettingsResource(),
    }


def _absolute(root: str) -> str:
    return root if "://" in root else str(Path(root).resolve())
