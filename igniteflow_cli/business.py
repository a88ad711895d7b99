"""``igniteflow business``: writes the newest business report to a file."""

from pathlib import Path
from typing import Annotated

import typer
from dagster import AssetKey

from igniteflow_cli.instance import dagster_instance
from igniteflow_cli.library_log import library_log
from igniteflow_cli.page_file import write_page
from igniteflow_core.config.load import load_settings
from igniteflow_core.errors import MissingTableError

_ASSET = "business_report"


def business(
    to: Annotated[Path, typer.Option(help="The file to write: .html, or .pdf")] = Path(
        "business_report.html"
    ),
) -> None:
    """Write the newest business report: fraud amounts, alerts, recommendations, experiments."""
    with dagster_instance() as instance:
        event = instance.get_latest_materialization_event(AssetKey(_ASSET))
    materialization = event.asset_materialization if event else None
    if materialization is None:
        raise MissingTableError(
            "there is no business report yet",
            where=_ASSET,
            fix=f"materialize the asset {_ASSET}, or run: igniteflow run",
        )
    with library_log("business") as (console, _):
        # Importing MLflow takes seconds, so other commands do not import it.
        import mlflow  # noqa: PLC0415

        mlflow.set_tracking_uri(load_settings().mlflow.tracking_uri)
        write_page(mlflow.artifacts.load_text(str(materialization.metadata["page"].value)), to)
        console.print(f"Wrote {to}", highlight=False, soft_wrap=True)
