import dagster as dg
import pytest

from igniteflow_assets.monitoring import prediction_drift
from igniteflow_core.drift.columns import SCORE, WatchedColumn
from igniteflow_resources.platform import platform_resources
from tests.support import GRAPH

pytestmark = [pytest.mark.spark, pytest.mark.slow]


@pytest.fixture
def short_look_back(monkeypatch):
    """The small world is younger than the longest look-back of a feature."""
    monkeypatch.setenv("IGNITEFLOW_DRIFT__CURRENT_DAYS", "2")
    monkeypatch.setenv("IGNITEFLOW_DRIFT__MIN_REFERENCE_DAYS", "4")
    monkeypatch.setattr(
        prediction_drift, "watched_score", lambda _: WatchedColumn(SCORE, "customer_id")
    )


@pytest.mark.usefixtures("short_look_back")
def test_scores_are_compared_with_those_of_days_that_the_champion_never_saw(graph_run):
    with dg.DagsterInstance.ephemeral() as instance:
        dg.materialize(
            GRAPH,
            selection=["prediction_drift"],
            instance=instance,
            resources=platform_resources(graph_run.settings),
        )
        event = instance.get_latest_materialization_event(dg.AssetKey("prediction_drift"))
    metadata = event.asset_materialization.metadata
    assert metadata["reference_days"].value == "2025-01-19 to 2025-01-22"
    assert metadata["current_days"].value == "2025-01-23 to 2025-01-24"
    assert metadata["judged"].value == 1
    assert metadata["drift_detected"].value is False
    assert 0 < metadata["largest_psi"].value < 0.2
    (row,) = graph_run.table("prediction_drift").collect()
    assert row["feature"] == "score"
