import dagster as dg
import pytest

from igniteflow_resources.platform import platform_resources
from tests.support import GRAPH, range_tags

pytestmark = [pytest.mark.spark, pytest.mark.slow]

DAILY = ["raw_transactions", "transactions", "quarantined_transactions", "fraud_features"]


def fingerprint(graph_run, table: str) -> tuple[int, int]:
    frame = graph_run.table(table)
    columns = [name for name, type_name in frame.dtypes if not type_name.startswith("array")]
    row = frame.selectExpr(f"xxhash64({', '.join(columns)}) AS hash").selectExpr(
        "count(*) AS rows", "sum(cast(hash AS decimal(38, 0))) AS total"
    )
    return tuple(row.collect()[0])


def test_running_one_day_again_gives_the_tables_of_the_backfill(graph_run):
    before = {table: fingerprint(graph_run, table) for table in DAILY}
    result = dg.materialize(
        GRAPH,
        selection=dg.AssetSelection.assets(*DAILY),
        instance=graph_run.instance,
        resources=platform_resources(graph_run.settings),
        partition_key="2025-01-20",
    )
    assert result.success
    assert {table: fingerprint(graph_run, table) for table in DAILY} == before


def test_retraining_on_the_same_data_is_refused_as_no_better(graph_run):
    result = dg.materialize(
        GRAPH,
        selection=dg.AssetSelection.assets("fraud_model", "fraud_evaluation", "fraud_champion"),
        instance=graph_run.instance,
        resources=platform_resources(graph_run.settings),
        tags=range_tags("2025-01-01", "2025-01-24"),
    )
    assert result.success
    metadata = graph_run.metadata("fraud_champion")
    assert metadata["promoted"].value is False
    assert metadata["champion_version"].value == "1"
    assert metadata["challenger_version"].value == "2"
    assert metadata["reason"].value.startswith("better than the champion: average precision")
    assert "required: interval above +0.0000" in metadata["reason"].value
