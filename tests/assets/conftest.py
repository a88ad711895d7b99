import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import pytest
from pyspark.sql import DataFrame, SparkSession

from igniteflow_core.config.load import load_settings
from igniteflow_core.config.settings import Settings
from igniteflow_resources.platform import platform_resources
from tests.shared import made_once
from tests.support import GRAPH, range_tags
from tests.workspace import set_variables, workspace_variables


@dataclass(frozen=True)
class GraphRun:
    """The whole graph, materialized once over every day of the small world."""

    settings: Settings
    instance: dg.DagsterInstance
    run_id: str
    spark: SparkSession

    def table(self, name: str) -> DataFrame:
        return self.spark.read.format("delta").load(f"{self.settings.lake.root}/{name}")

    def metadata(self, asset: str) -> dict[str, dg.MetadataValue]:
        """Of its latest materialization, be it of another run."""
        event = self.instance.get_latest_materialization_event(dg.AssetKey(asset))
        return dict(event.asset_materialization.metadata)

    def materializations(self) -> dict[str, dg.AssetMaterialization]:
        """What the run itself made, by asset."""
        made = (
            record.asset_materialization
            for record in self._records(dg.DagsterEventType.ASSET_MATERIALIZATION)
        )
        return {each.asset_key.to_user_string(): each for each in made if each is not None}

    def check_evaluations(self) -> list[dg.AssetCheckEvaluation]:
        evaluated = (
            record.asset_check_evaluation
            for record in self._records(dg.DagsterEventType.ASSET_CHECK_EVALUATION)
        )
        return [each for each in evaluated if each is not None]

    def _records(self, kind: dg.DagsterEventType) -> list[dg.EventLogEntry]:
        found = self.instance.get_records_for_run(self.run_id, of_type=kind)
        return [record.event_log_entry for record in found.records]


@pytest.fixture(scope="session")
def graph_home(
    spark: SparkSession, simulated: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The folder of the run that all processes of the test run share."""

    def materialize(home: Path) -> None:
        with (
            dg.DagsterInstance.local_temp(str(home)) as instance,
            pytest.MonkeyPatch.context() as patch,
        ):
            set_variables(patch, workspace_variables(home, simulated))
            result = dg.materialize(
                GRAPH,
                instance=instance,
                resources=platform_resources(load_settings()),
                tags=range_tags("2025-01-01", "2025-01-24"),
            )
            assert result.success
            (home / "run_id").write_text(result.run_id)
        # Tests of other processes begin with it while some go on with the lake itself.
        shutil.copytree(home / "lake", home / "as_made" / "lake")
        shutil.copy(home / "online.db", home / "as_made")

    return made_once(tmp_path_factory, "graph", materialize)


@pytest.fixture(scope="session")
def graph_as_made(graph_home: Path) -> Path:
    """The lake and the online store as the run left them, to be copied."""
    return graph_home / "as_made"


@pytest.fixture(scope="session")
def graph_instance(graph_home: Path) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.local_temp(str(graph_home)) as instance:
        yield instance


@pytest.fixture
def graph_run(
    graph_home: Path,
    graph_instance: dg.DagsterInstance,
    spark: SparkSession,
    simulated: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> GraphRun:
    # Resources read the settings anew, so the variables hold here, and in no test without the run.
    set_variables(monkeypatch, workspace_variables(graph_home, simulated))
    run_id = (graph_home / "run_id").read_text()
    return GraphRun(load_settings(), graph_instance, run_id, spark)
