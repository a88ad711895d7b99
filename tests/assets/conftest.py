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
from tests.workspace import set_variables, workspace_variables


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
def materialized(
    spark: SparkSession, simulated: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[GraphRun, dict[str, str]]]:
    """The graph of the whole test run, and the variables that lead to its folders."""
    root = tmp_path_factory.mktemp("graph")
    variables = workspace_variables(root, simulated)
    with dg.DagsterInstance.ephemeral() as instance:
        with pytest.MonkeyPatch.context() as patch:
            set_variables(patch, variables)
            settings = load_settings()
            result = dg.materialize(
                GRAPH,
                instance=instance,
                resources=platform_resources(settings),
                tags=range_tags("2025-01-01", "2025-01-24"),
            )
        yield GraphRun(settings, instance, result, spark), variables


@pytest.fixture
def graph_run(
    materialized: tuple[GraphRun, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> GraphRun:
    run, variables = materialized
    # Resources read the settings anew, so the variables hold here, and in no test without the run.
    set_variables(monkeypatch, variables)
    return run
