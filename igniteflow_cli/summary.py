"""What a run made: rows, features, quality of the models, their versions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dagster import AssetKey, DagsterInstance, MetadataValue
from rich.console import Console
from rich.table import Table

from igniteflow_cli.instance import dagster_instance


@dataclass(frozen=True)
class _Line:
    label: str
    asset: str
    metadata: str


_LINES = (
    _Line("transactions delivered", "raw_transactions", "dagster/row_count"),
    _Line("transactions kept", "transactions", "dagster/row_count"),
    _Line("transactions quarantined", "quarantined_transactions", "dagster/row_count"),
    _Line("features of each transaction", "fraud_model", "features"),
    _Line("fraud: average precision", "fraud_evaluation", "average_precision"),
    _Line("fraud: AUC", "fraud_evaluation", "auc"),
    _Line("fraud: champion, version", "fraud_champion", "champion_version"),
    _Line("transactions scored", "fraud_scores", "dagster/row_count"),
    _Line("ratings kept", "ratings", "dagster/row_count"),
    _Line("recommendations: nDCG@10", "recommendation_evaluation", "ndcg_at_k"),
    _Line("recommender: champion, version", "recommendation_champion", "champion_version"),
    _Line("recommendations written", "recommendations", "dagster/row_count"),
    _Line("features that drifted", "feature_drift", "drifted_features"),
)


def summary() -> None:
    """Show what the newest materializations hold."""
    console = Console()
    with dagster_instance() as instance:
        console.print(summary_table(instance))


def summary_table(instance: DagsterInstance) -> Table:
    """The newest figures of the main line, a line each; a dash where there is none yet."""
    table = Table(title="IgniteFlow", show_header=False, title_justify="left")
    for line in _LINES:
        value = _metadata(instance, line.asset).get(line.metadata)
        table.add_row(line.label, _text(value), style=None if value is not None else "dim")
    return table


def _metadata(instance: DagsterInstance, asset: str) -> Mapping[str, MetadataValue[Any]]:
    event = instance.get_latest_materialization_event(AssetKey(asset))
    materialization = event.asset_materialization if event else None
    return materialization.metadata if materialization else {}


def _text(value: MetadataValue[Any] | None) -> str:
    if value is None:
        return "-"
    content = value.value
    if isinstance(content, int):
        return f"{content:,}"
    return f"{content:.4f}" if isinstance(content, float) else str(content)
