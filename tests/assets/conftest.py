from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import pytest
from pyspark.sql import DataFrame, SparkSession

from igniteflow_core.config.load import load_settings
from igniteflow_core.config.settings import Settings
from igniteflow_resources.platform import platform_resources
from tests.support import GRAPH, range_tags


@dataclass(frozen=True)
class GraphRun:
    """The whole graph, materialized once over every day of the small world."""

    settings: Settings
    instance: dg.DagsterInstance
    result: dg.ExecuteInProcessResult
    spark: SparkSession

    def table(self, name: str) -> DataFrame:
        return self.spark.read.format("delta").load(f"{self.settings.lake.root}/{name}")

    def metadata(self, asset: str) -> dict[str, dg.MetadataValue]:
        event = self.instance.get_latest_materialization_event(dg.AssetKey(asset))
        return dict(event.asset_materialization.metadata)


@pytest.fixture(scope="session")
def graph_run(
    spark: SparkSession, simulated: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[GraphRun]:
    root = tmp_path_factory.mktemp("graph")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IGNITEFLOW_SOURCES__ROOT", str(simulated))
        patch.setenv("IGNITEFLOW_LAKE__ROOT", str(root / "lake"))
        patch.setenv("IGNITEFLOW_MLFLOW__TRACKING_URI", f"sqlite:///{root}/mlflow.db")
        patch.setenv("IGNITEFLOW_MLFLOW__ARTIFACT_ROOT", str(root / "artifacts"))
        patch.setenv("IGNITEFLOW_ONLINE__PATH", str(root / "online.db"))
        patch.setenv("IGNITEFLOW_SERVING__ENDPOINTS_DIR", str(root / "endpoints"))
        patch.setenv("IGNITEFLOW_SERVING__LOG_DIR", str(root / "decisions"))
        settings = load_settings()
        with dg.DagsterInstance.ephemeral() as instance:
            result = dg.materialize(
                GRAPH,
                instance=instance,
                resources=platform_resources(settings),
                tags=range_tags("2025-01-01", "2025-01-24"),
            )
            yield GraphRun(settings, instance, result, spark)
