"""``igniteflow summary``: rows, features, metrics and versions of models of the newest runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from dagster import AssetKey, DagsterInstance, MetadataValue
from rich.console import Console
from rich.table import Table

from igniteflow_cli.instance import dagster_instance
from igniteflow_cli.page_file import write_page
from igniteflow_cli.run_summary import run_summary
from igniteflow_core.errors import MissingTableError
from igniteflow_core.runs.page import run_page


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

_NONE = "-"


def summary(
    to: Annotated[
        Path | None,
        typer.Option(help="Write a page about the newest run to this file: .html, or .pdf"),
    ] = None,
) -> None:
    """Show figures of the newest materializations, or write a page about the newest run."""
    console = Console()
    with dagster_instance() as instance:
        if to is None:
            console.print(summary_table(instance))
            return
        newest = instance.get_run_records(limit=1)
        if not newest:
            raise MissingTableError(
                "there is no run yet", where="DAGSTER_HOME", fix="run: igniteflow run"
            )
        write_page(run_page(run_summary(instance, newest[0], _figures(instance))), to)
    console.print(f"Wrote {to}", highlight=False, soft_wrap=True)


def summary_table(instance: DagsterInstance) -> Table:
    """Return a table of the newest figures, with one row per figure."""
    table = Table(title="IgniteFlow", show_header=False, title_justify="left")
    for label, figure in _figures(instance).items():
        table.add_row(label, figure, style="dim" if figure == _NONE else None)
    return table


def _figures(instance: DagsterInstance) -> dict[str, str]:
    """Return the figures as text by label; a missing figure is a dash."""
    return {
        line.label: _text(_metadata(instance, line.asset).get(line.metadata)) for line in _LINES
    }


def _metadata(instance: DagsterInstance, asset: str) -> Mapping[str, MetadataValue[Any]]:
    event = instance.get_latest_materialization_event(AssetKey(asset))
    materialization = event.asset_materialization if event else None
    return materialization.metadata if materialization else {}


def _text(value: MetadataValue[Any] | None) -> str:
    if value is None:
        return _NONE
    content = value.value
    if isinstance(content, int):
        return f"{content:,}"
    return f"{content:.4f}" if isinstance(content, float) else str(content)
