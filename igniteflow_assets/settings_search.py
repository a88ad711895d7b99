"""A search for settings as an asset, and the settings with what the last search found."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import dagster as dg
import mlflow as tracking
import pandas as pd

from igniteflow_core.config.base import SettingsGroup
from igniteflow_core.readable import readable
from igniteflow_core.schemas.contract import TableContract
from igniteflow_core.settings_search import SearchResult, Trial, with_found
from igniteflow_resources.lake.tables import LakeResource
from igniteflow_resources.mlflow.tracking import MlflowResource

S = TypeVar("S", bound=SettingsGroup)


def recorded_search(
    context: dg.AssetExecutionContext,
    lake: LakeResource,
    mlflow: MlflowResource,
    tables: Sequence[str],
    metric: str,
    search: Callable[[Callable[[Trial], None]], SearchResult],
) -> pd.DataFrame:
    """Search with a child run a trial, and give the rows of the table of what was found.

    Args:
        context: of the asset.
        lake: of which the versions of the tables are kept with the run.
        mlflow: where the runs are.
        tables: what the search reads.
        metric: what a trial's score is.
        search: called with what records a trial.
    """

    def record(trial: Trial) -> None:
        with tracking.start_run(run_name=f"trial {trial.number}", nested=True):
            mlflow.log_params(trial.parameters)
            mlflow.log_metrics({f"validation_{metric}": trial.score})
        context.log.info(f"Trial {trial.number}: {metric} {trial.score:.4f}")

    with mlflow.asset_run(context, lake.versions(*tables)):
        result = search(record)
        mlflow.log_params(result.best.parameters)
        mlflow.log_metrics({f"validation_{metric}": result.best.score})
    found = result.best.parameters
    context.add_output_metadata(
        {
            "trials": len(result.trials),
            f"{metric}_before": readable(result.trials[0].score),
            metric: readable(result.best.score),
            "found": dg.MetadataValue.json(dict(found)),
        }
    )
    return pd.DataFrame({"setting": list(found), "value": [float(v) for v in found.values()]})


def searched_settings(lake: LakeResource, table: TableContract, settings: S) -> S:
    """The settings with what the last search found for the members, if there has been one.

    Args:
        lake: which holds the table.
        table: of what a search found.
        settings: as the files and variables give them.
    """
    if not lake.exists(table.name):
        return settings
    found = lake.read(table.name).collect()
    return with_found(settings, {row["setting"]: row["value"] for row in found})
