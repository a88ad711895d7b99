"""The report of each experiment's results so far, with a decision."""

from datetime import UTC, datetime

import dagster as dg
import pandas as pd
from pyspark.sql import DataFrame

from igniteflow_assets.plots import plot_metadata
from igniteflow_assets.table_assets import table_asset
from igniteflow_core.experiments.analysis import analyse
from igniteflow_core.experiments.plots import plot_looks
from igniteflow_core.schemas.experiments import EXPERIMENT_REPORT
from igniteflow_resources.lake.frames import contract_rows
from igniteflow_resources.settings import SettingsResource
from igniteflow_resources.spark.session import SparkResource

_SHOWN = [
    "experiment", "treatment", "metric", "state", "control_mean", "treatment_mean", "lift",
    "lift_low", "lift_high", "always_low", "always_high", "always_p_value",
]  # fmt: skip


@table_asset(EXPERIMENT_REPORT)
def experiment_report(
    context: dg.AssetExecutionContext,
    exposures: DataFrame,
    outcomes: DataFrame,
    settings: SettingsResource,
    spark: SparkResource,
) -> DataFrame:
    """Compare all treatments of the configured experiments with their control."""
    figures, reports, users = {}, [], []
    now = datetime.now(UTC)
    for experiment in settings.current.experiments:
        analysis = analyse(exposures, outcomes, experiment, now)
        reports.append(analysis.report)
        users.append(
            {
                "experiment": experiment.name,
                **analysis.users,
                "shown several variants": analysis.of_several_variants,
                "outcomes until": str(analysis.outcomes_until),
                "waiting": analysis.waiting,
            }
        )
        for treatment, looks in analysis.looks.items():
            if len(looks):
                figures[f"{experiment.name}: {treatment}"] = plot_looks(
                    looks, experiment.primary.name, treatment
                )
    report = pd.concat(reports) if reports else pd.DataFrame(columns=EXPERIMENT_REPORT.column_names)
    decisions = report.drop_duplicates(["experiment", "treatment"])
    context.add_output_metadata(
        {
            "experiments": len(reports),
            "users": dg.MetadataValue.md(pd.DataFrame(users).to_markdown(index=False)),
            "decisions": dg.MetadataValue.md(
                decisions[
                    ["experiment", "treatment", "decision", "reason", "sample_ratio_p_value"]
                ].to_markdown(index=False)
            ),
            "metrics": dg.MetadataValue.md(report[_SHOWN].round(4).to_markdown(index=False)),
            **plot_metadata(figures),
        }
    )
    return contract_rows(spark.session, report, EXPERIMENT_REPORT)
