"""An experiment from its tables to its report."""

from dataclasses import dataclass

import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from igniteflow_core.config.experiments import ExperimentSettings
from igniteflow_core.experiments.outcomes import exposed_users, sums_by_day
from igniteflow_core.experiments.report import look_table, report_table
from igniteflow_core.experiments.sample_ratio import sample_ratio_p_value


@dataclass(frozen=True)
class ExperimentAnalysis:
    """What is known of an experiment.

    Attributes:
        report: the rows of EXPERIMENT_REPORT.
        looks: for each treatment the primary metric after each day, from ``look_table``.
        users: exposed users of each variant, whether their outcomes are complete or not.
        of_several_variants: users left out for having been shown several variants, or an unknown.
    """

    report: pd.DataFrame
    looks: dict[str, pd.DataFrame]
    users: dict[str, int]
    of_several_variants: int


def analyse(
    exposures: DataFrame, outcomes: DataFrame, experiment: ExperimentSettings
) -> ExperimentAnalysis:
    """Analyse an experiment as of the latest event in either table.

    Args:
        exposures: the EXPOSURES table.
        outcomes: the OUTCOMES table.
        experiment: the definition.
    """
    users = exposed_users(exposures, experiment).persist()
    counted = {
        row["variant"]: int(row["count"]) for row in users.groupBy("variant").count().collect()
    }
    excluded = counted.pop(None, 0)
    times = exposures.select("event_time").unionByName(outcomes.select("event_time"))
    as_of = times.agg(F.max("event_time").alias("as_of")).collect()[0]["as_of"]
    sums = sums_by_day(users, outcomes, experiment, as_of)
    users.unpersist()
    return ExperimentAnalysis(
        report=report_table(experiment, sums, sample_ratio_p_value(counted, experiment.variants)),
        looks={name: look_table(experiment, sums, name) for name in experiment.treatments},
        users={name: counted.get(name, 0) for name in experiment.variants},
        of_several_variants=excluded,
    )
